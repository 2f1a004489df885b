import KafkaProtocol
import Testing

struct RecordBatchTests {
    /// A batch of librdkafka's layout: one record, key "k", value "v", one header.
    private func sample(_ compression: Compression = .none, records: Int = 3) throws -> [UInt8] {
        var builder = RecordBatchBuilder(compression: compression)
        for index in 0..<records {
            builder.append(
                timestamp: 1_700_000_000_000 + Int64(index),
                key: index == 1 ? nil : Array("key-\(index)".utf8)[...],
                value: index == 2 ? nil : Array("value-\(index)".utf8)[...],
                headers: [RecordHeader(key: Array("h".utf8)[...], value: [1, 2][...])]
            )
        }
        return try builder.finish()
    }

    private func records(_ batch: [UInt8], limit: Int = 1 << 20) throws -> [Record] {
        var cursor = try RecordCursor(batch, decompressedLimit: limit)
        var result: [Record] = []
        while let record = try cursor.next() { result.append(record) }
        return result
    }

    @Test(arguments: Compression.allCases)
    func `what is built is read again with every codec`(compression: Compression) throws {
        var batch = try sample(compression, records: 500)
        let header = try RecordBatchHeader(batch.span)
        #expect(header.attributes.compression == compression)
        #expect(header.recordCount == 500 && header.lastOffset == 499)
        #expect(header.maxTimestamp == 1_700_000_000_499)
        try header.validateProduced()
        batch.setRecordBatch(baseOffset: 1000, leaderEpoch: 7)
        let moved = try RecordBatchHeader(batch.span)
        try moved.verifyChecksum(batch.span)
        #expect(moved.nextOffset == 1500 && moved.leaderEpoch == 7)
        let all = try records(batch)
        #expect(all.count == 500)
        #expect(all[1].key == nil && all[2].value == nil && all[0].key == Array("key-0".utf8)[...])
        #expect(all[499].offset == 1499 && all[499].timestamp == 1_700_000_000_499)
        #expect(all[7].headers.first?.value == [1, 2][...])
    }

    @Test(arguments: [Compression.gzip, .snappy, .lz4, .zstd])
    func `a small batch cannot unpack to more than the limit`(compression: Compression) throws {
        var builder = RecordBatchBuilder(compression: compression)
        builder.append(timestamp: 0, key: nil, value: [UInt8](repeating: 0, count: 1 << 20)[...])
        let batch = try builder.finish()
        #expect(batch.count < 100_000)
        #expect(throws: RecordBatchError.tooLarge(limit: 1000)) { try records(batch, limit: 1000) }
    }

    @Test func `a flipped bit is found by the checksum`() throws {
        let batch = try sample()
        for index in RecordBatchHeader.size - 40..<batch.count {
            var broken = batch
            broken[index] ^= 4
            let header = try RecordBatchHeader(broken.span)
            #expect(throws: RecordBatchError.checksumMismatch) { try header.verifyChecksum(broken.span) }
        }
    }

    @Test(arguments: Compression.allCases)
    func `damaged and cut batches are errors and never traps`(compression: Compression) throws {
        let batch = try sample(compression, records: 20)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            var broken = batch
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                broken[Int.random(in: 0..<broken.count, using: &generator)] = UInt8.random(in: 0...255)
            }
            if Bool.random() { broken.removeLast(Int.random(in: 0..<broken.count)) }
            _ = try? records(broken, limit: 1 << 16)
        }
    }

    @Test func `broker time replaces the records' own`() throws {
        var batch = try sample()
        batch.setRecordBatchLogAppendTime(header: try RecordBatchHeader(batch.span), time: 42)
        let header = try RecordBatchHeader(batch.span)
        try header.verifyChecksum(batch.span)
        #expect(try records(batch).allSatisfy { $0.timestamp == 42 })
    }

    @Test func `a batch has the bytes that Kafka writes`() throws {
        var builder = RecordBatchBuilder()
        builder.append(timestamp: 1, key: Array("k".utf8)[...], value: Array("v".utf8)[...])
        let expected: [UInt8] =
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 58, 255, 255, 255, 255, 2] + [0, 0, 0, 0]
            + [0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [0, 0, 0, 0, 0, 0, 0, 1]
            + [UInt8](repeating: 255, count: 14) + [0, 0, 0, 1] + [16, 0, 0, 0, 2, 0x6B, 2, 0x76, 0]
        var batch = try builder.finish()
        batch.replaceSubrange(17..<21, with: [0, 0, 0, 0])
        #expect(batch == expected)
    }
}
