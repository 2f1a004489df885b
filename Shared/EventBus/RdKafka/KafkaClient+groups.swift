import CRdKafka

/// Consumer groups as the cluster tells of them. All of it blocks.
extension KafkaClient {
    /// The names of all groups.
    func groupNames(timeoutMilliseconds: Int32) throws(EventError) -> [String] {
        let event = unsafe try ask("list groups", RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, timeoutMilliseconds) {
            options,
            queue in
            unsafe rd_kafka_ListConsumerGroups(handle, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let result = unsafe rd_kafka_event_ListConsumerGroups_result(event)
        let groups = unsafe rd_kafka_ListConsumerGroups_result_valid(result, &count)
        let names = (0..<count).map { index in
            unsafe String(cString: rd_kafka_ConsumerGroupListing_group_id(groups?[index]))
        }
        return names.sorted()
    }

    /// State and members of groups, in the order of their names.
    func describe(groups names: [String], timeoutMilliseconds: Int32) throws(EventError) -> [GroupState] {
        guard !names.isEmpty else { return [] }
        let event = unsafe try ask(
            "describe groups",
            RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
            timeoutMilliseconds
        ) { options, queue in
            unsafe Self.withCStrings(names) { list in
                unsafe rd_kafka_DescribeConsumerGroups(handle, list, names.count, options, queue)
            }
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let result = unsafe rd_kafka_event_DescribeConsumerGroups_result(event)
        let groups = unsafe rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
        return (0..<count).compactMap { unsafe groups?[$0].map { unsafe Self.state(of: $0) } }
            .sorted { $0.name < $1.name }
    }

    @unsafe private static func state(of group: OpaquePointer) -> GroupState {
        let isSimple = unsafe rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(group) != 0
        let state = unsafe rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group))
        let count = unsafe rd_kafka_ConsumerGroupDescription_member_count(group)
        let members = (0..<count).map { index in
            let member = unsafe rd_kafka_ConsumerGroupDescription_member(group, index)
            let assignment = unsafe rd_kafka_MemberDescription_assignment(member)
            let partitions = unsafe rd_kafka_MemberAssignment_partitions(assignment)
            return unsafe GroupState.Member(
                clientID: String(cString: rd_kafka_MemberDescription_client_id(member)),
                host: String(cString: rd_kafka_MemberDescription_host(member)),
                partitions: partitions.map { unsafe Int($0.pointee.cnt) } ?? 0
            )
        }
        return unsafe GroupState(
            name: String(cString: rd_kafka_ConsumerGroupDescription_group_id(group)),
            state: isSimple ? GroupState.simple : state.map { unsafe String(cString: $0) } ?? "Unknown",
            members: members
        )
    }

    /// The offsets that a group has committed.
    func committedOffsets(of group: String, timeoutMilliseconds: Int32) throws(EventError) -> KafkaPartitions {
        guard let request = unsafe rd_kafka_ListConsumerGroupOffsets_new(group, nil) else {
            throw EventError(.broker, "no memory")
        }
        defer { unsafe rd_kafka_ListConsumerGroupOffsets_destroy(request) }
        let event = unsafe try ask(
            "offsets of \(group)",
            RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
            timeoutMilliseconds
        ) { options, queue in
            var list: OpaquePointer? = unsafe request
            unsafe rd_kafka_ListConsumerGroupOffsets(handle, &list, 1, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let result = unsafe rd_kafka_event_ListConsumerGroupOffsets_result(event)
        let groups = unsafe rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
        guard count == 1, let found = unsafe groups?[0],
            let partitions = unsafe rd_kafka_group_result_partitions(found)
        else { return KafkaPartitions([]) }
        return unsafe KafkaPartitions(copying: UnsafeMutablePointer(mutating: partitions))
    }

    /// Sends one administrative request and waits for its answer, which the caller destroys.
    private func ask(
        _ what: String,
        _ operation: rd_kafka_admin_op_t,
        _ timeoutMilliseconds: Int32,
        _ send: (OpaquePointer?, OpaquePointer?) -> Void
    ) throws(EventError) -> OpaquePointer {
        let options = unsafe rd_kafka_AdminOptions_new(handle, operation)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        unsafe _ = rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, nil, 0)
        let queue = unsafe rd_kafka_queue_new(handle)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        unsafe send(options, queue)
        guard let event = unsafe rd_kafka_queue_poll(queue, timeoutMilliseconds + 1000) else {
            throw EventError(.broker, "\(what): no answer")
        }
        let code = unsafe rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            unsafe rd_kafka_event_destroy(event)
            throw EventError(.broker, "\(what): \(Self.name(code))")
        }
        return unsafe event
    }

    private static func withCStrings(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Void
    ) {
        // One block that holds all of them, each ended by a zero.
        let bytes = texts.flatMap { $0.utf8CString }
        let starts = texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8CString.count) }
        unsafe bytes.withUnsafeBufferPointer { block in
            var list = unsafe starts.dropLast().map { start in unsafe block.baseAddress.map { unsafe $0 + start } }
            unsafe list.withUnsafeMutableBufferPointer { list in
                if let start = list.baseAddress { unsafe body(start) }
            }
        }
    }
}
