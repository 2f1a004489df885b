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

    @Test func `deleting a group's offset takes away what transactions gave for it before, and nothing else`() {
        var pending = PendingOffsets()
        var (early, late, deletion) = (record("g", 0, 1), record("g", 0, 2), record("g", 0, 0))
        (early.position, deletion.position, late.position) = (3, 4, 5)
        pending.add(early, by: 7)
        pending.add(late, by: 8)
        pending.add(record("h", 0, 3), by: 7)
        pending.delete(deletion)
        #expect(pending.end(7) == [record("h", 0, 3)])
        #expect(pending.end(8) == [late])
    }

    @Test func `what was not stored does not count`() {
        var pending = PendingOffsets()
        pending.add(record("g", 0, 1), by: 7)
        pending.remove(record("g", 0, 1), by: 7)
        #expect(pending.end(7).isEmpty && pending.isEmpty)
    }
}
