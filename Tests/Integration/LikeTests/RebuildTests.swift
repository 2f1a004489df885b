import Contracts
import System
import TestSupport
import Testing

@Suite(.serialized) struct RebuildTests {
    /// Runs statements on the file of the stopped service and returns their rows.
    private func run(_ rig: LikeRig, _ statements: [String]) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1])
            for statement in sys.argv[2:]:
                for row in base.execute(statement): print([v.hex() if isinstance(v, bytes) else v for v in row])
            base.commit()
            """
        let result = try await Command.python(program, [rig.data.appending("like/like.sqlite")] + statements)
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output
    }

    @Test func `rebuilt projections are those that were there, and likes stay as they are`() async throws {
        let rig = try await LikeRig()
        let people = try (0..<4).map { _ in try rig.person() }
        let now = WallClock.system.now
        let photos = [try await rig.photo(of: people[0]), try await rig.photo(of: people[1], visibility: .private)]
        let comment = Identifier.version7(at: now)
        let added = rig.change(CommentChangeName.Added.self, comment, of: people[1], on: photos[0], version: 1)
        try await rig.publish(added, sequence: 1)
        for blocked in [people[1], people[3]] {
            try await rig.publish(UserBlocked(userID: people[0].id, targetID: blocked.id, timestamp: now))
        }
        try await rig.publish(UserBanned(userID: people[2].id, timestamp: now))
        try await eventually("a like") {
            try await rig.call("PUT", "/v1/comments/\(comment)/likes/me", by: people[3]).status == 200
        }
        try await rig.publish(UserDeleted(userID: people[3].id, erasureID: people[3].id, timestamp: now))
        let gone = try await rig.photo(of: people[0])
        try await rig.publish(MediaDeleted(mediaID: gone, ownerID: people[0].id), sequence: 3)
        let counts = ["targets", "blocks", "banned_users", "likes", "deleted_targets", "outbox"].map {
            "SELECT count(*) FROM \($0)"
        }
        try await eventually("all is applied", within: 30) {
            try await run(rig, counts) == "[4]\n[1]\n[1]\n[0]\n[0]\n[0]\n"
        }
        #expect(try await rig.process("like").stop().isSuccess)

        let projections = ["SELECT * FROM targets", "SELECT * FROM blocks", "SELECT * FROM banned_users"]
        let truth = ["likes", "counters", "erased_users", "deleted_targets", "outbox", "consumer_offsets", "inbox"].map
        {
            "SELECT * FROM \($0) ORDER BY 1"
        }
        let (before, kept) = (try await run(rig, projections), try await run(rig, truth))
        _ = try await run(rig, ["UPDATE targets SET is_public = 0", "DELETE FROM banned_users"])
        #expect(try await run(rig, projections) != before)
        try await rig.start(arguments: ["--rebuild"])
        let rebuild = try rig.process("like")
        #expect(try await rebuild.ended().isSuccess, "\(rebuild.log)")
        #expect(try await run(rig, projections) == before)
        #expect(try await run(rig, truth) == kept)
        try await rig.start()
        #expect(try await rig.audit()["drift"].int == 0)
    }
}
