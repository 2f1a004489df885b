import Contracts
import EventBus
import FoundationEssentials
import ServiceKit
import System
import TestSupport
import Testing

@testable import CommentService
@testable import Persistence

/// Runs the statements of Comment's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let comments: Comments
    private let now = Timestamp(milliseconds: 1_742_378_400_000)
    private let owner = Identifier.made(1)
    private let lan = Identifier.made(2)
    private let minh = Identifier.made(3)
    private let item = Identifier.made(4)

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("comment.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: CommentStore.migrations)
        var reader = ConfigurationReader([:])
        comments = Comments(rules: CommentRules(&reader))
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let test = self
        try await database.write { transaction in
            try test.hearOfPeople(transaction)
            try test.discuss(transaction)
            try test.moderate(transaction)
        }
        try await database.read { try test.readAll($0) }
        let removal = Removal(database: database, clock: WallClock { test.now })
        while try await removal.step() != nil {}
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 60, "\(plans.count) statements")
        for (text, steps) in plans {
            #expect(!steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(text): \(steps)")
        }
    }

    private func hearOfPeople(_ transaction: borrowing Transaction) throws {
        try transaction.note(item, of: owner, visibility: .public)
        try transaction.note(item, of: owner, isReady: true)
        try transaction.save(Profile(userID: minh, handle: "minh", name: "Minh"), sequence: 1)
        try transaction.setBlock(by: owner, of: minh, true)
        try transaction.setBlock(by: owner, of: minh, false)
        try transaction.ban(minh)
        try transaction.unban(minh)
    }

    private func caller(_ user: Identifier, _ second: Int64 = 0, isModerator: Bool = false) -> Comments.Caller {
        Comments.Caller(
            userID: user,
            isModerator: isModerator,
            now: now.adding(seconds: second),
            traceparent: nil
        )
    }

    private func draft(_ number: UInt8, _ text: String, to parent: Identifier? = nil) throws -> Comments.Draft {
        let text = try CommentText(text)
        return Comments.Draft(
            id: .made(number),
            targetID: item,
            parentID: parent,
            text: text,
            rendered: try RenderedText(text)
        )
    }

    private func discuss(_ transaction: borrowing Transaction) throws {
        let first = try comments.add(draft(10, "Chào @minh"), by: caller(lan), transaction)
        #expect(try transaction.connection.mentions(in: first.id) == [minh])
        let reply = try comments.add(draft(11, "Chào", to: first.id), by: caller(minh), transaction)
        #expect(reply.depth == 1)
        let text = try CommentText("Xin chào")
        let match = VersionMatch(versions: ["1"])
        let edited = try comments.edit(
            first.id,
            text,
            RenderedText(text),
            match: match,
            by: caller(lan, 1),
            transaction
        )
        #expect(edited.version == 2)
        #expect(throws: Problem(.preconditionFailed)) {
            try comments.edit(first.id, text, RenderedText(text), match: match, by: caller(lan, 1), transaction)
        }
        #expect(throws: Problem(.duplicateComment)) {
            try comments.add(draft(12, "Xin chào"), by: caller(lan, 2), transaction)
        }
        try comments.report(reply.id, .spam, note: nil, by: caller(lan, 3), transaction)
    }

    private func moderate(_ transaction: borrowing Transaction) throws {
        let moderator = caller(owner, 4, isModerator: true)
        #expect(try comments.moderate(.made(11), .hidden, reason: "spam", by: moderator, transaction).reports == 0)
        _ = try comments.moderate(.made(11), .visible, reason: nil, by: moderator, transaction)
        try comments.pin(.made(10), true, by: moderator, transaction)
        try transaction.slow(item, seconds: 60)
        #expect(throws: RateLimited.self) { try comments.add(draft(13, "Nữa"), by: caller(lan, 5), transaction) }
        try transaction.lock(item, true)
        #expect(throws: Problem(.threadLocked)) { try comments.add(draft(13, "Nữa"), by: caller(lan, 70), transaction) }
        try transaction.lock(item, false)
        try transaction.blockComments(of: lan, until: now.adding(seconds: 80))
        #expect(throws: Problem.self) { try comments.add(draft(13, "Nữa"), by: caller(lan, 70), transaction) }
        _ = try comments.add(draft(13, "Nữa"), by: caller(lan, 90), transaction)
        try transaction.unblockComments(of: lan)
        try comments.delete(.made(13), match: nil, by: caller(lan, 91), transaction)
        try comments.report(.made(10), .other, note: "?", by: caller(minh, 92), transaction)
        try transaction.beginErasure(of: minh, nil, event: .made(20))
        try transaction.noteDeleted(item, of: owner)
    }

    private func readAll(_ connection: Persistence.Connection) throws {
        for sort in CommentSort.allCases {
            let page = try connection.comments(at: item, sort: sort, after: nil, limit: 10)
            #expect(page.count == 2)
            let place = CommentPlace(rank: page[0].listedRank, number: page[0].number)
            #expect(try connection.comments(at: item, sort: sort, after: place, limit: 10) == Array(page.dropFirst()))
        }
        #expect(try connection.reportedComments(after: nil, limit: 10).map(\.0.id) == [.made(10)])
        #expect(try connection.openReports(of: .made(10), limit: 10).count == 1)
        #expect(try connection.revisions(of: .made(10), before: .max, limit: 10).map(\.body) == ["Chào @minh"])
        #expect(try connection.moderation(before: .max, limit: 10).map(\.action) == ["pin", "restore", "hide"])
        #expect(try connection.thread(of: item).comments == 2)
        let view = try CommentView(try #require(try connection.comment(.made(10))), connection)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // The one writes a line's end as \u000a, the other as \n.
        let written = String(decoding: view.json(), as: UTF8.self).replacing(#"\u000a"#, with: #"\n"#)
        #expect(try written == String(decoding: encoder.encode(view), as: UTF8.self))
    }
}

extension Identifier {
    /// A version 7 identifier that is always the same.
    static func made(_ last: UInt8) -> Identifier {
        Identifier(bytes: [1, 0x95, 0xAD, 0xC0, 0xDE, 0, 0x70, 1, 0x80, 0, 0, 0, 0, 0, 0, last])!
    }
}
