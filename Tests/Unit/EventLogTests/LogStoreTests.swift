import KafkaProtocol
import Synchronization
import System
import Telemetry
import Testing

@testable import EventLog

@Suite struct LogStoreTests {
    @Test func `a durable append can be read and has the next offsets`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let first = try bench.appendDurably(log, ["a", "b"])
        let second = try bench.appendDurably(log, ["c"])
        #expect(first.baseOffset == 0 && first.lastOffset == 1)
        #expect(second.baseOffset == 2)
        #expect(log.bounds.durableEnd == 3)
        #expect(try bench.values(log) == ["a", "b", "c"])
    }

    @Test func `records survive a restart without a clean stop`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        for number in 0..<50 { _ = try bench.appendDurably(log, ["value \(number)"]) }
        let again = try bench.reopened(clean: false)
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(recovered.bounds.durableEnd == 50)
        #expect(try again.values(recovered) == (0..<50).map { "value \($0)" })
        #expect(recovered.leaderEpoch == log.leaderEpoch + 1)
        #expect(again.store.topic(named: "topic")?.id == bench.store.topic(named: "topic")?.id)
    }

    @Test func `records survive a clean stop and appends go on behind them`() throws {
        let bench = try LogBench()
        _ = try bench.appendDurably(try bench.log(), ["a"])
        let again = try bench.reopened(clean: true)
        let log = try #require(again.store.partition("topic", 0))
        #expect(try again.appendDurably(log, ["b"]).baseOffset == 1)
        #expect(try again.values(log) == ["a", "b"])
        #expect(try log.end(ofEpoch: 0)?.endOffset == 1)
        #expect(try log.end(ofEpoch: 1)?.endOffset == 2)
    }

    @Test func `a log of several segments is read across them`() throws {
        let bench = try LogBench()
        let log = try bench.log(["segment.bytes": "2048", "index.interval.bytes": "0"])
        for number in 0..<100 { _ = try bench.appendDurably(log, ["value \(number)"]) }
        let again = try bench.reopened(clean: false)
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(try again.values(recovered) == (0..<100).map { "value \($0)" })
        let middle = try recovered.readBlocking(from: 57, maxBytes: 1)
        #expect(try LogBench.values(middle) == ["value 57"])
    }

    @Test func `a torn append is cut off`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"])
        bench.store.close()
        let path = "\(bench.directory)/topic-0/00000000000000000000.log"
        let file = try PosixFileSystem().open(path, creating: false)
        let size = try file.size()
        try file.write(Array(repeating: 7, count: 40), at: size)
        // The clean mark speaks of the end before the torn bytes, so the crash has to come after another start.
        let again = try LogBench(directory: bench.directory)
        again.abandon()
        let third = try LogBench(directory: bench.directory)
        let recovered = try #require(third.store.partition("topic", 0))
        #expect(recovered.bounds.durableEnd == 1)
        #expect(try third.appendDurably(recovered, ["b"]).baseOffset == 1)
        #expect(try third.values(recovered) == ["a", "b"])
    }

    @Test func `a damaged batch is reported and those behind it stay readable`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let batchSize = LogBench.batch(["a"]).count
        for value in ["a", "b", "c"] { _ = try bench.appendDurably(log, [value]) }
        bench.store.close()
        let file = try PosixFileSystem().open("\(bench.directory)/topic-0/00000000000000000000.log", creating: false)
        try file.write([0xFF], at: batchSize + 65)
        let again = try LogBench(directory: bench.directory)
        let damaged = try #require(again.store.partition("topic", 0))
        #expect(try LogBench.values(damaged.readBlocking(from: 0, maxBytes: 1 << 20)) == ["a"])
        #expect(throws: LogError.corruptBatch) { try damaged.readBlocking(from: 1, maxBytes: 1 << 20) }
        #expect(try LogBench.values(damaged.readBlocking(from: 2, maxBytes: 1 << 20)) == ["c"])
    }

    @Test func `damage is reported in the middle of many segments too`() throws {
        let bench = try LogBench()
        let log = try bench.log(["segment.bytes": "1024", "index.interval.bytes": "100"])
        for number in 0..<60 { _ = try bench.appendDurably(log, ["value \(number)"], timestamp: 1000) }
        bench.store.close()
        let size = LogBench.batch(["value 10"]).count
        let file = try PosixFileSystem().open("\(bench.directory)/topic-0/00000000000000000000.log", creating: false)
        try file.write([0xFF], at: 10 * size + 60)
        let again = try LogBench(directory: bench.directory)
        let damaged = try #require(again.store.partition("topic", 0))
        let before = try LogBench.values(damaged.readBlocking(from: 0, maxBytes: 1 << 20))
        #expect(before.last == "value 9" || before.last == "value 10")
        let lost = Int64(before.count)
        #expect(throws: LogError.corruptBatch) { try damaged.readBlocking(from: lost, maxBytes: 1 << 20) }
        #expect(try LogBench.values(damaged.readBlocking(from: lost + 1, maxBytes: 1)) == ["value \(lost + 1)"])
        #expect(try LogBench.values(damaged.readBlocking(from: 59, maxBytes: 1)) == ["value 59"])
    }

    @Test func `a batch with a wrong checksum is refused`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        var batch = LogBench.batch(["a"])
        batch[66] ^= 1
        let broken = batch
        #expect(throws: LogError.corruptBatch) { try log.append(broken) }
        #expect(throws: LogError.invalidRecord("no whole batch")) { try log.append([1, 2, 3]) }
    }

    @Test(arguments: ["gzip": Compression.gzip, "snappy": .snappy, "lz4": .lz4, "zstd": .zstd, "uncompressed": .none])
    func `a topic stores its batches in the codec that it asks for`(setting: String, codec: Compression) throws {
        let bench = try LogBench()
        let log = try bench.log(["compression.type": setting])
        _ = try bench.appendDurably(log, ["a", "b"])
        let stored = try #require(try log.read(from: 0, maxBytes: 1000)?.chunks.first)
        let header = try RecordBatchHeader(Array(stored).span)
        #expect(header.attributes.compression == codec)
        try header.verifyChecksum(Array(stored).span)
        var records = try RecordCursor(Array(stored))
        #expect(try records.next()?.value.map(Array.init) == Array("a".utf8))
        #expect(try records.next()?.value.map(Array.init) == Array("b".utf8))
    }

    @Test func `a compacted topic refuses records without a key and tells which`() throws {
        let bench = try LogBench()
        let log = try bench.log(["cleanup.policy": "compact"])
        #expect(throws: LogError.missingKeys([0, 1])) { try log.append(LogBench.batch(["a", "b"])) }
    }

    @Test func `records whose times are too far from now are refused and told, one by one`() throws {
        let bench = try LogBench()
        let log = try bench.log(["message.timestamp.before.max.ms": "1000", "message.timestamp.after.max.ms": "1000"])
        let now = WallClock.system.now.milliseconds
        var builder = RecordBatchBuilder()
        for age in [0, -60_000, 60_000, -500] as [Int64] {
            builder.append(timestamp: now + age, key: nil, value: [1])
        }
        let batch = try builder.finish()
        #expect(throws: LogError.invalidTimestamps([1, 2])) { try log.append(batch) }
        var stamped = RecordBatchBuilder(attributes: .logAppendTime)
        stamped.append(timestamp: now, key: nil, value: [1])
        let broker = try stamped.finish()
        #expect(throws: LogError.invalidTimestamps([0])) { try log.append(broker) }
    }

    @Test func `offsets outside the log are out of range`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"])
        #expect(throws: LogError.offsetOutOfRange) { try log.read(from: 2, maxBytes: 100) }
        #expect(throws: LogError.offsetOutOfRange) { try log.read(from: -1, maxBytes: 100) }
        #expect(try log.read(from: 1, maxBytes: 100)?.byteCount == 0)
    }

    @Test func `a waiter is told when the end has moved and not after it was cancelled`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let calls = Counter()
        let id = try #require(log.whenDurable(upTo: 1) { _ in calls.add() })
        log.cancel(id)
        _ = log.whenDurable(upTo: 2) { _ in calls.add() }
        _ = try bench.appendDurably(log, ["a"])
        #expect(calls.value == 0)
        _ = try bench.appendDurably(log, ["b"])
        #expect(calls.value == 1)
    }

    @Test func `records are found by time and the greatest time is known`() throws {
        let bench = try LogBench()
        let log = try bench.log(["segment.bytes": "1024", "index.interval.bytes": "0"])
        for number in 0..<40 {
            _ = try bench.appendDurably(log, ["x"], timestamp: 1_000_000 + Int64(number) * 10)
        }
        #expect(try log.offset(forTimestamp: 1_000_155) == .init(offset: 16, timestamp: 1_000_160))
        #expect(try log.offset(forTimestamp: 0)?.offset == 0)
        #expect(try log.offset(forTimestamp: 2_000_000) == nil)
        #expect(try log.maximumTimestamp() == .init(offset: 39, timestamp: 1_000_390))
    }

    /// Asked of Apache Kafka 4.2, it names the marker too, by time and as the greatest.
    @Test func `a transaction's marker is found by its time`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        let batch = LogBench.batch(["long ago"], timestamp: 1000, producer: (9, 0, 0), isTransactional: true)
        try LogBench.wait(log, for: log.append(batch))
        let marker = try log.appendMarker(producerID: 9, producerEpoch: 0, commits: true, coordinatorEpoch: 0)
        try LogBench.wait(log, for: marker)
        #expect(try log.maximumTimestamp()?.offset == marker.baseOffset)
        #expect(try log.offset(forTimestamp: 1001)?.offset == marker.baseOffset)
        #expect(try log.offset(forTimestamp: 1000) == .init(offset: 0, timestamp: 1000))
    }

    @Test func `deleted records are gone for good and their segments removed`() throws {
        let bench = try LogBench()
        let log = try bench.log(["segment.bytes": "1024"])
        for number in 0..<60 { _ = try bench.appendDurably(log, ["value \(number)"]) }
        let before = try log.size()
        #expect(try bench.store.deleteRecords("topic", 0, before: 30) == 30)
        #expect(throws: LogError.offsetOutOfRange) { try log.read(from: 29, maxBytes: 100) }
        #expect(try log.size() < before)
        let again = try bench.reopened(clean: false)
        let recovered = try #require(again.store.partition("topic", 0))
        #expect(recovered.bounds.start == 30)
        #expect(try again.values(recovered).first == "value 30")
    }

    @Test func `retention removes what is too old or too much`() throws {
        let bench = try LogBench()
        let log = try bench.log(["segment.bytes": "1024", "retention.ms": "1000"])
        for _ in 0..<30 { _ = try bench.appendDurably(log, ["old"], timestamp: 1) }
        _ = try bench.appendDurably(log, ["new"], timestamp: bench.now)
        bench.store.applyRetention()
        #expect(log.bounds.start > 10)
        #expect(try bench.values(log).last == "new")
    }

    @Test(arguments: [true, false])
    func `records that are too old go although nobody writes to the partition any more`(stopsCleanly: Bool) throws {
        let bench = try LogBench()
        let log = try bench.log(["retention.ms": "1000"])
        for value in ["a", "b", "c"] { _ = try bench.appendDurably(log, [value], timestamp: 1) }
        bench.store.applyRetention()
        #expect(log.bounds.start == 3 && log.bounds.durableEnd == 3)
        #expect(try bench.values(log).isEmpty)
        // Not even without the checkpoint is an offset given twice.
        bench.store.close()
        if !stopsCleanly { try PosixFileSystem().remove("\(bench.directory)/checkpoint") }
        let again = try LogBench(directory: bench.directory)
        let reopened = try #require(again.store.partition("topic", 0))
        #expect(reopened.bounds.start == 3)
        #expect(try again.appendDurably(reopened, ["d"]).baseOffset == 3)
        #expect(try again.values(reopened) == ["d"])
    }

    @Test func `a deleted topic leaves no files and its name can be used again`() throws {
        let bench = try LogBench()
        let log = try bench.log()
        _ = try bench.appendDurably(log, ["a"])
        try bench.store.deleteTopic("topic")
        #expect(throws: LogError.unknownTopicOrPartition) { try log.append(LogBench.batch(["b"])) }
        // A checkpoint may be on its way in beside the one that is there.
        let names = try PosixFileSystem().names(in: bench.directory).filter { !$0.hasPrefix("checkpoint") }
        #expect(names.sorted() == ["metadata", "ring"])
        let fresh = try bench.log()
        #expect(fresh.topicID != log.topicID)
        #expect(try bench.appendDurably(fresh, ["c"]).baseOffset == 0)
    }

    @Test func `topics come back from their directories when the metadata is damaged`() throws {
        let bench = try LogBench()
        _ = try bench.appendDurably(try bench.log(), ["a"])
        let id = bench.store.topic(named: "topic")?.id
        bench.store.close()
        try PosixFileSystem().open("\(bench.directory)/metadata", creating: false).write([0], at: 20)
        let again = try LogBench(directory: bench.directory)
        #expect(again.store.topic(named: "topic")?.id == id)
        #expect(try again.values(try #require(again.store.partition("topic", 0))) == ["a"])
    }

    @Test func `a stored setting that is not allowed any more takes no other with it`() throws {
        let settings = ["min.cleanable.dirty.ratio": "0.5", "retention.ms": "77"]
        var metadata = StoreMetadata(clusterID: .version7(at: WallClock.system.now), leaderEpoch: 3)
        let configuration = try TopicConfiguration(overrides: settings)
        metadata.topics["t"] = Topic(name: "t", id: metadata.clusterID, partitions: 2, configuration: configuration)
        let body = try #require(ChecksummedFile.decode(metadata.encoded, kind: .metadata))
        var bytes = Array(body)
        let place = try #require(bytes.firstRange(of: Array("0.5".utf8))).lowerBound
        bytes[place] = UInt8(ascii: "9")
        let read = try #require(StoreMetadata(ChecksummedFile.encode(bytes, kind: .metadata), defaults: [:]))
        #expect(read.topics["t"]?.configuration.overrides == ["retention.ms": "77"])
        #expect(read.refusedSettings == ["t: min.cleanable.dirty.ratio=9.5"])
    }

    @Test(arguments: ["", ".", "..", "a/b", "ü", String(repeating: "x", count: 250)])
    func `an illegal topic name is refused`(name: String) throws {
        let bench = try LogBench()
        #expect(throws: LogError.invalidTopicName) { try bench.store.createTopic(name, partitions: 1) }
    }
}
