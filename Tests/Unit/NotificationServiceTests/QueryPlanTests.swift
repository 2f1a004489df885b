import Contracts
import EventBus
import System
import TestSupport
import Testing

@testable import NotificationService
@testable import Persistence

/// Runs the statements of Notification's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)
    private let user = Identifier.version7(at: Timestamp(milliseconds: 1))
    private let other = Identifier.version7(at: Timestamp(milliseconds: 2))

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("notification.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: NotificationStore.migrations)
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let teller = Teller(clock: WallClock { [now] in now }, feed: InboxFeed())
        let (user, other, now) = (user, other, now)
        let events = NotificationEvents(teller: teller, likes: nil)
        let like = LikeAdded(
            targetType: .media,
            targetID: other,
            targetOwnerID: user,
            userID: other,
            count: 1,
            timestamp: now
        )
        let comment = CommentAdded(
            commentID: other,
            targetID: other,
            targetOwnerID: user,
            authorID: other,
            depth: 0,
            version: 1,
            actorID: other,
            timestamp: now
        )
        let login = LoginSucceeded(userID: user, sessionID: user, addressPrefix: "", userAgent: "", timestamp: now)
        let history = try [
            Event(UserMuted(userID: user, targetID: user, timestamp: now), at: now), Event(like, at: now),
            Event(comment, at: now), Event(login, at: now),
        ]
        for event in history { try await database.write { try events.handle(event, $0) } }
        let news = LikeNews(database: database, teller: teller)
        for _ in 0..<2 { _ = try await news.step(at: now) }
        try await chat(teller)
        try await database.read { try Self.readAll($0, user, other, at: now) }
        try await database.write { try Self.changeAll($0, user, other, at: now) }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 30, "\(plans.count) statements")
        for (text, steps) in plans {
            #expect(!steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
    }

    /// A room in which something is written, seen and passed on.
    private func chat(_ teller: Teller) async throws {
        let (user, other, now) = (user, other, now)
        let room = Identifier.version7(at: Timestamp(milliseconds: 3))
        let written = ChatMessageSent(
            messageID: user,
            roomID: room,
            authorID: user,
            clientMessageID: "1",
            body: "@binh.n xem này",
            timestamp: now
        )
        let edited = ChatMessageEdited(
            roomID: room,
            seq: 1,
            actorID: user,
            body: "@binh.n và @chi.le",
            messageID: user,
            mentions: ["binh.n"],
            timestamp: now
        )
        let history = try [
            Event(
                ChatRoomCreated(
                    roomID: room,
                    roomType: .group,
                    creatorID: user,
                    memberIDs: [user, other],
                    timestamp: now
                ),
                at: now
            ),
            Event(ChatRoomMuted(roomID: room, userID: user, isMuted: true, timestamp: now), at: now),
            Event(ChatRoomChanged(roomID: room, actorID: user, title: "A", timestamp: now), at: now),
            Event(written, at: now), Event(edited, at: now),
            Event(PresenceSeen(userID: user, roomID: room, seq: 1, timestamp: now), at: now),
        ]
        let events = ChatEvents(clock: teller.clock, news: nil)
        for event in history { try await database.write { try events.apply(event, $0) } }
        let news = ChatNews(database: database, teller: teller)
        _ = try await news.step(at: now.adding(seconds: 10))
        let left = ChatMemberLeft(roomID: room, userID: user, actorID: user, reason: .left, timestamp: now)
        let leaving = try Event(left, at: now)
        try await database.write { try events.apply(leaving, $0) }
    }

    private static func readAll(
        _ connection: Persistence.Connection,
        _ user: Identifier,
        _ other: Identifier,
        at now: Timestamp
    ) throws {
        typealias Store = NotificationStore
        for unread in [true, false] {
            let page = try Store.list(of: user, unreadOnly: unread, before: .max, limit: 10, connection)
            #expect(page.count == 2)
        }
        _ = try Store.list(of: user, unreadOnly: false, archived: true, before: .max, limit: 10, connection)
        _ = try Store.list(of: user, after: 0, limit: 10, connection)
        _ = try Store.lastNumber(of: user, connection)
        #expect(try Store.unreadCount(of: user, connection) == 2)
        #expect(try Store.unseenCount(of: user, connection) == 2)
        #expect(try Store.preferences(of: user, connection) == Preferences())
        _ = try Store.isSuppressed(user, connection)
        _ = try Store.hasReached(3, of: user, on: .push, since: now, connection)
        for channel in Channel.allCases {
            _ = try Store.dueDeliveries(on: channel, at: now, limit: 3, connection)
            _ = try Store.nextDelivery(on: channel, connection)
        }
        _ = try Store.dueDigests(at: now, limit: 3, connection)
        _ = try Store.nextDigest(connection)
        _ = try Store.subscription(other, of: user, connection)
        _ = try Store.webhook(other, of: user, connection)
    }

    private static func changeAll(
        _ transaction: borrowing Transaction,
        _ user: Identifier,
        _ other: Identifier,
        at now: Timestamp
    ) throws {
        typealias Store = NotificationStore
        let first = try Store.list(of: user, after: 0, limit: 1, transaction.connection).first
        let entry = try #require(first)
        for isNews in [true, false] { try Store.replace(entry, isNews: isNews, transaction) }
        _ = try Store.mark(entry.id, of: user, readAt: now, transaction)
        try Store.markAllRead(of: user, at: now, transaction)
        try Store.markAllSeen(by: user, transaction)
        try Self.send(Notice(id: entry.id, userID: user, type: entry.type, data: [:]), at: now, transaction)
        _ = try Store.removeLiker(other, of: other, transaction)
        _ = try Store.pruneGroups(openedBefore: now.adding(seconds: 1), count: 10, transaction)
        try Store.forgetFilm(other, transaction)
        try Store.remove(about: other, transaction)
        try Store.erase(user, transaction)
    }

    private static func send(_ notice: Notice, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        typealias Store = NotificationStore
        let user = notice.userID
        let subscription = PushSubscription(
            id: user,
            userID: user,
            endpoint: "https://push.example/1",
            publicKey: [UInt8](repeating: 4, count: 65),
            secret: [UInt8](repeating: 0, count: 16),
            createdAt: now
        )
        for _ in 0..<2 { #expect(try Store.save(subscription, transaction) == user) }
        let webhook = Webhook(id: user, userID: user, url: "", types: ["*"], sealedSecret: [0], createdAt: now)
        #expect(try Store.insert(webhook, transaction))
        try Store.setPhone("+84901234567", of: user, transaction)
        try Store.save(Preferences(digest: .hourly), of: user, transaction)
        let profile = Profile(userID: user, email: "a@example.com", name: "A", locale: .english)
        try Store.save(profile, sequence: 1, transaction)
        let delivery = Delivery(notice, on: .email, hasEntry: true)
        try Store.enqueue(delivery, at: now, due: now, transaction)
        #expect(try MessageText(delivery, transaction.connection)?.profile == profile)
        try Store.postpone(delivery, "later", until: now, at: now, transaction)
        #expect(try Store.end(delivery, .sent, "taken", at: now, transaction))
        #expect(try !Store.end(delivery, .sent, "taken", at: now, transaction))
        #expect(try Store.explanation(of: notice.id, transaction.connection).first?.attempts.count == 1)
        try Store.suppress(profile, "550", at: now, transaction)
        #expect(try Store.isSuppressed(user, transaction.connection))
        let digest = Digest(id: user, userID: user, dueAt: now)
        try Store.open(digest, transaction)
        #expect(try Store.openDigest(of: user, transaction.connection) == digest)
        try Store.add(notice.id, to: digest, transaction)
        #expect(try Store.close(digest, transaction))
        _ = try Store.unread(in: digest.id, of: user, transaction.connection)
        #expect(try Store.pruneDeliveries(before: now.adding(seconds: 1), count: 10, transaction))
        #expect(try Store.removeSubscription(user, of: user, transaction))
        #expect(try Store.removeWebhook(user, of: user, transaction))
    }
}
