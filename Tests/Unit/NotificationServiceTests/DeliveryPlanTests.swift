import EventBus
import Persistence
import ServiceKit
import System
import Telemetry
import TestSupport
import Testing

@testable import NotificationService

struct DeliveryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)
    private let user = Identifier.version7(at: Timestamp(milliseconds: 1))

    init() throws {
        directory = try TemporaryDirectory()
        database = try Database.open(
            Database.Configuration(path: directory.appending("notification.sqlite")),
            migrations: NotificationStore.migrations
        )
    }

    /// A teller whose channels are all there, and send nothing.
    private func teller(at time: Timestamp) -> Teller {
        let clock = WallClock { time }
        let queue = DueWork("test", clock: clock, logger: Logger(label: "test", level: .error)) { _ in nil }
        return Teller(
            clock: clock,
            feed: InboxFeed(),
            queues: [.email: queue, .push: queue, .sms: queue, .webhook: queue]
        )
    }

    private func tell(_ type: String, _ teller: Teller) async throws -> [String: DeliveryPlan.Decision] {
        let notice = Notice(id: .version7(at: now), userID: user, type: type, data: [:])
        try await database.write { try teller.tell(notice, $0) }
        let entry = try await database.read { [user] in try NotificationStore.find(notice.id, of: user, $0) }
        let plan = try JSON(parsing: entry?.plan ?? "")
        var decisions: [String: DeliveryPlan.Decision] = [:]
        for decision in plan["decisions"].array {
            let name = try #require(decision["channel"].string)
            decisions[name] = DeliveryPlan.Decision(
                channel: try #require(Channel(rawValue: name)),
                decision: try #require(decision["decision"].string.flatMap(DeliveryPlan.Verdict.init)),
                rule: decision["rule"].string,
                until: decision["until"].string.flatMap { Timestamp(rfc3339: $0) }
            )
        }
        return decisions
    }

    private func keep(_ preferences: Preferences) async throws {
        try await database.write { [user] in try NotificationStore.save(preferences, of: user, $0) }
    }

    @Test func `what others do is capped, tickets and alerts are not`() async throws {
        let subscription = PushSubscription(
            id: user,
            userID: user,
            endpoint: "https://push.example/1",
            publicKey: [UInt8](repeating: 4, count: 65),
            secret: [UInt8](repeating: 0, count: 16),
            createdAt: now
        )
        _ = try await database.write { try NotificationStore.save(subscription, $0) }
        let teller = teller(at: now)
        var verdicts: [DeliveryPlan.Verdict?] = []
        for _ in 0..<62 { verdicts.append(try await tell("comment.added", teller)["push"]?.decision) }
        #expect(verdicts.prefix(60).allSatisfy { $0 == .queued })
        #expect(verdicts.suffix(2).allSatisfy { $0 == .capped })
        #expect(try await tell("booking.booked", teller)["push"]?.decision == .queued)
        #expect(try await tell("security.new-device", teller)["push"]?.decision == .queued)
        let later = self.teller(at: now.adding(seconds: 3601))
        #expect(try await tell("comment.added", later)["push"]?.decision == .queued)
        await database.close()
    }

    /// Somebody's program, which takes all.
    private func addWebhook() async throws {
        let webhook = Webhook(
            id: .version7(at: now),
            userID: user,
            url: "https://example.com/",
            types: ["*"],
            sealedSecret: [0],
            createdAt: now
        )
        let isTaken = try await database.write { try NotificationStore.insert(webhook, $0) }
        #expect(isTaken)
    }

    @Test func `a thousand webhooks an hour tell what others do, and tickets and alerts pass beyond them`() async throws
    {
        // Three programs: the thousandth would be the first of three.
        for _ in 0..<3 { try await addWebhook() }
        let teller = teller(at: now)
        for number in 1...333 {
            #expect(try await tell("comment.added", teller)["webhook"]?.decision == .queued, "\(number)")
        }
        #expect(try await tell("comment.added", teller)["webhook"]?.decision == .capped)
        #expect(try await tell("booking.booked", teller)["webhook"]?.decision == .queued)
        #expect(try await tell("security.new-device", teller)["webhook"]?.decision == .queued)
        let almost = self.teller(at: now.adding(seconds: 3599))
        #expect(try await tell("like.added", almost)["webhook"]?.decision == .capped)
        let later = self.teller(at: now.adding(seconds: 3601))
        #expect(try await tell("like.added", later)["webhook"]?.decision == .queued)
        await database.close()
    }

    @Test func `no number of alerts makes more text messages than a day has`() async throws {
        try await database.write { [user] in try NotificationStore.setPhone("+84901234567", of: user, $0) }
        let teller = teller(at: now)
        var count = 0
        for _ in 0..<15 {
            let decision = try await tell("security.new-device", teller)["sms"]?.decision
            if decision == .queued { count += 1 }
        }
        #expect(count == 10)
        await database.close()
    }

    @Test func `a daily digest comes in the morning of the person, an hourly one at the hour`() async throws {
        // 10:00 in UTC is 17:00 in Viet Nam.
        try await keep(Preferences(digest: .daily))
        let daily = try await tell("comment.added", teller(at: now))["email"]
        #expect(daily?.decision == .digest)
        #expect(daily?.until?.description == "2025-03-20T01:00:00.000Z")
        #expect(try await tell("like.added", teller(at: now))["email"]?.until == daily?.until)
        #expect(try await tell("booking.booked", teller(at: now))["email"]?.decision == .queued)
        _ = try await database.write { [user] transaction in
            try NotificationStore.forgetDeliveries(of: user, transaction)
        }
        try await keep(Preferences(digest: .hourly))
        let hourly = try await tell("comment.added", teller(at: now))["email"]
        #expect(hourly?.until?.description == "2025-03-19T11:00:00.000Z")
        await database.close()
    }

    @Test func `quiet hours hold back all but alerts, and never webhooks or the inbox`() async throws {
        try await database.write { [user] in try NotificationStore.setPhone("+84901234567", of: user, $0) }
        try await keep(Preferences(quietHours: QuietHours(start: "16:00", end: "18:00")))
        try await addWebhook()
        let ticket = try await tell("booking.booked", teller(at: now))
        for channel in ["email", "sms"] {
            #expect(ticket[channel]?.decision == .quietHours)
            #expect(ticket[channel]?.until?.description == "2025-03-19T11:00:00.000Z")
        }
        #expect(ticket["in_app"]?.decision == .told)
        #expect(ticket["push"]?.decision == .noAddress)
        #expect(ticket["webhook"]?.decision == .queued)
        #expect(try await tell("security.new-device", teller(at: now))["email"]?.decision == .queued)
        await database.close()
    }
}
