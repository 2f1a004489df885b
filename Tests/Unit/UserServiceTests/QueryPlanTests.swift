import Contracts
import Security
import System
import TestSupport
import Testing

@testable import Persistence
@testable import UserService

/// Runs the statements of User's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("user.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: UserSchema.migrations)
    }

    private func account(_ name: String, _ role: Role) throws -> User {
        User(
            id: .version7(at: now),
            email: try #require(EmailAddress("\(name)@example.org")),
            handle: try #require(Handle(name)),
            displayName: try #require(DisplayName(name)),
            locale: .vi,
            role: role,
            ban: User.Ban(since: now, reason: "spam", until: now),
            createdAt: now,
            version: 1
        )
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let (lan, minh) = (try account("lan", .admin), try account("minh", .user))
        let now = now
        try await database.write { try Self.fill($0, lan, minh, at: now) }
        try await database.read { try Self.readAll($0, lan, minh, at: now) }
        try await database.write { try Self.changeAll($0, lan, minh, at: now) }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 40, "\(plans.count) statements")
        for (text, steps) in plans {
            let isBad = steps.contains {
                $0.hasPrefix("SCAN") && $0 != "SCAN CONSTANT ROW" || $0.contains("TEMP B-TREE")
            }
            #expect(!isBad, "\(text): \(steps)")
        }
    }

    private static func fill(
        _ transaction: borrowing Transaction,
        _ lan: User,
        _ minh: User,
        at now: Timestamp
    ) throws {
        for user in [lan, minh] {
            try transaction.insert(user, passwordHash: "x")
            try transaction.update(user)
        }
        #expect(try transaction.insert(.block, of: lan.id, to: minh.id, at: now))
        #expect(try transaction.noteLogin(of: lan.id, at: now))
        let act = AdminAct(id: .version7(at: now), adminID: lan.id, kind: .banned, detail: "spam")
        try transaction.insert(act, on: minh.id)
        for user in [lan, minh] {
            let waiting = EmailConfirmation(userID: user.id, email: user.email, expiresAt: now.adding(seconds: 60))
            try transaction.save(waiting, digest: EmailConfirmation.digest(of: user.handle.text))
        }
        let key = AllowanceKey(.passwordGuesses, of: "lan", secret: [1])
        for _ in 0..<Allowance.passwordGuesses.limit { #expect(try transaction.use(.passwordGuesses, key, at: now)) }
        #expect(try !transaction.use(.passwordGuesses, key, at: now))
    }

    private static func readAll(
        _ connection: Persistence.Connection,
        _ lan: User,
        _ minh: User,
        at now: Timestamp
    ) throws {
        #expect(try connection.user(lan.id)?.handle == lan.handle && connection.user(email: minh.email)?.id == minh.id)
        #expect(try connection.isTaken(minh.handle) && connection.passwordHash(of: lan.id) == "x")
        #expect(try connection.lastLogin(of: lan.id) == now && connection.lastLogin(of: minh.id) == nil)
        #expect(try !connection.hasAdmin(besides: lan.id))
        #expect(try connection.targets(of: lan.id, .block, after: nil, limit: 9).count == 1)
        #expect(try connection.countTargets(of: lan.id, .mute) == 0)
        for role in [Role.user, nil] {
            for isBanned in [true, false] {
                for text in ["minh", "minh@example.org", nil] {
                    let filter = UserFilter(role: role, isBanned: isBanned, text: text)
                    #expect(try connection.users(filter, after: nil, limit: 9).map(\.id).contains(minh.id))
                    let rest = try connection.users(filter, after: (minh.id, minh.handle.key), limit: 9)
                    #expect(!rest.contains { $0.id == minh.id })
                }
            }
        }
        #expect(try connection.endedBans(at: now, limit: 9).count == 2 && connection.nextBanEnd() == now)
        #expect(try connection.adminActs(on: minh.id, before: nil, limit: 9).map(\.kind) == [.banned])
        #expect(try connection.confirmation(of: lan.id, at: now)?.email == lan.email)
        let key = AllowanceKey(.passwordGuesses, of: "lan", secret: [1])
        #expect(try connection.wait(.passwordGuesses, key, at: now) == 600)
    }

    private static func changeAll(
        _ transaction: borrowing Transaction,
        _ lan: User,
        _ minh: User,
        at now: Timestamp
    ) throws {
        #expect(try transaction.setPasswordHash("y", of: lan.id, replacing: "x", isShort: true))
        #expect(try transaction.setPasswordHash("z", of: lan.id, isShort: false))
        try transaction.renewPasswordHash("x", of: lan.id, replacing: "z")
        try transaction.noteSecondFactor(of: lan.id, at: now)
        try transaction.notePasswordAlone(of: lan.id, at: now)
        #expect(try transaction.delete(.block, of: lan.id, to: minh.id))
        let digest = EmailConfirmation.digest(of: "lan")
        #expect(try transaction.takeConfirmation(digest: digest, at: now)?.userID == lan.id)
        #expect(try transaction.takeConfirmation(digest: digest, at: now) == nil)
        try transaction.forgetConfirmations(before: now, limit: 9)
        try transaction.forgetAllowances(before: now, limit: 9)
        let erasure = Erasure(id: .version7(at: now), userID: minh.id, requestedAt: now, receipts: [:])
        #expect(try transaction.delete(minh, at: now, secret: [1]))
        try transaction.insert(erasure, token: "token")
        try transaction.insertReceipt(of: "auth", for: erasure.id, at: now)
        #expect(try transaction.connection.erasure(erasure.id, token: "token")?.receipts == ["auth": now])
        #expect(try transaction.connection.isRetired(minh.handle, secret: [1], at: now))
        #expect(try !transaction.connection.isRetired(lan.handle, secret: [1], at: now))
        try transaction.forgetRetiredHandles(before: now, limit: 9)
    }
}
