import Persistence
import System
import Telemetry

/// Finds a group's places on a cluster that Marquee was moved to after a drained stop, without ever skipping a record.
///
/// A partition of the new cluster is a copy of the old one, with its offsets, or begins anew. It is a copy when the record
/// before the group's place is the one that the group applied last there: its outbox row says so, or its id in the inbox.
/// It begins anew when it ends before the place, or is a compacted topic, which is read from its start. Where nothing can
/// tell, for records that may be lost and are applied in batches, the place is believed. Anything else is refused.
struct ClusterAdoption {
    private static let watermarkMilliseconds: Int32 = 5000
    private static let pollMilliseconds: Int32 = 100
    private static let polls = 50

    let owner: EventConsumer
    let cluster: String

    /// Takes over the places of the other clusters.
    func run(_ others: [String]) async throws {
        let group = owner.configuration.places
        let (stored, applied) = try await owner.database.read { connection in
            (
                try others.flatMap { try connection.offsets(cluster: $0, group: group) },
                try connection.appliedPositions(group: group)
            )
        }
        let reader = try KafkaConsumer(owner.kafka, group: nil, logger: owner.logger)
        defer { reader.close() }
        var adopted: [ConsumerOffset] = []
        for place in stored where owner.topics[place.topic] != nil {
            var place = place
            place.next = try await next(place, Set(applied), reader)
            adopted.append(place)
        }
        let (places, cluster) = (adopted, cluster)
        try await owner.database.write { try $0.adoptCluster(cluster, group: group, places) }
        let copies = zip(stored.filter { owner.topics[$0.topic] != nil }, places).count { $0 == $1 }
        owner.logger.notice(
            "offsets taken over",
            metadata: ["copied": .count(copies), "anew": .count(places.count - copies)]
        )
    }

    private func next(
        _ place: ConsumerOffset,
        _ applied: Set<OutboxPosition>,
        _ reader: KafkaConsumer
    ) async throws -> Int64 {
        let log = try reader.client.watermarks(
            place.topic,
            place.partition,
            timeoutMilliseconds: Self.watermarkMilliseconds
        )
        let isTable = owner.topics[place.topic]?.retention == .compacted
        if isTable || place.next == 0 || place.next > log.upperBound { return log.lowerBound }
        let last = try record(of: place, at: place.next - 1, reader)
        if let last, let position = OutboxPosition(last), applied.contains(position) { return place.next }
        if let last, try await isInInbox(last) { return place.next }
        if let last, isUnprovable(last) { return place.next }
        throw EventError(
            .otherCluster,
            "\(place.topic) [\(place.partition)] holds \(log) and is no copy: what lies before \(place.next) is unknown"
        )
    }

    /// A producer that may lose numbers no rows, and who applies in batches keeps no ids: nothing could tell a copy there, and
    /// what would be missed is what may be lost.
    private func isUnprovable(_ record: KafkaRecord) -> Bool {
        guard case .batch = owner.effect else { return false }
        return OutboxPosition(record) == nil
    }

    private func record(of place: ConsumerOffset, at offset: Int64, _ reader: KafkaConsumer) throws -> KafkaRecord? {
        try reader.assign(KafkaPartitions([(place.topic, place.partition, offset)]))
        defer { try? reader.assign(KafkaPartitions([])) }  // The next assignment replaces it in any case.
        for _ in 0..<Self.polls {
            switch reader.poll(milliseconds: Self.pollMilliseconds) {
            case .record(let record): return record.offset == offset ? record : nil
            case .end, .outOfRange: return nil
            case .error, nil: continue
            }
        }
        throw EventError(.broker, "\(place.topic) [\(place.partition)] cannot be read")
    }

    private func isInInbox(_ record: KafkaRecord) async throws -> Bool {
        let event = try? Event(topic: record.topic, key: record.key, headers: record.headers, value: record.value)
        guard let event else { return false }
        let source = owner.configuration.group + event.source
        return try await owner.database.read { try $0.isInInbox(source: source, id: event.id.description) }
    }
}
