import Contracts
import EventBus
import Persistence
import ServiceKit
import System
import Testing

@testable import AuthService

@Suite struct AuthStoreTests {
    private let fixture: AuthStoreFixture
    private var store: AuthStore { fixture.store }
    private var user: VerifiedCredentials { fixture.user }

    init() throws { fixture = try AuthStoreFixture() }

    @Test func `a changed password ends the sessions before it and spares those after`() async throws {
        _ = try await fixture.begin()
        fixture.advance(1)
        let change = UserPasswordChanged(userID: user.userID, timestamp: store.clock.now)
        fixture.advance(1)
        let newer = try await fixture.begin()
        try await fixture.deliver(change)
        #expect(try await store.sessions(of: user.userID).map(\.id) == [newer.id])
        #expect(try await fixture.published().filter { $0 == SessionRevoked.type }.count == 1)
    }

    @Test func `a changed role ends old access tokens and shows in the next refresh`() async throws {
        let session = try await fixture.begin()
        try await fixture.deliver(UserRoleChanged(userID: user.userID, role: .moderator, timestamp: store.clock.now))
        #expect(try await fixture.refresh(session).role == .moderator)
        #expect(try await fixture.published().contains(SessionRevoked.type))
    }

    @Test func `a deleted user leaves no session and no trail, and the erasure gets its receipt`() async throws {
        _ = try await fixture.begin()
        fixture.advance(1)
        try await fixture.deliver(UserDeleted(userID: user.userID, erasureID: user.userID, timestamp: store.clock.now))
        #expect(try await store.sessions(of: user.userID).isEmpty)
        #expect(try await store.audit(of: user.userID, before: nil, limit: 10).isEmpty)
        #expect(try await fixture.published().last == UserErased.type)
        await #expect(throws: Problem(.invalidCredentials)) { try await fixture.begin() }
        let late = FailedLogin(account: "a", address: "b", userID: user.userID, reason: "invalid_credentials")
        try await store.loginFailed(late, client: .none)
        let rows = try await store.database.read { [user] connection -> Int? in
            try connection.value(
                """
                SELECT (SELECT count(*) FROM sessions WHERE user_id = \(user.userID))
                + (SELECT count(*) FROM audit WHERE user_id = \(user.userID))
                """
            )
        }
        #expect(rows == 0)
    }

    @Test func `a ban ends every session and its tokens at once`() async throws {
        let session = try await fixture.begin()
        fixture.advance(1)
        try await fixture.deliver(UserBanned(userID: user.userID, reason: "spam", timestamp: store.clock.now))
        #expect(try await store.sessions(of: user.userID).isEmpty)
        #expect(try await fixture.published().contains(SessionRevoked.type))
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(session) }
    }

    @Test func `a session that is not used ends and is told as expired`() async throws {
        let session = try await fixture.begin()
        fixture.advance(101)
        try await store.sweep()
        #expect(try await fixture.published().last == TokenExpired.type)
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(session) }
    }

    @Test func `refreshing keeps a session alive only up to its whole life`() async throws {
        var session = try await fixture.begin()
        for _ in 0..<3 {
            fixture.advance(80)
            session = try await fixture.refresh(session)
        }
        fixture.advance(11)
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(session) }
    }

    @Test func `a user has at most fifty sessions, and the one idle longest goes`() async throws {
        let first = try await fixture.begin()
        for _ in 0..<SessionPolicy.maximumSessionsPerUser {
            fixture.advance(milliseconds: 1)
            _ = try await fixture.begin()
        }
        let ids = try await store.sessions(of: user.userID).map(\.id)
        #expect(ids.count == SessionPolicy.maximumSessionsPerUser && !ids.contains(first.id))
    }

    @Test func `with one session a user a log-in ends the one before, and tells so`() async throws {
        let fixture = try AuthStoreFixture(sessionsPerUser: 1)
        let first = try await fixture.begin()
        fixture.advance(1)
        let second = try await fixture.begin()
        #expect(try await fixture.store.sessions(of: fixture.user.userID).map(\.id) == [second.id])
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(first) }
        _ = try await fixture.refresh(second)
        #expect(try await fixture.published().contains("auth.session-revoked"))
    }

    @Test func `ended sessions are forgotten after a month and the trail after more than a year`() async throws {
        let ended = try await fixture.begin()
        fixture.advance(101)
        try await store.sweep()
        fixture.advance(SessionPolicy.endedRetentionSeconds + 1)
        let count = try await store.audit(of: user.userID, before: nil, limit: 10).count
        try await store.sweep()
        // Of a session nobody knows nothing is told.
        await #expect(throws: Problem(.invalidRefreshToken)) { try await fixture.refresh(ended) }
        #expect(try await store.audit(of: user.userID, before: nil, limit: 10).count == count)
        fixture.advance(Audit.retentionSeconds)
        try await store.sweep()
        #expect(try await store.audit(of: user.userID, before: nil, limit: 10).isEmpty)
    }
}
