import KafkaProtocol
import Testing

/// The broker's readers: requests and record batches.
struct KafkaFuzzTests {
    /// Bodies of small numbers and texts, behind the header of each call in its first and last version.
    private static var requests: [[UInt8]] {
        let classic: [UInt8] = [0, 0, 0, 1, 0, 1, 0x61, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0x62]
        let flexible: [UInt8] = [2, 0x61, 2, 0, 0, 0, 0, 2, 0x62, 0, 0, 0, 2, 3, 0x61, 0x62, 0, 0, 0, 0, 1, 0, 0, 0]
        return APIKey.allCases.flatMap { key in
            [key.versions.lowerBound, key.versions.upperBound].map { version in
                var writer = WireWriter()
                RequestHeader(apiKey: key.rawValue, apiVersion: version, correlationID: 1, clientID: "c")
                    .encode(to: &writer)
                let body = key.isFlexible(version) ? flexible : classic
                return Array(writer.slices.joined()) + body + body + body
            }
        }
    }

    @Test func `a request that can be read can be written and read again`() {
        let fault = Fuzzer(Self.requests).run("Kafka requests") { bytes, _ in
            do throws(WireError) {
                guard var request = try KafkaRequests(bytes) else { return nil }
                try request.readBody()
                return request.fault
            } catch {
                return nil
            }
        }
        #expect(fault == nil)
    }

    private static let decompressedLimit = 1 << 20

    private static func batch(_ compression: Compression) throws -> [UInt8] {
        var builder = RecordBatchBuilder(compression: compression)
        for index in 0..<20 {
            let value = [UInt8](repeating: UInt8(index), count: index * 5)
            let header = RecordHeader(key: [0x68], value: [1])
            builder.append(timestamp: Int64(index), key: [0x6B], value: value[...], headers: [header])
        }
        return try builder.finish()
    }

    @Test func `record batches are read within their bounds, compressed or not`() throws {
        let corpus = try Compression.allCases.map(Self.batch)
        let fault = Fuzzer(corpus).run("record batches") { bytes, _ in
            do throws(RecordBatchError) {
                let header = try RecordBatchHeader(bytes.span)
                do throws(RecordBatchError) { try header.validateProduced() } catch { return nil }
                _ = (header.nextOffset, header.lastSequence)
                do throws(RecordBatchError) { try header.verifyChecksum(bytes.span) } catch {
                    // Every byte behind the checksum is still read below, as if the sender had made it fit.
                }
                var cursor = try RecordCursor(bytes, decompressedLimit: Self.decompressedLimit)
                var size = 0
                while let record = try cursor.next() { size += (record.key?.count ?? 0) + (record.value?.count ?? 0) }
                return size <= Self.decompressedLimit ? nil : "\(size) bytes of records"
            } catch {
                return nil
            }
        }
        #expect(fault == nil)
    }

    @Test func `what is compressed is what is decompressed, and bombs are refused`() {
        let fault = Fuzzer([[], [UInt8](repeating: 0, count: 4000), Array("abcabcabcabc".utf8)]).run("compression") {
            bytes,
            chance in
            let compression = chance.pick(Compression.allCases)
            do throws(RecordBatchError) {
                let small = try compression.compress(bytes.span)
                guard try compression.decompress(small.span, limit: bytes.count) == bytes else { return "other bytes" }
            } catch {
                return "\(compression): \(error)"
            }
            do throws(RecordBatchError) {
                // Anything at all, as input.
                let out = try compression.decompress(bytes.span, limit: 1000)
                return out.count <= 1000 || compression == .none ? nil : "\(out.count) bytes"
            } catch {
                return nil
            }
        }
        #expect(fault == nil)
    }
}
