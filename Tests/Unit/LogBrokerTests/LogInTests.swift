import KafkaProtocol
import LogBroker
import TestSupport
import Testing

/// Who a connection is, and for how long.
struct LogInTests {
    private func withBroker(
        lifetime: Int64? = nil,
        _ body: (TestBroker) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestBroker.configuration(directory)
        configuration.users = ["booking": BrokerUser(password: "s"), "like": BrokerUser(password: "t")]
        configuration.accessRules = [AccessRule(.topic, "pay", principal: "User:booking", operation: .all)]
        configuration.sessionLifetimeMilliseconds = lifetime
        let broker = try await TestBroker(configuration)
        do {
            try await body(broker)
        } catch {
            try await broker.stop()
            throw error
        }
        try await broker.stop()
    }

    private let handshake = TestBroker.request(.saslHandshake, 1) {
        SaslHandshakeRequest(mechanism: "PLAIN").encode(to: &$0)
    }
    private let look = TestBroker.request(.metadata, 5) {
        MetadataRequest(topics: [.init(name: "pay")], allowAutoTopicCreation: true).encode(to: &$0)
    }

    private func token(_ user: String, _ password: String) -> [UInt8] {
        TestBroker.request(.saslAuthenticate, 1) {
            SaslAuthenticateRequest(authBytes: Array("\0\(user)\0\(password)".utf8)).encode(to: &$0)
        }
    }

    /// What a look at the topic with rules brings.
    private func code(_ answer: [UInt8]) throws -> ErrorCode? {
        let response = try TestBroker.response(.metadata, 5, answer, MetadataResponse.init)
        return ErrorCode(rawValue: try #require(response.topics.first).errorCode)
    }

    private func authenticated(_ answer: [UInt8]) throws -> SaslAuthenticateResponse {
        try TestBroker.response(.saslAuthenticate, 1, answer, SaslAuthenticateResponse.init)
    }

    @Test func `a connection is anonymous until it authenticates, on the same port`() async throws {
        try await withBroker { broker in
            let answers = try await broker.exchange([look, handshake, token("booking", "s"), look])
            #expect(try code(answers[0]) == .topicAuthorizationFailed)
            #expect(try authenticated(answers[2]).errorCode == 0)
            #expect(try code(answers[3]) != .topicAuthorizationFailed)
        }
    }

    @Test func `a wrong password is told, and opens nothing`() async throws {
        try await withBroker { broker in
            let answers = try await broker.exchange([handshake, token("booking", "wrong"), look])
            #expect(try authenticated(answers[1]).errorCode == ErrorCode.saslAuthenticationFailed.rawValue)
            #expect(try code(answers[2]) == .topicAuthorizationFailed)
        }
    }

    @Test func `a client is told how long its log-in lasts`() async throws {
        try await withBroker(lifetime: 60_000) { broker in
            let answers = try await broker.exchange([handshake, token("booking", "s"), look])
            #expect(try authenticated(answers[1]).sessionLifetimeMs == 60_000)
            #expect(answers.count == 3)
        }
    }

    @Test func `after a log-in has expired only another one is answered`() async throws {
        try await withBroker(lifetime: 0) { broker in
            let again = [handshake, token("booking", "s")]
            // What is asked after the last log-in's end closes the connection.
            let answers = try? await broker.exchange(again + again + [look])
            #expect(answers?.count ?? 4 == 4)
            let last = try answers?.last.map(authenticated)
            #expect(last?.errorCode ?? 0 == 0)
        }
    }

    @Test func `who authenticates again stays who it was`() async throws {
        try await withBroker(lifetime: 60_000) { broker in
            let other = [handshake, token("booking", "s"), handshake, token("like", "t")]
            let answers = try await broker.exchange(other)
            #expect(try authenticated(answers[3]).errorCode == ErrorCode.saslAuthenticationFailed.rawValue)
        }
    }

    @Test func `listening to other machines needs users, or leave to serve everybody`() async throws {
        let directory = try TemporaryDirectory()
        for host in ["0.0.0.0", "::", "192.0.2.1"] {
            var configuration = TestBroker.configuration(directory)
            configuration.hosts = ["127.0.0.1", host]
            await #expect(throws: BrokerError.openToOthers(host)) { try await Broker(configuration) }
        }
        let words = BrokerError.openToOthers("0.0.0.0").description
        #expect(words.contains("BROKER_SECRETS") && words.contains("ALLOW_ANONYMOUS=true"))
    }
}
