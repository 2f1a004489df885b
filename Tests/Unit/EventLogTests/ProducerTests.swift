import KafkaProtocol
import System
import Testing

@testable import EventLog

@Suite struct ProducerTests {
    @Test func `a batch sent twice is stored once and gets its first offsets`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let first = try bench.appendDurably(log, ["a", "b"], producer: (7, 0, 0))
        _ = try bench.appendDurably(log, ["c"], producer: (7, 0, 2))
        let again = try bench.appendDurably(log, ["a", "b"], producer: (7, 0, 0))
        #expect(again.isDuplicate)
        #expect(again.baseOffset == first.baseOffset)
        #expect(try bench.values(log) == ["a", "b", "c"])
    }

    @Test(arguments: [false, true])
    func `a batch sent again after a restart is stored once`(clean: Bool) throws {
        let bench = try LogBench()
        let log = try bench.log()
        for sequence in 0..<8 { _ = try bench.appendDurably(log, ["v"], producer: (7, 0, Int32(sequence))) }
        let again = try bench.reopened(clean: clean)
        let recovered = try #require(again.store.partition("topic", 0))
        let repeated = try again.appendDurably(recovered, ["v"], producer: (7, 0, 5))
        #expect(repeated.isDuplicate && repeated.baseOffset == 5)
        #expect(try again.appendDurably(recovered, ["w"], producer: (7, 0, 8)).baseOffset == 8)
    }

    @Test func `a gap in the sequence is refused`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"], producer: (7, 0, 0))
        #expect(throws: LogError.outOfOrderSequence) { try log.append(LogBench.batch(["c"], producer: (7, 0, 2))) }
    }

    @Test func `an older epoch is fenced and a newer one begins at zero`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"], producer: (7, 1, 0))
        #expect(throws: LogError.invalidProducerEpoch) { try log.append(LogBench.batch(["b"], producer: (7, 0, 1))) }
        #expect(throws: LogError.outOfOrderSequence) { try log.append(LogBench.batch(["b"], producer: (7, 2, 1))) }
        #expect(try bench.appendDurably(log, ["b"], producer: (7, 2, 0)).baseOffset == 1)
    }

    @Test func `sequences wrap to zero`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"], producer: (7, 0, .max))
        #expect(try bench.appendDurably(log, ["b"], producer: (7, 0, 0)).baseOffset == 1)
    }

    /// How the store was ended before it is looked at.
    enum End: CaseIterable {
        case none, killed, closed
    }

    @Test(arguments: End.allCases)
    func `an open transaction holds the stable end and an abort is listed`(end: End) throws {
        var bench = try LogBench()
        let owner = bench
        var log = try bench.log()
        _ = try bench.appendDurably(log, ["a"])
        _ = try log.append(LogBench.batch(["b"], producer: (9, 0, 0), isTransactional: true))
        _ = try bench.appendDurably(log, ["c"])
        #expect(log.bounds.stableEnd == 1)
        let marker = try log.appendMarker(producerID: 9, producerEpoch: 0, commits: false, coordinatorEpoch: 0)
        try LogBench.wait(log, for: marker)
        if end != .none {
            bench = try owner.reopened(clean: end == .closed)
            log = try #require(bench.store.partition("topic", 0))
        }
        #expect(log.bounds.stableEnd == 4)
        #expect(log.abortedTransactions(in: 0..<2).map(\.producerID) == [9])
        #expect(log.abortedTransactions(in: 0..<1).isEmpty)
    }
}
