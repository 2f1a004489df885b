import Contracts
import EventBus
import ServiceKit
import System
import TestSupport
import Testing

@testable import LikeService
@testable import Persistence

/// Runs the statements of Like's store, then has SQLite explain each by the text it was prepared from.
struct QueryPlanTests {
    private let directory: TemporaryDirectory
    private let database: Database
    private let now = Timestamp(milliseconds: 1_742_378_400_000)

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = Database.Configuration(path: directory.appending("like.sqlite"))
        configuration.readers = 1
        database = try Database.open(configuration, migrations: LikeStore.migrations)
    }

    @Test func `no statement scans or sorts a table`() async throws {
        let (user, photo, now) = (Identifier.version7(at: now), Identifier.version7(at: now), now)
        try await database.write { transaction in
            try transaction.save(
                TargetChange(type: .media, id: photo, ownerID: user, isPublic: true, isReady: true, version: 1)
            )
            for _ in 0..<2 {
                let state = try transaction.like(.media, photo, by: user, at: now, traceparent: nil)
                #expect(state == LikeState(isLiked: true, count: 1, version: 1))
            }
        }
        try await database.read { try Self.readAll($0, user, photo) }
        try await database.write { try Self.changeAll($0, user, photo, at: now) }
        let plans = try await database.preparedQueryPlans()
        #expect(plans.count > 25, "\(plans.count) statements")
        for (text, steps) in plans {
            // The first row of a query without a table is a step, too.
            let isBad = steps.contains {
                $0.hasPrefix("SCAN") && $0 != "SCAN CONSTANT ROW" || $0.contains("TEMP B-TREE")
            }
            #expect(!isBad, "\(text): \(steps)")
        }
    }

    private static func readAll(
        _ connection: Persistence.Connection,
        _ user: Identifier,
        _ photo: Identifier
    ) throws {
        #expect(try connection.isLiked(photo, by: user))
        #expect(try connection.likes(of: photo, before: nil, limit: 10).map(\.userID) == [user])
        #expect(try connection.likes(by: user, before: nil, limit: 10).map(\.targetID) == [photo])
        #expect(try connection.unreportedCounts(after: nil, limit: 10).map(\.added) == [1])
        #expect(try connection.target(.comment, photo) == nil)
        #expect(try connection.deletedTarget() == nil && connection.openErasure() == nil)
        #expect(try connection.consumed(by: "like").isEmpty)
        let (counted, last) = try connection.countedTargets(after: nil)
        #expect(counted[photo]?.rows.count == 1 && last == nil)
        #expect(try connection.hasCounter(photo))
        #expect(try connection.hasOutboxRow(upTo: connection.lastOutboxRow()))
    }

    private static func changeAll(
        _ transaction: borrowing Transaction,
        _ user: Identifier,
        _ photo: Identifier,
        at now: Timestamp
    ) throws {
        try transaction.markReported(photo)
        let target = try #require(try transaction.connection.target(photo))
        let state = try transaction.unlike(target, by: user, .unliked, at: now)
        #expect(state == LikeState(isLiked: false, count: 0, version: 2))
        #expect(try transaction.unlike(target, by: user, .unliked, at: now) == nil)
        try transaction.beginRemoval(of: photo)
        #expect(try transaction.connection.deletedTarget() == photo)
        try transaction.endRemoval(of: photo)
        try transaction.ban(user)
        try transaction.setBlock(by: user, of: photo, true)
        try transaction.setBlock(by: user, of: photo, false)
        #expect(try transaction.forgetBlocks(of: user, limit: 1))
        try transaction.beginErasure(of: user, nil, event: photo)
        let erasure = try transaction.connection.openErasure()
        #expect(erasure?.userID == user)
        if let erasure { try transaction.endErasure(erasure, by: "like", at: now) }
    }
}
