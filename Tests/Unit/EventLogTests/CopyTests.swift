import KafkaProtocol
import Synchronization
import System
import TestSupport
import Testing

@testable import EventLog

/// Copies of a store that is at work.
@Suite struct CopyTests {
    private let target: TemporaryDirectory

    init() throws { target = try TemporaryDirectory() }

    /// Copies in the background; `whileHeld` runs while the store stands still.
    private func copy(
        _ store: LogStore,
        to directory: String,
        milliseconds: Int32 = 20_000,
        whileHeld: (LogHold) throws -> Void
    ) throws -> Result<Void, LogCopyError> {
        let hold = try LogHold(milliseconds: milliseconds)
        let (held, done) = (try Semaphore(), try Semaphore())
        let outcome = Outcome()
        store.background {
            let result = Result { () throws(LogCopyError) in
                try store.copy(to: directory, during: hold) { held.signal() }
            }
            outcome.result.withLock { $0 = result }
            held.signal()
            done.signal()
        }
        held.wait()
        try whileHeld(hold)
        done.wait()
        return try #require(outcome.result.withLock { $0 })
    }

    private final class Outcome: Sendable {
        let result = Mutex<Result<Void, LogCopyError>?>(nil)
    }

    @Test func `a copy holds what was durable at its instant, and a store goes on from it`() throws {
        let bench = try LogBench()
        let log = try bench.log(["segment.bytes": "2048", "index.interval.bytes": "0"])
        for number in 0..<100 { _ = try bench.appendDurably(log, ["value \(number)"]) }
        let late = Counter()
        let copied = try copy(bench.store, to: target.path) { hold in
            let appended = try log.append(LogBench.batch(["late"]))
            log.whenDurable(appended) { _ in late.add() }
            Thread.pause(milliseconds: 50)
            #expect(late.value == 0 && log.bounds.durableEnd == 100, "nothing is acknowledged meanwhile")
            #expect(try bench.values(log).count == 100)
            #expect(hold.release())
        }
        try copied.get()
        #expect(try bench.appendDurably(log, ["later"]).baseOffset == 101)
        #expect(late.value == 1)

        let image = try LogImage(directory: target.path)
        let partition = try #require(image.partitions.first { $0.topic == "topic" })
        #expect(partition.offsets == 0..<100)
        var offsets = 0
        try image.forEachBatch(of: partition) { header, _ in offsets += Int(header.recordCount) }
        #expect(offsets == 100)

        let again = try LogBench(directory: target.path)
        #expect(again.store.clusterID == bench.store.clusterID)
        let restored = try #require(again.store.partition("topic", 0))
        #expect(try again.values(restored) == (0..<100).map { "value \($0)" })
        #expect(try again.appendDurably(restored, ["other"]).baseOffset == 100)
    }

    @Test func `a producer is known to the copy, so that what it sends again is stored once`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"], producer: (7, 0, 0))
        try copy(bench.store, to: target.path) { $0.release() }.get()
        let again = try LogBench(directory: target.path)
        let restored = try #require(again.store.partition("topic", 0))
        #expect(try again.appendDurably(restored, ["a"], producer: (7, 0, 0)).isDuplicate)
    }

    @Test func `a hold that nobody releases ends, and there is no copy`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let copied = try copy(bench.store, to: target.path, milliseconds: 50) { hold in
            _ = try bench.appendDurably(log, ["a"])
            #expect(!hold.release(), "who comes late is told so")
        }
        #expect(throws: LogCopyError.expired) { try copied.get() }
    }

    @Test func `a store that closes does not wait for a hold`() throws {
        let bench = try LogBench()
        _ = try bench.log()
        let copied = try copy(bench.store, to: target.path) { _ in bench.store.close() }
        #expect(throws: LogCopyError.expired) { try copied.get() }
    }

    @Test func `a batch that is damaged, missing or too much is found in a copy`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let size = LogBench.batch(["a"]).count
        for _ in 0..<3 { _ = try bench.appendDurably(log, ["a"]) }
        try copy(bench.store, to: target.path) { $0.release() }.get()
        let path = "\(target.path)/topic-0/00000000000000000000.log"
        let sound = try File.read(path)
        var flipped = sound
        flipped[size + 70] ^= 1
        for broken in [flipped, Array(sound.dropLast(size)), sound + sound.suffix(size), Array(sound.dropFirst(size))] {
            try File.replace(path, with: broken)
            let image = try LogImage(directory: target.path)
            let partition = try #require(image.partitions.first { $0.topic == "topic" })
            #expect(throws: LogImage.Damage.self) { try image.forEachBatch(of: partition) { _, _ in } }
        }
        try File.replace("\(target.path)/checkpoint", with: [1, 2, 3])
        #expect(throws: LogImage.Damage.self) { try LogImage(directory: target.path) }
    }
}
