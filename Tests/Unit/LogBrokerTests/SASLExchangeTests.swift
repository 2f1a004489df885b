import Testing

@testable import LogBroker

struct SASLExchangeTests {
    private let credentials: Credentials

    init() throws { credentials = try Credentials(["booking": BrokerUser(password: "secret")]) }

    private func plain(_ text: String) throws -> Bool {
        var exchange = try #require(SASLExchange("PLAIN", credentials: credentials))
        if case .authenticated(let principal, _) = exchange.respond(to: Array(text.utf8)) {
            return principal.name == "booking"
        }
        return false
    }

    @Test func `PLAIN takes the right password only`() throws {
        #expect(try plain("\0booking\0secret"))
        #expect(try plain("booking\0booking\0secret"))
        for wrong in ["\0booking\0wrong", "\0nobody\0secret", "admin\0booking\0secret", "booking", "\0\0", ""] {
            #expect(try !plain(wrong))
        }
    }

    @Test func `an unknown mechanism is refused`() {
        #expect(SASLExchange("GSSAPI", credentials: credentials) == nil)
    }

    @Test func `garbage ends a SCRAM exchange`() throws {
        var exchange = try #require(SASLExchange("SCRAM-SHA-256", credentials: credentials))
        guard case .failed = exchange.respond(to: [0, 1, 2]) else { throw CancellationError() }
        guard case .failed = exchange.respond(to: Array("n,,n=booking,r=x".utf8)) else { throw CancellationError() }
    }
}
