import KafkaProtocol
import LogBroker
import System
import TestSupport
import Testing

struct BrokerTests {
    private func withBroker(
        _ change: (inout BrokerConfiguration) -> Void = { _ in },
        _ body: (TestBroker) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestBroker.configuration(directory)
        change(&configuration)
        let broker = try await TestBroker(configuration)
        do {
            try await body(broker)
        } catch {
            try await broker.stop()
            throw error
        }
        try await broker.stop()
    }

    private func createTopic(_ broker: TestBroker, _ name: String) async throws {
        let request = TestBroker.request(.createTopics, 5) {
            CreateTopicsRequest(topics: [.init(name: name, numPartitions: 1, replicationFactor: 1)]).encode(to: &$0)
        }
        let answer = try await broker.exchange([request])
        let response = try TestBroker.response(.createTopics, 5, try #require(answer.first), CreateTopicsResponse.init)
        #expect(response.topics.first?.errorCode == 0)
    }

    private func produce(_ topic: String, _ value: String, correlation: Int32, acks: Int16 = -1) throws -> [UInt8] {
        var builder = RecordBatchBuilder()
        builder.append(timestamp: 1, key: nil, value: Array(value.utf8)[...])
        let batch = try builder.finish()
        return TestBroker.request(.produce, 7, correlation: correlation) {
            ProduceRequest(
                acks: acks,
                timeoutMs: 1000,
                topicData: [.init(name: topic, partitionData: [.init(index: 0, records: batch[...])])]
            ).encode(to: &$0)
        }
    }

    private func fetch(_ topic: String, wait: Int32 = 0) -> [UInt8] {
        TestBroker.request(.fetch, 11, correlation: 99) {
            FetchRequest(
                maxWaitMs: wait,
                minBytes: 1,
                topics: [.init(topic: topic, partitions: [.init(partition: 0, partitionMaxBytes: 1 << 20)])]
            ).encode(to: &$0)
        }
    }

    @Test func `pipelined batches are acknowledged in order and read back`() async throws {
        try await withBroker { broker in
            try await createTopic(broker, "t")
            let frames = try (0..<20).map { try produce("t", "v\($0)", correlation: Int32($0)) }
            let answers = try await broker.exchange(frames + [fetch("t")])
            #expect(answers.count == 21)
            for (index, answer) in answers.dropLast().enumerated() {
                var reader = WireReader(answer)
                #expect(try ResponseHeader.decode(.produce, version: 7, from: &reader) == Int32(index))
                let response = try ProduceResponse(from: &reader)
                #expect(response.responses[0].partitionResponses[0].baseOffset == Int64(index))
            }
            let again = try await broker.exchange([fetch("t")])
            let fetched = try TestBroker.response(.fetch, 11, try #require(again.first), FetchResponse.init)
            #expect(fetched.responses[0].partitions[0].highWatermark == 20)
            #expect(!fetched.responses[0].partitions[0].records.isEmpty)
        }
    }

    @Test func `a client is told the address it came to, or what is advertised by the port it came by`() async throws {
        let other = try PortProbe.freePort()
        try await withBroker {
            $0.hosts = ["0.0.0.0"]
            $0.allowsAnonymous = true
            $0.advertisedListeners = [AdvertisedListener(host: "broker.example", port: other)]
        } _: { broker in
            let request = TestBroker.request(.metadata, 1) { MetadataRequest(topics: []).encode(to: &$0) }
            for (host, port, expected) in [
                ("127.0.0.1", nil, "127.0.0.1:\(broker.port)"), ("127.0.0.2", nil, "127.0.0.2:\(broker.port)"),
                ("127.0.0.1", other, "broker.example:\(other)"),
            ] {
                let answer = try #require(try await broker.exchange([request], host: host, port: port).first)
                let response = try TestBroker.response(.metadata, 1, answer, MetadataResponse.init)
                #expect(response.brokers.map { "\($0.host):\($0.port)" } == [expected])
            }
        }
    }

    @Test(arguments: [
        ("broker:9092", AdvertisedListener(host: "broker", port: 9092)),
        ("[::1]:1", AdvertisedListener(host: "::1", port: 1)),
        ("broker", nil), (":9092", nil), ("broker:", nil), ("broker:0", nil), ("broker:70000", nil), ("", nil),
    ])
    func `an advertised listener is a host and a port`(text: String, expected: AdvertisedListener?) {
        #expect(AdvertisedListener(text) == expected)
    }

    @Test func `a fetch at the end waits and is woken by the next record`() async throws {
        try await withBroker { broker in
            try await createTopic(broker, "t")
            async let waiting = broker.exchange([fetch("t", wait: 10_000)])
            _ = try await broker.exchange([try produce("t", "x", correlation: 1)])
            let answer = try await waiting
            let fetched = try TestBroker.response(.fetch, 11, try #require(answer.first), FetchResponse.init)
            #expect(!fetched.responses[0].partitions[0].records.isEmpty)
        }
    }

    @Test func `acks 0 gets no answer and a damaged batch an error`() async throws {
        try await withBroker { broker in
            try await createTopic(broker, "t")
            var damaged = try produce("t", "y", correlation: 2)
            damaged[damaged.count - 2] ^= 1
            let answers = try await broker.exchange(
                [try produce("t", "x", correlation: 1, acks: 0), damaged],
                answers: 1
            )
            let response = try TestBroker.response(.produce, 7, try #require(answers.first), ProduceResponse.init)
            #expect(response.responses[0].partitionResponses[0].errorCode == ErrorCode.corruptMessage.rawValue)
        }
    }

    @Test func `an unknown version of ApiVersions is answered in version 0`() async throws {
        try await withBroker { broker in
            let request = TestBroker.request(.apiVersions, 99) { $0.raw([1, 1, 0]) }
            let answer = try #require(try await broker.exchange([request]).first)
            let response = try TestBroker.response(.apiVersions, 0, answer, ApiVersionsResponse.init)
            #expect(response.errorCode == ErrorCode.unsupportedVersion.rawValue)
            #expect(response.apiKeys.map(\.apiKey) == [APIKey.apiVersions.rawValue])
        }
    }

    @Test func `a topic with rules is written by its owner only`() async throws {
        try await withBroker { configuration in
            configuration.accessRules = [AccessRule(.topic, "pay", principal: "User:booking", operation: .all)]
            configuration.users = ["booking": BrokerUser(password: "s")]
            configuration.superUsers = ["User:admin"]
        } _: { broker in
            let handshake = TestBroker.request(.saslHandshake, 1) {
                SaslHandshakeRequest(mechanism: "PLAIN").encode(to: &$0)
            }
            let login = TestBroker.request(.saslAuthenticate, 1) {
                SaslAuthenticateRequest(authBytes: Array("\0booking\0s".utf8)).encode(to: &$0)
            }
            let create = TestBroker.request(.createTopics, 5) {
                CreateTopicsRequest(topics: [.init(name: "pay", numPartitions: 1, replicationFactor: 1)]).encode(
                    to: &$0
                )
            }
            let asOwner = try await broker.exchange([handshake, login, create, try produce("pay", "x", correlation: 3)])
            let owned = try TestBroker.response(.produce, 7, try #require(asOwner.last), ProduceResponse.init)
            #expect(owned.responses[0].partitionResponses[0].errorCode == 0)
            let stranger = try await broker.exchange([try produce("pay", "y", correlation: 4)])
            let refused = try TestBroker.response(.produce, 7, try #require(stranger.first), ProduceResponse.init)
            let code = refused.responses[0].partitionResponses[0].errorCode
            #expect(code == ErrorCode.topicAuthorizationFailed.rawValue)
        }
    }

    @Test func `garbage closes the connection and harms nobody`() async throws {
        try await withBroker { broker in
            // What is left unread may turn the close into a reset, which is no answer either.
            let answers = try? await broker.exchange([[1, 2, 3], [0, 200, 0, 0]])
            #expect(answers?.isEmpty ?? true)
            try await createTopic(broker, "t")
        }
    }

    @Test func `what was acknowledged is there after a restart`() async throws {
        let directory = try TemporaryDirectory()
        let first = try await TestBroker(TestBroker.configuration(directory))
        try await createTopic(first, "t")
        _ = try await first.exchange([try produce("t", "kept", correlation: 1)])
        try await first.stop()
        let second = try await TestBroker(TestBroker.configuration(directory))
        let answer = try await second.exchange([fetch("t")])
        try await second.stop()
        let fetched = try TestBroker.response(.fetch, 11, try #require(answer.first), FetchResponse.init)
        var cursor = try RecordCursor(Array(try #require(fetched.responses[0].partitions[0].records.first)))
        #expect(try cursor.next()?.value == Array("kept".utf8)[...])
    }
}
