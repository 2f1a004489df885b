import KafkaProtocol

/// What the log remembers of idempotent producers: for each its epoch and last five batches, so that a batch sent twice
/// is stored once (Kafka's ProducerStateManager; KIP-98).
///
/// Snapshot body, after `ChecksummedFile`'s header:
/// ```
///   offset i64 | count i32 | count x producer
///   producer: id i64 | epoch i16 | last timestamp i64 | transaction's first offset i64 (-1: none) | n i8 | n x batch
///   batch:    first sequence i32 | last sequence i32 | last offset i64 | offset delta i32 | timestamp i64
/// ```
struct ProducerTable: Sendable, Equatable {
    /// How many batches of a producer are remembered; clients keep at most this many in flight.
    static let retainedBatches = 5

    /// One remembered batch.
    struct Batch: Sendable, Equatable {
        let firstSequence: Int32
        let lastSequence: Int32
        let firstOffset: Int64
        let lastOffset: Int64
        let timestamp: Int64
    }

    /// One producer.
    struct Entry: Sendable, Equatable {
        var epoch: Int16
        var batches: [Batch]
        var lastTimestamp: Int64
        /// First offset of its open transaction.
        var transactionStart: Int64?
    }

    private(set) var entries: [Int64: Entry] = [:]

    /// Checks an append; the remembered batch when this one is a duplicate of it, nil when it is new.
    func check(_ producer: ProducerBatch) throws(LogError) -> Batch? {
        guard let entry = entries[producer.id] else { return nil }
        guard producer.epoch >= entry.epoch else { throw .invalidProducerEpoch }
        if producer.epoch > entry.epoch {
            guard producer.firstSequence == 0 else { throw .outOfOrderSequence }
            return nil
        }
        let duplicate = entry.batches.last {
            $0.firstSequence == producer.firstSequence && $0.lastSequence == producer.lastSequence
        }
        if let duplicate { return duplicate }
        let last = entry.batches.last?.lastSequence ?? -1
        let next = last == .max ? 0 : last + 1
        guard producer.firstSequence == next else { throw .outOfOrderSequence }
        return nil
    }

    /// Records an appended batch.
    mutating func record(_ producer: ProducerBatch, as batch: Batch) {
        var entry = entries[producer.id] ?? Entry(epoch: producer.epoch, batches: [], lastTimestamp: batch.timestamp)
        if producer.epoch != entry.epoch {
            entry.epoch = producer.epoch
            entry.batches.removeAll()
        }
        if entry.batches.count == Self.retainedBatches { entry.batches.removeFirst() }
        entry.batches.append(batch)
        entry.lastTimestamp = batch.timestamp
        if producer.isTransactional, entry.transactionStart == nil { entry.transactionStart = batch.firstOffset }
        entries[producer.id] = entry
    }

    /// Ends the producer's transaction: a control batch was appended.
    mutating func endTransaction(id: Int64, epoch: Int16, timestamp: Int64) {
        var entry = entries[id] ?? Entry(epoch: epoch, batches: [], lastTimestamp: timestamp)
        if epoch > entry.epoch {
            entry.epoch = epoch
            entry.batches.removeAll()
        }
        entry.transactionStart = nil
        entry.lastTimestamp = timestamp
        entries[id] = entry
    }

    /// The first offset of the earliest open transaction.
    var firstOpenTransaction: Int64? { entries.values.compactMap(\.transactionStart).min() }

    /// Puts back what was known of a producer before its batch.
    mutating func restore(_ entry: Entry?, for id: Int64) { entries[id] = entry }

    /// Forgets producers silent since before `time` that have no open transaction.
    mutating func expire(before time: Int64) {
        entries = entries.filter { $0.value.lastTimestamp >= time || $0.value.transactionStart != nil }
    }

    func snapshot(at offset: Int64) -> [UInt8] {
        var writer = WireWriter()
        writer.int64(offset)
        writer.int32(Int32(truncatingIfNeeded: entries.count))
        for (id, entry) in entries {
            writer.int64(id)
            writer.int16(entry.epoch)
            writer.int64(entry.lastTimestamp)
            writer.int64(entry.transactionStart ?? -1)
            writer.int8(Int8(entry.batches.count))
            for batch in entry.batches {
                writer.int32(batch.firstSequence)
                writer.int32(batch.lastSequence)
                writer.int64(batch.lastOffset)
                writer.int32(Int32(truncatingIfNeeded: batch.lastOffset - batch.firstOffset))
                writer.int64(batch.timestamp)
            }
        }
        return ChecksummedFile.encode(writer.bytes, kind: .producers)
    }

    init() {}

    /// Reads a snapshot; nil when damaged or not taken at `offset`.
    init?(snapshot file: [UInt8], at expected: Int64) {
        guard let body = ChecksummedFile.decode(file, kind: .producers) else { return nil }
        var reader = WireReader(body)
        do throws(WireError) {
            guard try reader.int64() == expected else { return nil }
            for _ in 0..<(try reader.count()) {
                let id = try reader.int64()
                entries[id] = try Entry(&reader)
            }
        } catch {
            return nil
        }
    }
}

/// The producer's side of a batch header.
struct ProducerBatch: Sendable, Equatable {
    let id: Int64
    let epoch: Int16
    let firstSequence: Int32
    let lastSequence: Int32
    let isTransactional: Bool
}

extension ProducerTable.Entry {
    fileprivate init(_ reader: inout WireReader) throws(WireError) {
        epoch = try reader.int16()
        lastTimestamp = try reader.int64()
        let start = try reader.int64()
        transactionStart = start < 0 ? nil : start
        batches = []
        for _ in 0..<max(0, try reader.int8()) {
            let first = try reader.int32()
            let last = try reader.int32()
            let lastOffset = try reader.int64()
            let delta = try reader.int32()
            batches.append(
                .init(
                    firstSequence: first,
                    lastSequence: last,
                    firstOffset: lastOffset - Int64(delta),
                    lastOffset: lastOffset,
                    timestamp: try reader.int64()
                )
            )
        }
    }
}
