import KafkaProtocol
import LogBroker
import System
import TestSupport
import Testing

extension TestBroker {
    /// Runs `body` with a broker of its own, where `User:admin` with password `s` may do everything.
    static func with(
        _ change: (inout BrokerConfiguration) -> Void = { _ in },
        _ body: (TestBroker) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var configuration = configuration(directory)
        configuration.users = ["admin": BrokerUser(password: "s")]
        configuration.superUsers = ["User:admin"]
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

    /// The frames that authenticate by PLAIN.
    static func logIn(_ user: String, _ password: String) -> [[UInt8]] {
        [
            request(.saslHandshake, 1) { SaslHandshakeRequest(mechanism: "PLAIN").encode(to: &$0) },
            request(.saslAuthenticate, 1) {
                SaslAuthenticateRequest(authBytes: Array("\0\(user)\0\(password)".utf8)).encode(to: &$0)
            },
        ]
    }

    /// One call on a connection of its own, as `admin` or anonymous.
    func call<Response>(
        _ key: APIKey,
        _ version: Int16,
        asAdmin: Bool = true,
        _ encode: (inout WireWriter) -> Void,
        _ decode: (inout WireReader) throws(WireError) -> Response
    ) async throws -> Response {
        let login = asAdmin ? Self.logIn("admin", "s") : []
        let answers = try await exchange(login + [Self.request(key, version, encode)])
        try #require(answers.count == login.count + 1)
        return try Self.response(key, version, answers[login.count], decode)
    }

    func createTopic(_ name: String, partitions: Int32 = 1) async throws -> ErrorCode {
        let response = try await call(.createTopics, 7) {
            CreateTopicsRequest(topics: [.init(name: name, numPartitions: partitions, replicationFactor: 1)])
                .encode(to: &$0)
        } _: {
            (reader: inout WireReader) throws(WireError) in
            try CreateTopicsResponse(from: &reader)
        }
        return ErrorCode(rawValue: response.topics.first?.errorCode ?? -1)
    }

    /// A produce request with one record of so many bytes.
    static func produce(_ topic: String, bytes: Int, correlation: Int32 = 1) throws -> [UInt8] {
        var builder = RecordBatchBuilder()
        builder.append(timestamp: 1, key: nil, value: [UInt8](repeating: 7, count: bytes)[...])
        let batch = try builder.finish()
        return request(.produce, 7, correlation: correlation) {
            ProduceRequest(
                acks: -1,
                timeoutMs: 1000,
                topicData: [.init(name: topic, partitionData: [.init(index: 0, records: batch[...])])]
            ).encode(to: &$0)
        }
    }

    static func fetch(_ topic: String) -> [UInt8] {
        request(.fetch, 11) {
            FetchRequest(
                minBytes: 1,
                maxBytes: 1 << 20,
                topics: [.init(topic: topic, partitions: [.init(partition: 0, partitionMaxBytes: 1 << 20)])]
            ).encode(to: &$0)
        }
    }
}
