import Testing

@testable import LogBroker

struct PendingOffsetsTests {
    private func record(_ group: String, _ partition: Int32, _ offset: Int64) -> OffsetRecord {
        OffsetRecord(
            group: group,
            partition: TopicPartition(topic: "t", partition: partition),
            value: CommittedOffset(offset: offset, leaderEpoch: -1, metadata: "", timestamp: 1)
        )
    }

    @Test func `a transaction's last offset for a partition is the one that counts`() {
        var pending = PendingOffsets()
        pending.add(record("g", 0, 1), by: 7)
        pending.add(record("g", 0, 2), by: 7)
        pending.add(record("g", 1, 9), by: 8)
        #expect(pending.partitions(of: "g").count == 2)
        #expect(pending.partitions(of: "h").isEmpty)
        #expect(pending.end(7) == [record("g", 0, 2)])
        #expect(pending.end(7).isEmpty)
        #expect(pending.partitions(of: "g") == [TopicPartition(topic: "t", partition: 1)])
    }

    @Test func `what was not stored does not count`() {
        var pending = PendingOffsets()
        pending.add(record("g", 0, 1), by: 7)
        pending.remove(record("g", 0, 1), by: 7)
        #expect(pending.end(7).isEmpty && pending.isEmpty)
    }
}
