import Contracts
import System
import TestSupport
import Testing

/// Likes under load while Like and the broker are killed: what people were told, the rows, the counters and the log say the
/// same. `LIKE_CHANGES` makes it longer: 100,000 are 5,000 people on 100 targets.
@Suite(.serialized) struct LikeShowTests {
    private static let changes = Environment.value("LIKE_CHANGES").flatMap(Int.init) ?? 4000
    private static let kills = 6

    @Test func `no like is lost, doubled or miscounted while Like and the broker are killed`() async throws {
        let rig = try await LikeRig()
        let owner = try rig.person()
        var targets: [Identifier] = []
        for _ in 0..<max(10, Self.changes / 1000) { targets.append(try await rig.photo(of: owner)) }
        try await eventually("the last target is known", within: 30) {
            try await rig.like(targets[targets.count - 1], by: owner).status == 200
        }
        _ = try await rig.unlike(targets[targets.count - 1], by: owner)
        let people = try (0..<max(200, Self.changes / 20)).map { _ in try rig.person() }
        let load = try LikeLoad(rig, changes: Self.changes, people: people, targets: targets)
        async let likes = load.run(seed: 1)
        for kill in 1...Self.kills {
            let next = Self.changes * kill / (Self.kills + 1)
            try await eventually("change \(next)", within: 300) { load.progress >= next }
            try await rig.crash(kill % 3 == 0 ? "broker" : "like")
        }
        let expected = try await likes
        #expect(expected.count > Self.changes / 4)

        let audit = try await eventually("the log has everything", within: 60) {
            let answer = try await rig.call("GET", "/v1/admin/likes/audit", by: try rig.person(roles: ["admin"]))
            return answer.status == 200 ? answer.json : nil
        }
        #expect(audit["drift"].int == 0 && audit["likes"].int == expected.count, "\(audit)")
        #expect(audit["targets"].int == targets.count)
        #expect(try await listed(targets, rig) == expected)
        #expect(try await replayed(rig) == expected)
        try await expectAnalyticsAgrees(on: targets, expected.count, rig)
    }

    /// Analytics, which reads the log from its start, has counted what Like reported, of every target.
    private func expectAnalyticsAgrees(on targets: [Identifier], _ likes: Int, _ rig: LikeRig) async throws {
        let analytics = try await rig.analytics()
        let admin = try rig.person(roles: ["admin"])
        let wanted = Set(targets.map(\.description))
        let items = try await eventually("every target is reported and counted", within: 120) {
            let url = "\(analytics)/v1/analytics/reconcile?limit=200"
            let items = try await Curl.request("GET", url, token: admin.token).json["items"].array
            let sum = items.reduce(0) { $0 + ($1["counted"]["added"].int ?? 0) - ($1["counted"]["removed"].int ?? 0) }
            return Set(items.compactMap { $0["subject"].string }) == wanted && sum == likes ? items : nil
        }
        #expect(items.allSatisfy { $0["drift"].int == 0 }, "\(items)")
    }

    /// Who likes what by the lists, whose counts must agree.
    private func listed(_ targets: [Identifier], _ rig: LikeRig) async throws -> LikeLoad.Likes {
        var likes = LikeLoad.Likes()
        for target in targets {
            var (path, count) = ("/v1/media/\(target)/likes?limit=200", 0)
            while true {
                let page = try await rig.call("GET", path).json
                let users = page["items"].array.compactMap { $0["user_id"].string }
                likes.formUnion(users.map { LikeLoad.line(target.description, $0) })
                count += users.count
                guard let cursor = page["next_cursor"].string else {
                    #expect(page["count"].int == count, "\(target)")
                    break
                }
                path = "/v1/media/\(target)/likes?limit=200&cursor=\(cursor)"
            }
        }
        return likes
    }

    /// Who likes what by the log, which a program in another language replays: an event counts once by its id, and says the
    /// count after it.
    private func replayed(_ rig: LikeRig) async throws -> LikeLoad.Likes {
        let program = """
            import collections, json, subprocess, sys
            likes, seen = collections.defaultdict(set), set()
            command = ["kcat", "-C", "-q", "-J", "-e", "-o", "beginning", "-b", sys.argv[1], "-t", "like-events"]
            for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
                record = json.loads(line)
                headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
                if headers["ce_id"] in seen: continue
                seen.add(headers["ce_id"])
                event = json.loads(record["payload"])
                users = likes[record["key"]]
                if headers["ce_type"] == "like.added":
                    assert event["user_id"] not in users, "added twice"
                    users.add(event["user_id"])
                elif headers["ce_type"] == "like.removed": users.remove(event["user_id"])
                assert event["count"] == len(users), (headers, event, len(users))
            for target, users in likes.items():
                for user in users: print(target, user)
            """
        let result = try await Command.python(program, [rig.broker], within: 120)
        try #require(result.status.isSuccess, "\(result.output.suffix(2000))")
        return Set(result.output.split(separator: "\n").map(String.init))
    }
}
