import Contracts
import Security
import ServiceKit
import Synchronization
import System
import Testing

@Suite struct TokenCheckerTests {
    private final class Time: Sendable {
        let now = Mutex(Timestamp(milliseconds: 1_742_378_400_000))
        func advance(_ seconds: Int64) { now.withLock { $0 = $0.adding(seconds: seconds) } }
    }

    private let key: SigningKey
    private let time = Time()

    init() throws { key = try SigningKey() }

    private var clock: WallClock { WallClock { [time] in time.now.withLock { $0 } } }

    private func token(session: Identifier? = nil, roles: [String] = ["user"]) throws -> (text: String, AccessToken) {
        let token = AccessToken(
            id: .version7(at: clock.now),
            userID: .version7(at: clock.now),
            sessionID: session ?? .version7(at: clock.now),
            roles: roles,
            issuer: "i",
            audience: "a",
            issuedAt: clock.now,
            lifetime: 900
        )
        return (try TokenSigner(key: key).sign(token), token)
    }

    private func checker(knowsKey: Bool = true, count: Counter = Counter()) -> TokenChecker {
        let set = JSONWebKeySet(keys: [key.verifyingKey])
        return TokenChecker(
            issuer: "i",
            audience: "a",
            keys: knowsKey ? set.keys : [],
            revocations: RevocationList(clock: clock),
            clock: clock,
            fetchKeys: {
                count.value.withLock { $0 += 1 }
                await Task.yield()
                return set
            }
        )
    }

    private final class Counter: Sendable {
        let value = Mutex(0)
    }

    @Test func `a good token passes until it expires, also from the cache`() async throws {
        let checker = checker()
        let (text, token) = try token()
        #expect(try await checker.check(text) == token)
        #expect(try await checker.check(authorization: "bearer \(text)") == token)
        time.advance(906)
        await #expect(throws: Problem(.tokenExpired)) { try await checker.check(text) }
    }

    @Test func `nothing, another scheme or nonsense is refused`() async throws {
        let checker = checker()
        await #expect(throws: Problem(.unauthenticated)) { try await checker.check(authorization: nil) }
        await #expect(throws: Problem(.unauthenticated)) { try await checker.check(authorization: "Basic eA==") }
        await #expect(throws: Problem(.invalidToken)) { try await checker.check(authorization: "Bearer x") }
    }

    @Test func `good tokens that come while the keys are fetched wait for them`() async throws {
        let count = Counter()
        let checker = checker(knowsKey: false, count: count)
        let text = try token().text
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { _ = try await checker.check(text) } }
            try await group.waitForAll()
        }
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test func `an unknown key is fetched once in ten seconds`() async throws {
        let count = Counter()
        let checker = checker(knowsKey: false, count: count)
        _ = try await checker.check(try token().text)
        let stranger = TokenSigner(key: try SigningKey())
        let forged = try stranger.sign(try token().1)
        for _ in 0..<5 { await #expect(throws: Problem(.invalidToken)) { try await checker.check(forged) } }
        #expect(count.value.withLock { $0 } == 1)
        time.advance(11)
        await #expect(throws: Problem(.invalidToken)) { try await checker.check(forged) }
        #expect(count.value.withLock { $0 } == 2)
    }

    @Test
    func `while Auth is away a token of an unknown key is not called bad, and a second later Auth is asked again`()
        async throws
    {
        struct Away: Error {}
        let (fetches, set) = (Counter(), JSONWebKeySet(keys: [key.verifyingKey]))
        let checker = TokenChecker(
            issuer: "i",
            audience: "a",
            revocations: RevocationList(clock: clock),
            clock: clock,
            fetchKeys: {
                let number = fetches.value.withLock { value in
                    value += 1
                    return value
                }
                if number == 1 { throw Away() }
                return set
            }
        )
        let (text, token) = try token()
        for _ in 0..<3 {
            let problem = await #expect(throws: Problem.self) { try await checker.check(text) }
            #expect(problem?.code == .unavailable)
        }
        #expect(fetches.value.withLock { $0 } == 1)
        time.advance(1)
        #expect(try await checker.check(text) == token)
    }

    @Test func `a revoked session's token is refused and its open stream is told`() async throws {
        let checker = checker()
        let (text, token) = try token()
        _ = try await checker.check(text)
        let told = Counter()
        let watch = checker.revocations.watch(token) { told.value.withLock { $0 += 1 } }
        checker.revocations.apply(
            SessionRevoked(userID: token.userID, sessionID: token.sessionID, notBefore: clock.now, reason: "logout")
        )
        await #expect(throws: Problem(.tokenRevoked)) { try await checker.check(text) }
        #expect(told.value.withLock { $0 } == 1)
        withExtendedLifetime(watch) {}
    }

    @Test func `a user's revocation ends what was issued before it and nothing after`() async throws {
        let checker = checker()
        let (old, token) = try token()
        time.advance(1)
        let revocation = SessionRevoked(
            userID: token.userID,
            sessionID: nil,
            notBefore: clock.now,
            reason: "role_changed"
        )
        checker.revocations.apply(revocation)
        await #expect(throws: Problem(.tokenRevoked)) { try await checker.check(old) }
        var newer = token
        newer.issuedAt = clock.now
        let text = try TokenSigner(key: key).sign(newer)
        #expect(try await checker.check(text).userID == token.userID)
    }

    @Test func `a list is stale while its feed is silent for longer than is borne`() {
        let list = RevocationList(clock: clock, maximumSilence: .seconds(30))
        #expect(!list.isStale)
        let silence = Counter()
        list.observeSilence { .seconds(silence.value.withLock { $0 }) }
        for (seconds, isStale) in [(0, false), (30, false), (31, true), (1, false)] {
            silence.value.withLock { $0 = seconds }
            #expect(list.isStale == isStale)
        }
    }

    @Test func `a watch on a token that is revoked already is told at once, an ended one never`() throws {
        let list = RevocationList(clock: clock)
        let (_, token) = try token()
        let told = Counter()
        _ = list.watch(token) { told.value.withLock { $0 += 1 } }
        let event = SessionRevoked(userID: token.userID, sessionID: token.sessionID, notBefore: clock.now, reason: "x")
        list.apply(event)
        #expect(told.value.withLock { $0 } == 0)
        _ = list.watch(token) { told.value.withLock { $0 += 1 } }
        #expect(told.value.withLock { $0 } == 1)
    }
}
