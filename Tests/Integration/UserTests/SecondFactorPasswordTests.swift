import Contracts
import EventBus
import Persistence
import ServiceKit
import System
import TestSupport
import Testing

@testable import UserService

/// What a second factor, which Auth tells of, means for passwords.
@Suite(.serialized) struct SecondFactorPasswordTests {
    private static let long = "mot hai ba bon nam"
    private static let short = "Vq8#mZ2!"
    private let fixture: AccountsFixture

    init() throws { fixture = try AccountsFixture() }

    private func hear(_ event: Event) async throws {
        try await fixture.database.write { transaction in
            try UserConsumer.apply(event, in: transaction, at: WallClock.system.now)
        }
    }

    private func enable(_ user: User, at time: Timestamp = WallClock.system.now) async throws {
        try await hear(Event(MFAEnabled(userID: user.id, timestamp: time), at: time))
    }

    private func change(_ user: User, from old: String, to new: String) async throws {
        try await fixture.accounts.changePassword(of: user.id, from: old, to: new)
    }

    @Test func `eight characters are enough beside a second factor, and seven are not`() async throws {
        let user = try await fixture.register()
        await #expect(throws: UserError.weakPassword(.tooShort)) {
            try await change(user, from: Self.long, to: Self.short)
        }
        try await enable(user)
        await #expect(throws: UserError.weakPassword(.tooShort)) {
            try await change(user, from: Self.long, to: "Vq8#mZ2")
        }
        await #expect(throws: UserError.weakPassword(.guessable)) {
            try await change(user, from: Self.long, to: "password")
        }
        try await change(user, from: Self.long, to: Self.short)
        #expect(try await fixture.accounts.verify(email: "linh@example.org", password: Self.short).id == user.id)
    }

    @Test func `a short password keeps the factor until a longer one is set, which must stay long then`() async throws {
        let user = try await fixture.register()
        let accounts = fixture.accounts
        try await enable(user)
        try await change(user, from: Self.long, to: Self.short)
        await #expect(throws: UserError.passwordTooShort) { try await accounts.letPasswordStandAlone(of: user.id) }
        try await change(user, from: Self.short, to: Self.long)
        try await accounts.letPasswordStandAlone(of: user.id)
        await #expect(throws: UserError.weakPassword(.tooShort)) {
            try await change(user, from: Self.long, to: Self.short)
        }
        await #expect(throws: UserError.notFound) {
            try await accounts.letPasswordStandAlone(of: .version7(at: WallClock.system.now))
        }
    }

    @Test func `what is heard late of a factor that has ended changes nothing, and of a new one does`() async throws {
        let user = try await fixture.register()
        let before = WallClock.system.now
        try await fixture.accounts.letPasswordStandAlone(of: user.id)
        try await enable(user, at: before.adding(seconds: -1))
        await #expect(throws: UserError.weakPassword(.tooShort)) {
            try await change(user, from: Self.long, to: Self.short)
        }
        try await enable(user, at: before.adding(seconds: 1))
        try await change(user, from: Self.long, to: Self.short)
        let end = before.adding(seconds: 2)
        try await hear(Event(MFADisabled(userID: user.id, timestamp: end), at: end))
        await #expect(throws: UserError.weakPassword(.tooShort)) {
            try await change(user, from: Self.short, to: "Kx7!pQ4$")
        }
    }

    @Test func `Auth alone may ask, and is told by a code`() async throws {
        let fixture = try await UserServiceFixture()
        let id = try await fixture.register("linh@example.org")
        let path = "/internal/v1/credentials/alone"
        let body = #"{"user_id":"\#(id)"}"#
        #expect(try await fixture.call("POST", path, body).status == 404)
        let headers = ["Authorization": fixture.secret.authorization]
        #expect(try await fixture.call("POST", path, body, headers: headers).status == 204)
        _ = try await Command.python(
            """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1], timeout=10)
            base.execute("UPDATE users SET short_password = 1")
            base.commit()
            """,
            [fixture.directory.appending("user/user.sqlite")]
        )
        let refused = try await fixture.call("POST", path, body, headers: headers)
        #expect(refused.status == 409 && refused.json["code"].string == "password_too_short")
    }
}
