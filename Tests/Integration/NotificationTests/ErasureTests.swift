import Contracts
import EventBus
import Persistence
import System
import TestSupport
import Testing

@testable import NotificationService

@Suite struct ErasureTests {
    private let user = Identifier.version7(at: Timestamp(milliseconds: 1))
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    /// Everything that Notification hears of somebody, the deletion last.
    private func history() throws -> [Event] {
        let profile = UserProfile(
            userID: user,
            email: "ngoc@example.com",
            handle: "ngoc",
            displayName: "Ngọc",
            locale: "vi",
            role: .user
        )
        let booked = NotificationRequested(
            userID: user,
            message: "…",
            template: "booking.booked",
            data: ["time": "19:00"]
        )
        let logins = ["198.51.100.0/24", "203.0.113.0/24"].map { network in
            LoginSucceeded(userID: user, sessionID: user, addressPrefix: network, userAgent: "x", timestamp: now)
        }
        return try [
            Event(profile, at: now, sequence: 1),
            Event(UserRegistered(userID: user, locale: "vi", role: .user, timestamp: now), at: now),
            Event(booked, at: now), Event(logins[0], at: now), Event(logins[1], at: now),
            Event(UserPasswordChanged(userID: user, timestamp: now), at: now),
            Event(UserDeleted(userID: user, erasureID: user, timestamp: now), at: now),
            Event(tombstone: user.description, of: UserProfile.self, at: now, sequence: 2),
        ]
    }

    @Test func `an erased person's history, heard once more, brings nothing back`() async throws {
        let folder = try TemporaryDirectory()
        let database = try Database.open(
            Database.Configuration(path: folder.appending("notification.sqlite")),
            migrations: NotificationStore.migrations
        )
        let teller = Teller(clock: WallClock { [now] in now }, feed: InboxFeed())
        let events = NotificationEvents(teller: teller, likes: nil)
        func rowsOfPeople() async throws -> [Int] {
            try await database.read { connection in
                let tables: [SQL] = [
                    "profiles", "settings", "notifications", "deliveries", "devices", "relations", "phones", "webhooks",
                    "push_subscriptions", "suppressions", "digests",
                ]
                return try tables.map { try connection.value("SELECT count(*) FROM \($0)") ?? 0 }
            }
        }
        let history = try history()
        for event in history.prefix(6) { try await database.write { try events.handle(event, $0) } }
        #expect(try await rowsOfPeople().reduce(0, +) > 2)
        try await database.write { [user] in try NotificationStore.setPhone("+84901234567", of: user, $0) }
        for event in history.dropFirst(6) + history { try await database.write { try events.handle(event, $0) } }
        try await database.write { [user] transaction in
            try NotificationStore.save(Preferences(email: true), of: user, transaction)
            try NotificationStore.setPhone("+84901234567", of: user, transaction)
        }
        #expect(try await rowsOfPeople().allSatisfy { $0 == 0 })
        let published = try await database.read { try $0.outbox(after: 0, limit: 100) }
        #expect(published.contains { $0.type == UserErased.type })
        await database.close()
    }
}
