import KafkaProtocol

/// What a log knew of its producers and of aborted transactions at some offset: the file `<offset>.producers`. Recovery
/// begins with the newest and reads only the batches after it.
///
/// Body, after `ChecksummedFile`'s header:
/// ```
///   offset i64 | count i32 | count x producer | count i32 | count x aborted transaction
///   producer: id i64 | epoch i16 | last timestamp i64 | transaction's first offset i64 (-1: none) | n i8 | n x batch
///   batch:    first sequence i32 | last sequence i32 | last offset i64 | offset delta i32 | timestamp i64
///   aborted:  producer id i64 | first offset i64 | last offset i64
/// ```
struct ProducerSnapshot: Sendable, Equatable {
    let offset: Int64
    var producers = ProducerTable()
    var aborted = AbortedTransactions()

    /// About as many bytes as `encoded` has, and rather more.
    var estimatedSize: Int { producers.entries.count * 160 + aborted.entries.count * 24 }

    var encoded: [UInt8] {
        var writer = WireWriter()
        writer.reserve(estimatedSize)
        writer.int64(offset)
        writer.int32(Int32(truncatingIfNeeded: producers.entries.count))
        for (id, entry) in producers.entries {
            writer.int64(id)
            entry.write(to: &writer)
        }
        writer.int32(Int32(truncatingIfNeeded: aborted.entries.count))
        for transaction in aborted.entries {
            writer.int64(transaction.producerID)
            writer.int64(transaction.firstOffset)
            writer.int64(transaction.lastOffset)
        }
        return ChecksummedFile.encode(writer.bytes, kind: .producers)
    }

    init(offset: Int64, producers: ProducerTable, aborted: AbortedTransactions) {
        self.offset = offset
        self.producers = producers
        self.aborted = aborted
    }

    /// Reads a file; nil when it is damaged or not of `expected`.
    init?(_ file: [UInt8], at expected: Int64) {
        guard let body = ChecksummedFile.decode(file, kind: .producers) else { return nil }
        var reader = WireReader(body)
        do throws(WireError) {
            offset = try reader.int64()
            guard offset == expected else { return nil }
            var entries: [Int64: ProducerTable.Entry] = [:]
            for _ in 0..<(try reader.count()) {
                let id = try reader.int64()
                entries[id] = try ProducerTable.Entry(&reader)
            }
            producers = ProducerTable(entries)
            for _ in 0..<(try reader.count()) {
                aborted.append(
                    AbortedTransaction(
                        producerID: try reader.int64(),
                        firstOffset: try reader.int64(),
                        lastOffset: try reader.int64()
                    )
                )
            }
        } catch {
            return nil
        }
    }
}

extension ProducerTable.Entry {
    fileprivate func write(to writer: inout WireWriter) {
        writer.int16(epoch)
        writer.int64(lastTimestamp)
        writer.int64(transactionStart ?? -1)
        writer.int8(Int8(batches.count))
        for batch in batches {
            writer.int32(batch.firstSequence)
            writer.int32(batch.lastSequence)
            writer.int64(batch.lastOffset)
            writer.int32(Int32(truncatingIfNeeded: batch.lastOffset - batch.firstOffset))
            writer.int64(batch.timestamp)
        }
    }

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
