import KafkaProtocol

/// A record of `__consumer_offsets` about a group whose assignments the broker makes, in Apache Kafka's form: the key tells
/// the kind (ConsumerGroupMetadata 3, MemberMetadata 5, TargetAssignmentMetadata 6, TargetAssignmentMember 7,
/// CurrentMemberAssignment 8). The hash of the topics (tag 0 of kind 3) is our own.
///
///     key:   kind i16 | group string | member string, for kinds 5, 7 and 8
///     value: version i16 = 0 | fields in the flexible form | tags; absent: gone
struct ConsumerGroupRecord: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        case epoch(Int32, topicsHash: Int64)
        case targetEpoch(Int32)
        case subscription(String, MemberSubscription?)
        case target(String, Assignment?)
        case standing(String, MemberStanding?)
        /// The group itself, or its target epoch.
        case gone(Kind)
    }

    enum Kind: Int16, Sendable {
        case epoch = 3
        case subscription = 5
        case targetEpoch = 6
        case target = 7
        case standing = 8
    }

    let group: String
    let content: Content

    init(group: String, content: Content) { (self.group, self.content) = (group, content) }

    private var kind: Kind {
        switch content {
        case .epoch: .epoch
        case .targetEpoch: .targetEpoch
        case .subscription: .subscription
        case .target: .target
        case .standing: .standing
        case .gone(let kind): kind
        }
    }

    private var member: String? {
        switch content {
        case .subscription(let member, _), .target(let member, _), .standing(let member, _): member
        case .epoch, .targetEpoch, .gone: nil
        }
    }

    var key: [UInt8] {
        var writer = WireWriter()
        writer.int16(kind.rawValue)
        writer.string(group)
        if let member { writer.string(member) }
        return writer.bytes
    }

    /// Nil: what the key stands for is gone.
    var value: [UInt8]? {
        var writer = WireWriter()
        writer.int16(0)
        writer.isFlexible = true
        switch content {
        case .epoch(let epoch, let hash):
            writer.int32(epoch)
            writer.tag(0, hash)
            return writer.bytes
        case .targetEpoch(let epoch): writer.int32(epoch)
        case .subscription(_, let subscription?): subscription.encode(to: &writer)
        case .target(_, let target?): target.encode(to: &writer)
        case .standing(_, let standing?): standing.encode(to: &writer)
        case .subscription, .target, .standing, .gone: return nil
        }
        writer.tags()
        return writer.bytes
    }

    /// Reads a record; nil for one of another kind. Errors: what the bytes lack.
    init?(_ record: Record) throws(WireError) {
        guard let keyBytes = record.key else { return nil }
        var key = WireReader(Array(keyBytes))
        guard let kind = Kind(rawValue: try key.int16()) else { return nil }
        group = try key.string()
        let member = kind == .epoch || kind == .targetEpoch ? "" : try key.string()
        guard let bytes = record.value else {
            content =
                switch kind {
                case .epoch, .targetEpoch: .gone(kind)
                case .subscription: .subscription(member, nil)
                case .target: .target(member, nil)
                case .standing: .standing(member, nil)
                }
            return
        }
        var value = WireReader(Array(bytes))
        guard try value.int16() == 0 else { return nil }
        value.isFlexible = true
        content =
            switch kind {
            case .epoch: .epoch(try value.int32(), topicsHash: try value.tag(0) ?? 0)
            case .targetEpoch: .targetEpoch(try value.int32())
            case .subscription: .subscription(member, try MemberSubscription(from: &value))
            case .target: .target(member, try Assignment(from: &value))
            case .standing: .standing(member, try MemberStanding(from: &value))
            }
    }
}

extension ConsumerGroup {
    /// The record of what a change has come to.
    func record(of change: Change) -> ConsumerGroupRecord {
        let content: ConsumerGroupRecord.Content =
            switch change {
            case .epoch: .epoch(epoch, topicsHash: topicsHash)
            case .targetEpoch: .targetEpoch(targetEpoch)
            case .subscription(let member): .subscription(member, members[member]?.subscription)
            case .target(let member): .target(member, targets[member])
            case .standing(let member): .standing(member, members[member]?.standing)
            }
        return ConsumerGroupRecord(group: id, content: content)
    }

    /// The records by which a group without members is forgotten.
    var obituary: [ConsumerGroupRecord] {
        [.init(group: id, content: .gone(.targetEpoch)), .init(group: id, content: .gone(.epoch))]
    }
}

extension MemberSubscription {
    fileprivate init(from reader: inout WireReader) throws(WireError) {
        instanceID = try reader.nullableString()
        rackID = try reader.nullableString()
        clientID = try reader.string()
        clientHost = try reader.string()
        topics = Set(try reader.array { (reader: inout WireReader) throws(WireError) in try reader.string() })
        expression = try reader.nullableString()
        rebalanceTimeout = try reader.int32()
        assignor = try reader.nullableString()
    }

    fileprivate func encode(to writer: inout WireWriter) {
        writer.string(instanceID)
        writer.string(rackID)
        writer.string(clientID)
        writer.string(clientHost)
        writer.array(topics.sorted()) { writer, name in writer.string(name) }
        writer.string(expression)
        writer.int32(rebalanceTimeout)
        writer.string(assignor)
    }
}

extension MemberStanding {
    fileprivate init(from reader: inout WireReader) throws(WireError) {
        epoch = try reader.int32()
        previousEpoch = try reader.int32()
        // A later version's state: the member waits, and gets its target anew.
        state = State(rawValue: try reader.int8()) ?? .unreleased
        assigned = try Assignment(from: &reader)
        revoking = try Assignment(from: &reader)
    }

    fileprivate func encode(to writer: inout WireWriter) {
        writer.int32(epoch)
        writer.int32(previousEpoch)
        writer.int8(state.rawValue)
        assigned.encode(to: &writer)
        revoking.encode(to: &writer)
    }
}

extension WireWriter {
    /// All tagged fields of a structure that has only this one.
    fileprivate mutating func tag(_ number: UInt32, _ value: Int64) {
        unsignedVarint(1)
        unsignedVarint(number)
        unsignedVarint(8)
        int64(value)
    }
}

extension WireReader {
    /// The tagged field of this number, of a structure's tagged fields; nil when it is not there.
    fileprivate mutating func tag(_ number: UInt32) throws(WireError) -> Int64? {
        var found: Int64?
        for _ in 0..<(try unsignedVarint()) {
            let tag = try unsignedVarint()
            var field = WireReader(Array(try slice(Int(try unsignedVarint()))))
            if tag == number { found = try field.int64() }
        }
        return found
    }
}
