import Contracts
import EventBus
import Persistence
import Security
import Synchronization
import System
import TestSupport
import Testing

@testable import UserService

/// Accounts over a database of their own; weak hashes, so a test takes milliseconds.
struct AccountsFixture {
    static let weak = PasswordHash(memory: 64, iterations: 1, parallelism: 1)

    let directory: TemporaryDirectory
    let database: Database
    let accounts: Accounts

    init(hash: PasswordHash = weak) throws {
        directory = try TemporaryDirectory()
        let path = directory.appending("user.db")
        database = try Database.open(Database.Configuration(path: path), migrations: UserSchema.migrations)
        let passwords = try Passwords(threads: 1, parameters: hash)
        accounts = Accounts(database: database, passwords: passwords, clock: .system, secret: [1])
    }

    func register(_ email: String = "linh@example.org", handle: String? = nil) async throws -> User {
        let registration = Accounts.Registration(
            email: try #require(EmailAddress(email)),
            password: .password("mot hai ba bon nam"),
            displayName: try #require(DisplayName("Linh Nguyen")),
            handle: try handle.map { try #require(Handle($0)) }
        )
        return try await accounts.register(registration)
    }

    /// Types and sequences of what waits in the outbox.
    func published() async throws -> [String] {
        try await database.read { connection in
            try connection.outbox(after: 0, limit: 1000).map(\.type)
        }
    }
}

struct AccountsTests {
    let fixture: AccountsFixture
    var accounts: Accounts { fixture.accounts }

    init() throws { fixture = try AccountsFixture() }

    private func failure(_ call: () async throws -> Void) async -> UserError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? UserError
        }
    }

    @Test func `a new account is told of with its profile first`() async throws {
        let user = try await fixture.register()
        #expect(user.handle.text == "linh_nguyen")
        #expect(try await fixture.published() == ["user.profile", "user.registered"])
    }

    @Test func `an address is taken whatever its case, and nothing is told of the attempt`() async throws {
        _ = try await fixture.register("linh@example.org")
        #expect(await failure { _ = try await fixture.register("Linh@Example.ORG") } == .emailTaken)
        #expect(try await fixture.published().count == 2)
    }

    @Test func `a handle is taken whatever its case`() async throws {
        _ = try await fixture.register("a@example.org", handle: "Linh.N")
        #expect(await failure { _ = try await fixture.register("b@example.org", handle: "linh.n") } == .handleTaken)
    }

    @Test func `a handle is taken whatever its accents`() async throws {
        _ = try await fixture.register("a@example.org", handle: "lính")
        #expect(await failure { _ = try await fixture.register("b@example.org", handle: "linh") } == .handleTaken)
        #expect(await failure { _ = try await fixture.register("b@example.org", handle: "Lĩnh") } == .handleTaken)
    }

    @Test func `two who sign up with one address at once make one account`() async throws {
        let results = await withTaskGroup(of: UserError?.self) { group in
            for _ in 0..<8 { group.addTask { await failure { _ = try await fixture.register() } } }
            return await group.reduce(into: []) { results, result in results.append(result) }
        }
        #expect(results.count { $0 == nil } == 1)
        #expect(results.count { $0 == .emailTaken } == 7)
    }

    @Test func `who chose no handle gets a free one`() async throws {
        let first = try await fixture.register("a@example.org")
        let second = try await fixture.register("b@example.org")
        #expect(first.handle != second.handle)
        #expect(second.handle.text.hasPrefix("linh_nguyen_"))
    }

    @Test(arguments: [
        ("short", "too_short"), ("Vq8#mZ2!xT4$kW", "too_short"), ("passwordpassword", "guessable"),
        ("linh@example.org", "guessable"),
    ])
    func `a weak password is refused`(password: String, weakness: String) async throws {
        let registration = Accounts.Registration(
            email: try #require(EmailAddress("linh@example.org")),
            password: .password(password),
            displayName: try #require(DisplayName("Linh"))
        )
        let error = await failure { _ = try await accounts.register(registration) }
        #expect(error == .weakPassword(try #require(Passwords.Weakness(rawValue: weakness))))
    }

    @Test func `the right password is verified and a wrong one is not`() async throws {
        let user = try await fixture.register()
        #expect(try await accounts.verify(email: "LINH@example.org", password: "mot hai ba bon nam") == user)
        for (email, password) in [("linh@example.org", "nam bon ba hai mot"), ("no@example.org", "x"), ("?", "x")] {
            let known = email == user.email.text ? user.id : nil
            let error = await failure { _ = try await accounts.verify(email: email, password: password) }
            #expect(error == .invalidCredentials(of: known))
        }
    }

    @Test func `a banned account is told so only to who knows the password`() async throws {
        let user = try await fixture.register()
        _ = try await accounts.ban(user.id, reason: "spam", until: nil, by: user.id)
        let right = await failure {
            _ = try await accounts.verify(email: user.email.text, password: "mot hai ba bon nam")
        }
        let wrong = await failure { _ = try await accounts.verify(email: user.email.text, password: "wrong") }
        #expect(right == .banned(user.id))
        #expect(wrong == .invalidCredentials(of: user.id))
        _ = try await accounts.unban(user.id, by: user.id)
        #expect(try await accounts.verify(email: user.email.text, password: "mot hai ba bon nam").ban == nil)
        #expect(try await fixture.published().suffix(2) == ["user.banned", "user.unbanned"])
    }

    @Test func `a password set when shorter ones were taken still logs in, and the next one has to be longer`()
        async throws
    {
        let user = try await fixture.register()
        let short = try AccountsFixture.weak.hash("Vq8#mZ2!")
        _ = try await fixture.database.write { transaction in
            try transaction.setPasswordHash(short, of: user.id, isShort: false)
        }
        #expect(try await accounts.verify(email: user.email.text, password: "Vq8#mZ2!") == user)
        let error = await failure {
            _ = try await accounts.changePassword(of: user.id, from: "Vq8#mZ2!", to: "Kx7$nB4?")
        }
        #expect(error == .weakPassword(.tooShort))
        _ = try await accounts.changePassword(of: user.id, from: "Vq8#mZ2!", to: "sau bay tam chin muoi")
        #expect(try await accounts.verify(email: user.email.text, password: "sau bay tam chin muoi").id == user.id)
    }

    @Test func `a log-in renews a hash made with weaker parameters`() async throws {
        let user = try await fixture.register()
        let stronger = try Passwords(threads: 1, parameters: PasswordHash(memory: 128, iterations: 1, parallelism: 1))
        let accounts = Accounts(database: fixture.database, passwords: stronger, clock: .system, secret: [1])
        _ = try await accounts.verify(email: user.email.text, password: "mot hai ba bon nam")
        let hash = try await fixture.database.read { connection in try connection.passwordHash(of: user.id) }
        #expect(hash?.contains("m=128,") == true)
        _ = try await accounts.verify(email: user.email.text, password: "mot hai ba bon nam")
    }

    @Test func `a changed password replaces the old one`() async throws {
        let user = try await fixture.register()
        let wrong = await failure {
            try await accounts.changePassword(of: user.id, from: "wrong", to: "sau bay tam chin muoi")
        }
        #expect(wrong == .invalidCredentials(of: user.id))
        try await accounts.changePassword(of: user.id, from: "mot hai ba bon nam", to: "sau bay tam chin muoi")
        #expect(try await accounts.verify(email: user.email.text, password: "sau bay tam chin muoi").id == user.id)
        let old = await failure {
            _ = try await accounts.verify(email: user.email.text, password: "mot hai ba bon nam")
        }
        #expect(old == .invalidCredentials(of: user.id))
        #expect(try await fixture.published().last == "user.password-changed")
    }

    @Test func `of two changes of one version the second is refused`() async throws {
        let user = try await fixture.register()
        let name: DisplayName = try #require(DisplayName("Linh N."))
        let change = ProfileChange(displayName: name)
        let written = try await accounts.change(user.id, change) { $0 == user.version }
        #expect(written.version == 2)
        #expect(
            await failure { _ = try await accounts.change(user.id, change) { $0 == user.version } } == .changedMeanwhile
        )
    }

    @Test func `a change that changes nothing tells nothing`() async throws {
        let user = try await fixture.register()
        let change = ProfileChange(displayName: user.displayName)
        let written = try await accounts.change(user.id, change) { _ in true }
        #expect(written == user)
        #expect(try await fixture.published().count == 2)
    }

    @Test func `a block is told of once however often it is asked for`() async throws {
        let (user, other) = (try await fixture.register("a@example.org"), try await fixture.register("b@example.org"))
        for _ in 0..<2 { try await accounts.add(.block, of: user.id, to: other.id) }
        for _ in 0..<2 { try await accounts.remove(.block, of: user.id, to: other.id) }
        #expect(try await fixture.published().suffix(2) == ["user.blocked", "user.unblocked"])
        #expect(await failure { try await accounts.add(.mute, of: user.id, to: user.id) } == .targetIsSelf)
    }

    @Test func `the last admin can neither be demoted nor banned nor deleted`() async throws {
        try await accounts.ensureAdmin(
            email: try #require(EmailAddress("admin@example.org")),
            password: "mot hai ba bon nam"
        )
        let admin = try await accounts.verify(email: "admin@example.org", password: "mot hai ba bon nam")
        #expect(admin.role == .admin)
        #expect(await failure { _ = try await accounts.setRole(of: admin.id, to: .user, by: nil) } == .lastAdmin)
        #expect(
            await failure { _ = try await accounts.ban(admin.id, reason: "x", until: nil, by: admin.id) } == .lastAdmin
        )
        #expect(await failure { _ = try await accounts.delete(admin.id) } == .lastAdmin)
        let other = try await fixture.register()
        _ = try await accounts.setRole(of: other.id, to: .admin, by: admin.id)
        #expect(try await accounts.setRole(of: admin.id, to: .user, by: other.id).role == .user)
    }

    @Test func `the handle of a deleted account rests, so nobody passes for its owner`() async throws {
        let user = try await fixture.register("a@example.org", handle: "linh.n")
        _ = try await accounts.delete(user.id)
        #expect(await failure { _ = try await fixture.register("b@example.org", handle: "Lính.N") } == .handleTaken)
        let other = try await fixture.register("a@example.org", handle: "an.n")
        let change = ProfileChange(handle: Handle("linh.n"))
        #expect(await failure { _ = try await accounts.change(other.id, change) { _ in true } } == .handleTaken)
        let stored = try await fixture.database.read { connection in
            try connection.rows("SELECT hex(mark) FROM retired_handles") { row in try row[0] as String }
        }
        #expect(stored.count == 1)
    }

    @Test func `a handle given up for another rests for all but who had it, and few are given up at once`() async throws
    {
        let user = try await fixture.register("a@example.org", handle: "linh.n")
        func rename(_ id: Identifier, _ handle: String) async throws -> String {
            try await accounts.change(id, ProfileChange(handle: Handle(handle))) { _ in true }.handle.text
        }
        #expect(try await rename(user.id, "linh.new") == "linh.new")
        let other = try await fixture.register("b@example.org", handle: "an.n")
        #expect(await failure { _ = try await rename(other.id, "Lính.N") } == .handleTaken)
        #expect(await failure { _ = try await fixture.register("c@example.org", handle: "linh.n") } == .handleTaken)
        #expect(try await rename(user.id, "linh.n") == "linh.n", "who had it may have it back")
        #expect(await failure { _ = try await rename(other.id, "linh.new") } == .handleTaken)
        for number in 0..<3 { _ = try await rename(user.id, "linh.\(number)") }
        #expect(await failure { _ = try await rename(user.id, "linh.4") } == .tooMany(.handleChanges, seconds: 3600))
        _ = try await accounts.delete(user.id)
        #expect(
            await failure { _ = try await rename(other.id, "linh.n") } == .handleTaken,
            "the account's end is no end"
        )
    }

    @Test func `a deleted account is gone and its erasure can be followed by who has the token`() async throws {
        let user = try await fixture.register()
        let (erasure, token) = try await accounts.delete(user.id)
        #expect(
            await failure { _ = try await accounts.verify(email: user.email.text, password: "x") }
                == .invalidCredentials(of: nil)
        )
        let types = try await fixture.published()
        #expect(types.suffix(3) == ["user.profile", "user.deleted", "user.erased"])
        let receipt = UserErased(
            userID: user.id,
            erasureID: erasure.id,
            service: "auth",
            timestamp: Timestamp(milliseconds: 5)
        )
        let event = try Event(receipt, at: Timestamp(milliseconds: 5), source: "/auth")
        try await fixture.database.write { transaction in
            try UserConsumer.apply(event, in: transaction, at: Timestamp(milliseconds: 6))
        }
        let (known, guessed) = try await fixture.database.read { connection in
            (try connection.erasure(erasure.id, token: token), try connection.erasure(erasure.id, token: "guess"))
        }
        #expect(known?.receipts == ["auth": Timestamp(milliseconds: 5)])
        #expect(guessed == nil)
    }

    @Test func `a log-in that Auth tells of is told on`() async throws {
        let user = try await fixture.register()
        let login = LoginSucceeded(userID: user.id, timestamp: Timestamp(milliseconds: 7))
        let event = try Event(login, at: Timestamp(milliseconds: 7))
        try await fixture.database.write { transaction in
            try UserConsumer.apply(event, in: transaction, at: Timestamp(milliseconds: 8))
        }
        #expect(try await fixture.published().last == "user.logged-in")
    }

    @Test(
        arguments: [
            "SELECT * FROM users WHERE email = 'a'", "SELECT 1 FROM users WHERE handle = 'a'",
            "SELECT * FROM users WHERE id > x'00' ORDER BY id LIMIT 50",
            "SELECT 1 FROM users WHERE role = 'admin' AND banned_at IS NULL AND id <> x'00' LIMIT 1",
            "SELECT target_id FROM relations WHERE user_id = x'00' AND kind = 'block' AND target_id > x'00' ORDER BY target_id",
            "DELETE FROM users WHERE id = x'00'",
        ] as [SQL]
    )
    func `no query scans or sorts the accounts`(sql: SQL) async throws {
        let plan = try await fixture.database.queryPlan(sql)
        // users_admins holds admins alone, so reading it through is no scan of the accounts.
        let isFine = plan.allSatisfy { $0.hasPrefix("SEARCH") || $0.contains("users_admins") }
        #expect(isFine, "\(plan)")
    }
}
