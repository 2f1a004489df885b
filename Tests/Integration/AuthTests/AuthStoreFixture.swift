import Contracts
import EventBus
import Persistence
import ServiceKit
import Synchronization
import System
import TestSupport

@testable import AuthService

/// A store of its own with a clock that tests set.
struct AuthStoreFixture {
    private final class Time: Sendable {
        let now = Mutex(Timestamp(milliseconds: 1_742_378_400_000))
    }

    private let time = Time()
    private let directory: TemporaryDirectory
    let store: AuthStore
    let secrets: AuthSecrets
    let user = VerifiedCredentials(userID: .version7(at: Timestamp(milliseconds: 1)), role: .user)

    init(sessionsPerUser: Int = SessionPolicy.maximumSessionsPerUser) throws {
        directory = try TemporaryDirectory()
        let database = try Database.open(
            Database.Configuration(path: directory.appending("auth.sqlite")),
            migrations: AuthStore.migrations
        )
        let rules = [RateLimitRule.Scope.account, .address].map { scope in
            RateLimitRule("five", counts: .failedLogIns, scope: scope, quota: 5, windowSeconds: 900)
        }
        secrets = try AuthSecrets(secret: [UInt8](repeating: 3, count: 32))
        store = AuthStore(
            database: database,
            policy: SessionPolicy(idleSeconds: 100, absoluteSeconds: 250, sessionsPerUser: sessionsPerUser),
            limits: LoginLimits(rules),
            clock: WallClock { [time] in time.now.withLock { $0 } }
        )
    }

    func advance(milliseconds: Int64) { time.now.withLock { $0 = $0.adding(milliseconds: milliseconds) } }

    func advance(_ seconds: Int64) { advance(milliseconds: seconds * 1000) }

    /// A log-in that needs no second factor.
    func begin(_ user: VerifiedCredentials? = nil) async throws -> Session {
        guard case .session(let session) = try await logIn(user) else { throw Problem(.mfaRequired) }
        return session
    }

    func logIn(_ user: VerifiedCredentials? = nil) async throws -> AuthStore.LoginResult {
        try await store.begin(user ?? self.user, account: "a", bucket: "a", client: .none)
    }

    func refresh(_ session: Session, secret: [UInt8] = [7]) async throws -> Session {
        let token = RefreshToken(of: session, secret: secret)
        return try await store.refresh(token, secret: [7], client: .none)
    }

    /// The types of what waits in the outbox.
    func published() async throws -> [String] {
        try await store.database.read { try $0.outbox(after: 0, limit: 1000).map(\.type) }
    }

    func deliver(_ payload: some EventPayload) async throws {
        let event = try Event(payload, at: store.clock.now)
        let events = AuthEvents(store: store, secrets: secrets)
        try await store.database.write { try events.handle(event, $0) }
    }
}
