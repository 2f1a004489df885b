import KafkaProtocol
import Testing

struct MessageTests {
    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    private func encoded(_ key: APIKey, _ version: Int16, _ body: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.version = version
        writer.isFlexible = key.isFlexible(version)
        body(&writer)
        return Array(writer.slices.joined())
    }

    private func reader(_ key: APIKey, _ version: Int16, _ bytes: [UInt8]) -> WireReader {
        var reader = WireReader(bytes)
        reader.version = version
        reader.isFlexible = key.isFlexible(version)
        return reader
    }

    @Test func `librdkafka's first request is read`() throws {
        // ApiVersions 3, correlation 1, client "rdkafka", software librdkafka 2.0.2.
        var reader = WireReader(
            bytes("0012 0003 00000001 0007 72646b61666b61 00 0b 6c696272646b61666b61 06 322e302e32 00")
        )
        let header = try RequestHeader(from: &reader)
        #expect(header.apiKey == 18 && header.apiVersion == 3 && header.clientID == "rdkafka")
        let request = try ApiVersionsRequest(from: &reader)
        #expect(request.clientSoftwareName == "librdkafka" && request.clientSoftwareVersion == "2.0.2")
        #expect(reader.remaining == 0)
    }

    @Test func `the answer to ApiVersions has header version 0 in flexible versions too`() {
        var writer = WireWriter()
        ResponseHeader.encode(.apiVersions, version: 3, correlationID: 1, to: &writer)
        ApiVersionsResponse(apiKeys: [.init(apiKey: 18, minVersion: 0, maxVersion: 4)]).encode(to: &writer)
        #expect(writer.bytes == bytes("00000001 0000 02 0012 0000 0004 00 00000000 00"))
    }

    @Test func `a classic metadata request with null topics asks for all`() throws {
        var reader = reader(.metadata, 4, bytes("ffffffff 01"))
        let request = try MetadataRequest(from: &reader)
        #expect(request.topics == nil && request.allowAutoTopicCreation)
    }

    @Test func `produce requests round-trip in classic and flexible form`() throws {
        for version in APIKey.produce.versions {
            let isNamed = version <= 12
            let topic = ProduceRequest.TopicProduceData(
                name: isNamed ? "t" : "",
                topicID: isNamed ? .zero : TopicID(high: 1, low: 2),
                partitionData: [.init(index: 3, records: [1, 2, 3])]
            )
            let request = ProduceRequest(acks: -1, timeoutMs: 30_000, topicData: [topic])
            let encoded = encoded(.produce, version) { request.encode(to: &$0) }
            var reader = reader(.produce, version, encoded)
            #expect(try ProduceRequest(from: &reader) == request)
            #expect(reader.remaining == 0)
        }
    }

    @Test func `large fetched records are sent in place and read back whole`() throws {
        let batch = [UInt8](repeating: 7, count: 100_000)
        let response = FetchResponse(responses: [
            .init(topic: "t", partitions: [.init(highWatermark: 9, records: [batch[...], [1, 2, 3]])])
        ])
        for version in APIKey.fetch.versions {
            let encoded = encoded(.fetch, version) { response.encode(to: &$0) }
            var reader = reader(.fetch, version, encoded)
            let decoded = try FetchResponse(from: &reader)
            #expect(decoded.responses[0].partitions[0].records == [batch[...] + [1, 2, 3]])
            #expect(decoded.responses[0].partitions[0].highWatermark == 9)
        }
    }

    @Test func `a count beyond the message is refused before anything is made`() {
        var reader = reader(.metadata, 4, bytes("7fffffff 0001 61"))
        #expect(throws: WireError.invalidLength) { try MetadataRequest(from: &reader) }
    }

    @Test func `random bytes never trap a decoder`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let count = Int.random(in: 0...80, using: &generator)
            let input = (0..<count).map { _ in UInt8.random(in: 0...8, using: &generator) }
            for version in APIKey.fetch.versions {
                var fetch = reader(.fetch, version, input)
                _ = try? FetchRequest(from: &fetch)
                var join = reader(.joinGroup, version - 4, input)
                _ = try? JoinGroupRequest(from: &join)
                var commit = reader(.offsetCommit, version - 2, input)
                _ = try? OffsetCommitRequest(from: &commit)
            }
        }
    }

    @Test(arguments: [(Int32(0), "00"), (-1, "01"), (1, "02"), (300, "d804"), (.min, "ffffffff0f")])
    func `varints are zigzag`(value: Int32, hex: String) throws {
        var writer = WireWriter()
        writer.varint(value)
        #expect(writer.bytes == bytes(hex))
        var reader = WireReader(writer.bytes)
        #expect(try reader.varint() == value)
    }
}
