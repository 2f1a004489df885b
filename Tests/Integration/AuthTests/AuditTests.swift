import Contracts
import Persistence
import Security
import ServiceKit
import System
import Testing

@testable import AuthService

/// Every act of Auth leaves its event and its row in the user's trail.
@Suite struct AuditTests {
    private let fixture: AuthStoreFixture
    private var store: AuthStore { fixture.store }
    private var userID: Identifier { fixture.user.userID }

    init() throws { fixture = try AuthStoreFixture() }

    private func fail(of userID: Identifier?) async throws {
        let failure = FailedLogin(account: "a", address: "b", userID: userID, reason: "invalid_credentials")
        try await store.loginFailed(failure, client: .none)
    }

    private func token(of session: Session) -> AccessToken {
        AccessToken(
            id: .version7(at: store.clock.now),
            userID: session.userID,
            sessionID: session.id,
            roles: ["user"],
            issuer: "",
            audience: "",
            issuedAt: store.clock.now,
            lifetime: 900
        )
    }

    private func trail() async throws -> [String] {
        try await store.audit(of: userID, before: nil, limit: 100).map {
            [$0.type, $0.reason].compactMap(\.self).joined(separator: " ")
        }
        .reversed()
    }

    @Test func `a session's life is told from its log-in to its end`() async throws {
        let first = try await fixture.begin()
        fixture.advance(1)
        let second = try await fixture.refresh(first)
        fixture.advance(11)
        await #expect(throws: Problem(.refreshTokenReused)) { try await fixture.refresh(first) }
        fixture.advance(1)
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(second) }
        fixture.advance(1)
        let other = try await fixture.begin()
        fixture.advance(1)
        try await store.logOut(userID: userID, from: other.id, scope: .local, client: .none)
        fixture.advance(1)
        _ = try await fixture.begin()
        fixture.advance(101)
        try await store.sweep()
        let acts = [
            "auth.login-succeeded", "auth.token-refreshed", "auth.token-revoked reuse_detected",
            "auth.access-denied session_ended", "auth.login-succeeded", "auth.logged-out local", "auth.login-succeeded",
            "auth.token-expired",
        ]
        #expect(try await trail() == acts)
        let types = try await fixture.published().filter { $0 != SessionRevoked.type }
        #expect(types == acts.map { String($0.prefix { $0 != " " }) })
    }

    @Test func `failed log-ins stand in the trail of the account's owner, and its lock is told once`() async throws {
        for _ in 0..<5 { try await fail(of: userID) }
        // The wait is over, the next failure lengthens the lock.
        fixture.advance(2)
        try await fail(of: userID)
        let failed = "auth.login-failed invalid_credentials"
        #expect(try await trail().sorted() == ["auth.account-locked"] + Array(repeating: failed, count: 6))
        // A quiet window forgets, so the next lock is news again.
        fixture.advance(fixture.store.limits.current.account.window)
        for _ in 0..<5 { try await fail(of: userID) }
        #expect(try await fixture.published().count { $0 == AccountLocked.type } == 2)
    }

    @Test func `failed log-ins of an address without an account are told under its HMAC`() async throws {
        for _ in 0..<5 { try await fail(of: nil) }
        let keys = try await store.database.read { try $0.outbox(after: 0, limit: 10).map(\.aggregateID) }
        #expect(keys == Array(repeating: Array("a".utf8), count: 6))
        #expect(try await fixture.published().last == AccountLocked.type)
    }

    @Test func `a refusal of what is another's is told to who asked`() async throws {
        let mine = try await fixture.begin()
        let other = VerifiedCredentials(userID: .version7(at: store.clock.now), role: .user)
        let theirs = try await fixture.begin(other)
        fixture.advance(1)
        #expect(try await store.revoke(theirs.id, for: token(of: mine), client: .none) == false)
        #expect(try await store.revoke(.version7(at: store.clock.now), for: token(of: mine), client: .none) == false)
        fixture.advance(1)
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(mine, secret: [8]) }
        let acts = [
            "auth.login-succeeded", "auth.access-denied session_of_another", "auth.access-denied forged_refresh_token",
        ]
        #expect(try await trail() == acts)
        #expect(try await store.sessions(of: other.userID).count == 1)
    }
}
