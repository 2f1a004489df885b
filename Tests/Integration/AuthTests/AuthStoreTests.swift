import Contracts
import EventBus
import Persistence
import Security
import ServiceKit
import Synchronization
import System
import TestSupport
import Testing

@testable import AuthService

@Suite struct AuthStoreTests {
    private final class Time: Sendable {
        let now = Mutex(Timestamp(milliseconds: 1_742_378_400_000))
        func advance(_ seconds: Int64) { now.withLock { $0 = $0.adding(seconds: seconds) } }
    }

    private let time = Time()
    private let directory: TemporaryDirectory
    private let store: AuthStore
    private let user = VerifiedCredentials(userID: .version7(at: Timestamp(milliseconds: 1)), role: .user)

    init() throws {
        directory = try TemporaryDirectory()
        let database = try Database.open(
            Database.Configuration(path: directory.appending("auth.sqlite")),
            migrations: AuthStore.migrations
        )
        let policy = SessionPolicy(
            idleSeconds: 100,
            absoluteSeconds: 250,
            account: Throttle(allowance: 5),
            address: Throttle(allowance: 5)
        )
        store = AuthStore(database: database, policy: policy, clock: WallClock { [time] in time.now.withLock { $0 } })
    }

    private func begin() async throws -> Session { try await store.begin(user, account: "a", client: .none) }

    private func refresh(_ session: Session) async throws -> Session {
        let token = RefreshToken(of: session, secret: [7])
        return try await store.refresh(token, secret: [7], client: .none)
    }

    private func published() async throws -> [String] {
        try await store.database.read { try $0.outbox(after: 0, limit: 1000).map(\.type) }
    }

    private func deliver(_ payload: some EventPayload) async throws {
        let event = try Event(payload, at: store.clock.now)
        let events = AuthEvents(store: store)
        try await store.database.write { try events.handle(event, $0) }
    }

    @Test func `a changed password ends the sessions before it and spares those after`() async throws {
        _ = try await begin()
        time.advance(1)
        let change = UserPasswordChanged(userID: user.userID, timestamp: store.clock.now)
        time.advance(1)
        let newer = try await begin()
        try await deliver(change)
        #expect(try await store.sessions(of: user.userID).map(\.id) == [newer.id])
        #expect(try await published().filter { $0 == SessionRevoked.type }.count == 1)
    }

    @Test func `a changed role ends old access tokens and shows in the next refresh`() async throws {
        let session = try await begin()
        try await deliver(UserRoleChanged(userID: user.userID, role: .moderator, timestamp: store.clock.now))
        #expect(try await refresh(session).role == .moderator)
        #expect(try await published().contains(SessionRevoked.type))
    }

    @Test func `a deleted user leaves no session and no trail, and the erasure gets its receipt`() async throws {
        _ = try await begin()
        time.advance(1)
        try await deliver(UserDeleted(userID: user.userID, erasureID: user.userID, timestamp: store.clock.now))
        #expect(try await store.sessions(of: user.userID).isEmpty)
        #expect(try await store.audit(of: user.userID, before: nil, limit: 10).isEmpty)
        #expect(try await published().last == UserErased.type)
    }

    @Test func `a session that is not used ends and is told as expired`() async throws {
        let session = try await begin()
        time.advance(101)
        try await store.sweep()
        #expect(try await published().last == TokenExpired.type)
        await #expect(throws: Problem(.invalidRefreshToken)) { try await refresh(session) }
    }

    @Test func `refreshing keeps a session alive only up to its whole life`() async throws {
        var session = try await begin()
        for _ in 0..<3 {
            time.advance(80)
            session = try await refresh(session)
        }
        time.advance(11)
        await #expect(throws: Problem(.invalidRefreshToken)) { try await refresh(session) }
    }

    @Test func `a user has at most fifty sessions, and the one idle longest goes`() async throws {
        let first = try await begin()
        for _ in 0..<SessionPolicy.sessionsPerUser {
            time.now.withLock { $0 = $0.adding(milliseconds: 1) }
            _ = try await begin()
        }
        let ids = try await store.sessions(of: user.userID).map(\.id)
        #expect(ids.count == SessionPolicy.sessionsPerUser && !ids.contains(first.id))
    }

    @Test func `no query reads a whole table`() async throws {
        let id = user.userID
        let queries: [SQL] = [
            "SELECT id FROM sessions WHERE user_id = \(id) AND ended_at IS NULL ORDER BY refreshed_at DESC LIMIT 100",
            "SELECT id FROM sessions WHERE ended_at IS NULL AND expires_at <= \(1) ORDER BY expires_at LIMIT 100",
            "SELECT id FROM audit WHERE user_id = \(id) AND id < \(id) ORDER BY id DESC LIMIT 50",
            "DELETE FROM throttles WHERE last_failure < \(1)",
        ]
        for query in queries {
            for step in try await store.database.queryPlan(query) {
                #expect(!step.hasPrefix("SCAN") && !step.contains("TEMP B-TREE"), "\(query.text): \(step)")
            }
        }
    }
}
