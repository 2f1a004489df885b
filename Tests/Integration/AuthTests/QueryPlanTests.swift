import Contracts
import EventBus
import Security
import System
import TestSupport
import Testing

@testable import AuthService
@testable import Mailing
@testable import Persistence

/// Runs the statements of Auth's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let fixture: AuthStoreFixture

    init() throws { fixture = try AuthStoreFixture() }

    @Test func `no statement scans or sorts a table`() async throws {
        let store = fixture.store
        let session = try await fixture.begin()
        _ = try await fixture.refresh(session)
        _ = try await store.sessions(of: session.userID)
        _ = try await store.audit(of: session.userID, before: nil, limit: 10)
        _ = try await store.loginWait(bucket: "a", address: "b")
        let failure = FailedLogin(account: "a", address: "b", userID: nil, reason: "invalid_credentials")
        try await store.loginFailed(failure, client: .none)
        try await logInTwice()
        try await recover()
        try await store.logOut(userID: session.userID, from: session.id, scope: .global, client: .none)
        try await store.sweep()
        let now = store.clock.now
        for event in [UserPasswordChanged(userID: session.userID, timestamp: now)] { try await fixture.deliver(event) }
        try await fixture.deliver(UserRoleChanged(userID: session.userID, role: .staff, timestamp: now))
        try await fixture.deliver(UserDeleted(userID: session.userID, erasureID: session.userID, timestamp: now))
        let plans = try await store.database.preparedQueryPlans()
        #expect(plans.count > 40, "\(plans.count) statements")
        for (text, steps) in plans {
            // What has been asked for is taken in its own order, all of it.
            let isQueue = text.contains("FROM reset_requests ORDER BY id")
            let isBad = steps.contains { $0.hasPrefix("SCAN") && !isQueue || $0.contains("TEMP B-TREE") }
            #expect(!isBad, "\(text): \(steps)")
        }
    }

    /// With the second factor, once wrong and once right.
    private func logInTwice() async throws {
        let factor = SecondFactor(store: fixture.store, secrets: fixture.secrets) { _ in }
        let user = fixture.user.userID
        let now = fixture.store.clock.now
        try await fixture.store.database.write { [secrets = fixture.secrets] transaction in
            let sealed = try secrets.secondFactors.seal([1], context: user.bytes)
            try SecondFactorRows.insert(transaction, of: user, sealed: sealed, at: now)
            try SecondFactorRows.confirm(transaction, of: user, at: now)
        }
        guard case .secondFactor(let token) = try await fixture.logIn() else { return }
        _ = try await factor.status(of: user)
        for proof in [SecondFactor.Proof.recoveryCode("aaaaa-aaaaa"), .code(TOTP(secret: [1]).code(of: step(now)))] {
            _ = try? await factor.logIn(token, proof, address: "b", client: .none)
        }
    }

    private func step(_ now: Timestamp) -> Int64 { now.milliseconds / 1000 / TOTP.stepSeconds }

    private func recover() async throws {
        let (store, user) = (fixture.store, fixture.user.userID)
        let profile = UserProfile(
            userID: user,
            email: "a@example.org",
            handle: "a",
            displayName: "A",
            locale: "en",
            role: .user
        )
        try await fixture.deliver(profile)
        let now = store.clock.now
        try await store.database.write { [secrets = fixture.secrets] transaction in
            let name = secrets.accountName(email: "a@example.org")
            #expect(try AccountRows.owner(transaction.connection, named: name) == user)
            #expect(try AccountRows.find(transaction.connection, user, secrets)?.email == "a@example.org")
            let request = PasswordResetRows.Request(id: .version7(at: now), account: name, client: .none)
            try PasswordResetRows.insert(transaction, request)
            #expect(try PasswordResetRows.take(transaction, limit: 2).count == 1)
            let end = now.adding(seconds: 10)
            try PasswordResetRows.insert(transaction, token: "x", of: user, at: now, expiresAt: end)
            #expect(try PasswordResetRows.count(transaction.connection, of: user, after: .init(milliseconds: 0)) == 1)
            #expect(try PasswordResetRows.claim(transaction, token: "x", at: now, until: end) == user)
            try PasswordResetRows.release(transaction, token: "x")
            try PasswordResetRows.forget(transaction, of: user)
            try MailQueue.forget(user, transaction)
        }
    }
}
