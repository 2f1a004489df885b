import Contracts
import EventBus
import Security
import System
import Telemetry
import TestSupport
import Testing

@testable import AuthService

@Suite struct AuthRulesTests {
    private let start = Timestamp(milliseconds: 1_742_378_400_000)

    private func session(generation: Int = 3) -> Session {
        Session(
            id: .version7(at: start),
            userID: .version7(at: start),
            role: .user,
            familySecret: SecureRandom.bytes(32),
            generation: generation,
            createdAt: start,
            refreshedAt: start,
            expiresAt: start.adding(seconds: 100),
            addressPrefix: "",
            userAgent: ""
        )
    }

    @Test func `the present token advances, the one before is forgiven for ten seconds, older ones are theft`() {
        let session = session()
        #expect(session.verdict(generation: 3, at: start.adding(seconds: 500)) == .advance)
        #expect(session.verdict(generation: 2, at: start.adding(seconds: 10)) == .repeatSuccessor)
        #expect(session.verdict(generation: 2, at: start.adding(milliseconds: 10_001)) == .reused)
        #expect(session.verdict(generation: 1, at: start) == .reused)
        #expect(session.verdict(generation: 4, at: start) == .unknown)
    }

    @Test func `a refresh token reads back and is authentic for its own session and key alone`() throws {
        let session = session()
        let token = try #require(RefreshToken(RefreshToken(of: session, secret: [1]).text))
        #expect(token.sessionID == session.id && token.generation == 3)
        #expect(token.isAuthentic(familySecret: session.familySecret, secret: [1]))
        #expect(!token.isAuthentic(familySecret: session.familySecret, secret: [2]))
        #expect(!token.isAuthentic(familySecret: [9], secret: [1]))
        for text in ["", "x", String(repeating: "A", count: 200)] { #expect(RefreshToken(text) == nil) }
    }

    @Test func `failures beyond the allowance double the wait up to the window`() {
        let throttle = Throttle(allowance: 3, window: 900)
        var state: Throttle.State?
        var waits: [Int?] = []
        for _ in 0..<6 {
            state = throttle.failing(state, at: start)
            waits.append(Throttle.wait(state, at: start))
        }
        #expect(waits == [nil, nil, 1, 2, 4, 8])
        for _ in 0..<100 { state = throttle.failing(state, at: start) }
        #expect(Throttle.wait(state, at: start) == 900)
        let later = start.adding(seconds: 900)
        #expect(throttle.failing(state, at: later).failures == 1)
    }

    @Test func `the policy's rows of failed log-ins are in force, and what it leaves out is built in`() throws {
        let limits = LoginLimits()
        #expect(limits.current.account == Throttle(allowance: 20, window: 60))
        let rule = RateLimitRule("x", counts: .failedLogIns, scope: .address, quota: 7, windowSeconds: 60)
        let change = RateLimitsChanged(rules: [rule], changedBy: .version7(at: start), timestamp: start)
        limits.apply(try Event(change, at: start), logger: Logger(label: "test", level: .error))
        #expect(limits.current.account == Throttle(allowance: 20, window: 60))
        #expect(limits.current.address == Throttle(allowance: 7, window: 60))
    }

    @Test func `a key is published before it signs and stays until its last token has expired`() throws {
        let directory = try TemporaryDirectory()
        let policy = KeyRing.Policy(rotationSeconds: 10_000, leadSeconds: 3600)
        let ring = try KeyRing(directory: directory.path, policy: policy)
        try ring.rotate(at: start)
        let first = try ring.signing(at: start).verifyingKey
        try ring.rotate(at: start.adding(seconds: 6000))
        #expect(ring.published(at: start.adding(seconds: 6000)) == [first])
        let soon = start.adding(seconds: 6400)
        try ring.rotate(at: soon)
        #expect(ring.published(at: soon).count == 2)
        #expect(try ring.signing(at: soon).verifyingKey == first)
        let after = start.adding(seconds: 10_000)
        let second = try ring.signing(at: after).verifyingKey
        #expect(second != first && ring.published(at: after).contains(first))
        let restarted = try KeyRing(directory: directory.path, policy: policy)
        #expect(try restarted.signing(at: after).verifyingKey == second)
        #expect(restarted.published(at: after.adding(seconds: 960)) == [second])
    }

    /// RFC 6238, appendix B: the last six of eight digits.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ])
    func `codes are those of the RFC, good one step around their time and once`(seconds: Int64, code: String) {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        let (step, now) = (seconds / 30, Timestamp(milliseconds: seconds * 1000))
        #expect(totp.code(of: step) == code)
        #expect(totp.step(of: code, at: now, after: 0) == step)
        #expect(totp.step(of: code, at: now, after: step) == nil)
        #expect(totp.step(of: code, at: now.adding(seconds: 30), after: 0) == step)
        #expect(totp.step(of: code, at: now.adding(seconds: -30), after: 0) == step)
        #expect(totp.step(of: code, at: now.adding(seconds: 60), after: 0) == nil)
        #expect(totp.step(of: "", at: now, after: 0) == nil)
    }

    @Test func `an app reads the address of a secret`() {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        let address = totp.address(label: "lan+a@example.org")
        #expect(
            address.hasPrefix("otpauth://totp/Marquee:lan%2Ba%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")
        )
    }

    @Test func `a device is known to its own account alone, and for a year`() throws {
        let cookie = DeviceCookie(account: "a", key: [1], at: start)
        let field = "other=1; " + cookie.field(isSecure: true).prefix { $0 != ";" }
        #expect(DeviceCookie(field, account: "a", key: [1], at: start) == cookie)
        let end = start.adding(seconds: DeviceCookie.lifeSeconds)
        #expect(DeviceCookie(field, account: "a", key: [1], at: end) == nil)
        #expect(DeviceCookie(field, account: "b", key: [1], at: start) == nil)
        #expect(DeviceCookie(field, account: "a", key: [2], at: start) == nil)
        for text in [
            nil, "", "marquee_device=", "marquee_device=x", "marquee_device=\(String(repeating: "A", count: 900))",
        ] {
            #expect(DeviceCookie(text, account: "a", key: [1], at: start) == nil)
        }
        #expect(!cookie.field(isSecure: false).contains("; Secure"))
    }
}
