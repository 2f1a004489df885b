import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct LikeTests {
    @Test func `likes are counted once however often they are asked for, and told only when they change`() async throws
    {
        let rig = try await LikeRig()
        let (owner, lan, minh) = (try rig.person(), try rig.person(), try rig.person())
        let photo = try await rig.photo(of: owner)
        for _ in 0..<3 {
            let answer = try await rig.like(photo, by: lan)
            #expect(answer.status == 200 && answer.json["count"].int == 1 && answer.json["liked"].bool == true)
        }
        #expect(try await rig.like(photo, by: minh).json["count"].int == 2)
        let path = "/v1/media/\(photo)/likes/me"
        let seen = try await rig.call("GET", path, by: owner)
        #expect(seen.json["count"].int == 2 && seen.json["liked"].bool == false)
        let tag = ["If-None-Match": try #require(seen.headers["etag"])]
        #expect(try await rig.call("GET", path, by: owner, headers: tag).status == 304)
        for _ in 0..<2 {
            let answer = try await rig.unlike(photo, by: lan)
            #expect(answer.status == 200 && answer.json["count"].int == 1 && answer.json["liked"].bool == false)
        }
        #expect(try await rig.call("GET", path, by: owner, headers: tag).status == 200)
        let events = try await eventually("a report comes last") {
            let events = try await rig.events(of: photo)
            return events.last?.type == LikeCountsReported.type && events.last?.payload["removed"].int == 1
                ? events : nil
        }
        let changes = events.filter { $0.type != LikeCountsReported.type }
        #expect(changes.map(\.type) == [LikeAdded.type, LikeAdded.type, LikeRemoved.type])
        #expect(changes.map { $0.payload["count"].int } == [1, 2, 1])
        #expect(changes.allSatisfy { $0.payload["target_owner_id"].string == owner.id.description })
        #expect(changes[2].payload["reason"].string == "unliked")
        let report = try #require(events.last?.payload)
        #expect(report["count"].int == 1 && report["added"].int == 2 && report["offsets"] != .object([:]))
        let audit = try await rig.audit()
        #expect(audit["drift"].int == 0 && audit["likes"].int == 1 && audit["events"].int == 3, "\(audit)")
        let judged = try await EventCheck.run(broker: rig.broker)
        #expect(judged.status.isSuccess, "\(judged.output)")
    }

    @Test func `what one does not see one cannot like, and what was just made is waited for`() async throws {
        let rig = try await LikeRig()
        let (owner, stranger) = (try rig.person(), try rig.person())
        let hidden = try await rig.photo(of: owner, visibility: .private)
        let raw = try await rig.photo(of: owner, isReady: false)
        _ = try await rig.photo(of: owner)
        for photo in [hidden, raw] {
            #expect(try await rig.like(photo, by: owner).status == 200, "one's own")
            let refused = try await rig.like(photo, by: stranger)
            #expect(refused.status == 404 && refused.json["code"].string == "target_not_found")
            #expect(try await rig.call("GET", "/v1/media/\(photo)/likes", by: stranger).status == 404)
            #expect(try await rig.call("GET", "/v1/media/\(photo)/likes").status == 404)
            #expect(try await rig.call("GET", "/v1/media/\(photo)/likes/me", by: stranger).status == 404)
            #expect(try await rig.call("PUT", "/v1/comments/\(photo)/likes/me", by: owner).status == 404)
        }
        try await rig.publish(
            MediaVisibilityChanged(mediaID: hidden, ownerID: owner.id, visibility: .public),
            sequence: 3
        )
        try await eventually("it is public") { try await rig.like(hidden, by: stranger).json["count"].int == 2 }
        try await rig.publish(
            MediaVisibilityChanged(mediaID: hidden, ownerID: owner.id, visibility: .private),
            sequence: 4
        )
        try await eventually("it is private") { try await rig.like(hidden, by: stranger).status == 404 }
        let own = try await rig.call("GET", "/v1/users/me/likes", by: stranger)
        #expect(own.status == 200 && own.json["items"].array.isEmpty, "what one does not see is left out")
        #expect(try await rig.unlike(hidden, by: stranger).json["count"].int == 1, "a like can be taken back")
        #expect(try await rig.unlike(hidden, by: stranger).status == 404)

        let old = Identifier.version7(at: WallClock.system.now.adding(seconds: -60))
        var fastest = UInt64.max
        for _ in 0..<5 {
            let start = MonotonicClock.nanoseconds
            #expect(try await rig.like(old, by: owner).status == 404)
            fastest = min(fastest, MonotonicClock.nanoseconds - start)
        }
        #expect(fastest < 900_000_000, "not waited for")
        let young = Identifier.version7(at: WallClock.system.now)
        async let early = rig.like(young, by: stranger)
        _ = try await rig.photo(of: owner, young)
        let status = try await early.status
        #expect(status == 200 || status == 404, "known when it was asked for, or known but not ready")
        try await eventually("it is liked") { try await rig.like(young, by: stranger).json["count"].int == 1 }
        #expect(try await rig.audit()["drift"].int == 0)
    }

    @Test func `comments are liked while they and what they are about are seen`() async throws {
        let rig = try await LikeRig()
        let (author, lan) = (try rig.person(), try rig.person())
        let photo = try await rig.photo(of: author)
        let comment = Identifier.version7(at: WallClock.system.now)
        let path = "/v1/comments/\(comment)/likes/me"
        try await rig.publish(
            rig.change(CommentChangeName.Added.self, comment, of: author, on: photo, version: 1),
            sequence: 1
        )
        try await eventually("it is liked") { try await rig.call("PUT", path, by: lan).json["count"].int == 1 }
        try await rig.publish(
            rig.change(CommentChangeName.Hidden.self, comment, of: author, on: photo, version: 2),
            sequence: 2
        )
        try await eventually("it is hidden") { try await rig.call("GET", path, by: lan).status == 404 }
        try await rig.publish(
            rig.change(CommentChangeName.Restored.self, comment, of: author, on: photo, version: 3),
            sequence: 3
        )
        try await eventually("it is back") { try await rig.call("GET", path, by: lan).json["liked"].bool == true }
        let private_ = MediaVisibilityChanged(mediaID: photo, ownerID: author.id, visibility: .private)
        try await rig.publish(private_, sequence: 3)
        try await eventually("its photo is private") { try await rig.call("GET", path, by: lan).status == 404 }
        try await rig.publish(
            rig.change(CommentChangeName.Deleted.self, comment, of: author, on: photo, version: 4),
            sequence: 4
        )
        try await eventually("its likes are gone") {
            try await rig.events(of: comment).contains {
                $0.type == LikeRemoved.type && $0.payload["reason"].string == "target_deleted"
            }
        }
        let audit = try await rig.audit()
        #expect(audit["drift"].int == 0 && audit["likes"].int == 0)
    }

    @Test func `lists and counts go on by cursors and leave out what is not seen`() async throws {
        let rig = try await LikeRig()
        let owner = try rig.person()
        let photos = [try await rig.photo(of: owner), try await rig.photo(of: owner)]
        let hidden = try await rig.photo(of: owner, visibility: .private)
        let people = try (0..<5).map { _ in try rig.person() }
        for person in people { #expect(try await rig.like(photos[0], by: person).status == 200) }
        #expect(try await rig.like(photos[1], by: people[0]).status == 200)
        #expect(try await rig.like(hidden, by: owner).status == 200)

        var (found, path): ([String], String?) = ([], "/v1/media/\(photos[0])/likes?limit=2")
        while let next = path {
            let page = try await rig.call("GET", next)
            #expect(page.status == 200 && page.json["count"].int == 5)
            found += page.json["items"].array.compactMap { $0["user_id"].string }
            path = page.json["next_cursor"].string.map { "/v1/media/\(photos[0])/likes?limit=2&cursor=\($0)" }
            #expect((path == nil) == (page.headers["link"] == nil))
        }
        #expect(found == people.reversed().map(\.id.description), "the latest first")
        let own = try await rig.call("GET", "/v1/users/me/likes?limit=1", by: people[0])
        #expect(own.json["items"][0]["id"].string == photos[1].description)
        let cursor = try #require(own.json["next_cursor"].string)
        let rest = try await rig.call("GET", "/v1/users/me/likes?cursor=\(cursor)", by: people[0])
        #expect(rest.json["items"].array.map { $0["id"].string } == [photos[0].description])
        let foreign = try await rig.call("GET", "/v1/media/\(photos[0])/likes?cursor=\(cursor)")
        #expect(foreign.status == 422 && foreign.json["code"].string == "invalid_cursor")

        let targets = (photos + [hidden]).map { #"{"type":"media","id":"\#($0)"}"# }.joined(separator: ",")
        let body = #"{"targets":[\#(targets),{"type":"comment","id":"\#(photos[0])"}]}"#
        let counts = try await rig.call("POST", "/v1/likes/counts", by: people[0], json: body)
        #expect(counts.json["items"].array.map { $0["count"].int } == [5, 1])
        #expect(counts.json["items"].array.map { $0["liked"].bool } == [true, true])
        let strange = try await rig.call("POST", "/v1/likes/counts", json: body)
        #expect(strange.json["items"].array.count == 2 && strange.json["items"][0]["liked"].bool == nil)
        let owned = try await rig.call("POST", "/v1/likes/counts", by: owner, json: body)
        #expect(owned.json["items"].array.count == 3)
    }

    @Test func `who is banned, blocked or gone likes nothing, and of who is gone no like is left`() async throws {
        let rig = try await LikeRig()
        let (owner, lan) = (try rig.person(), try rig.person())
        let photos = [try await rig.photo(of: owner), try await rig.photo(of: owner)]
        for photo in photos { #expect(try await rig.like(photo, by: lan).status == 200) }
        #expect(try await rig.unlike(photos[0], by: lan).status == 200)
        let now = WallClock.system.now
        try await rig.publish(UserBlocked(userID: owner.id, targetID: lan.id, timestamp: now))
        try await eventually("blocked") { try await rig.like(photos[0], by: lan).json["code"].string == "forbidden" }
        try await rig.publish(UserUnblocked(userID: owner.id, targetID: lan.id, timestamp: now))
        try await eventually("unblocked") { try await rig.like(photos[0], by: lan).json["count"].int == 1 }
        try await rig.publish(UserBanned(userID: lan.id, timestamp: now))
        try await eventually("banned") { try await rig.like(photos[0], by: lan).json["code"].string == "user_banned" }
        try await rig.publish(UserUnbanned(userID: lan.id, timestamp: now))
        try await eventually("unbanned") { try await rig.like(photos[0], by: lan).status == 200 }
        let erasure = Identifier.version7(at: now)
        for _ in 0..<2 {
            try await rig.publish(UserDeleted(userID: lan.id, erasureID: erasure, timestamp: now))
        }
        let receipts = try await eventually("the receipt") {
            let receipts = try await rig.records("user-events").filter { $0.header("ce_type") == UserErased.type }
            return receipts.isEmpty ? nil : receipts
        }
        #expect(try JSON(parsing: receipts[0]["payload"].string ?? "")["service"].string == "like")
        #expect(try await rig.like(photos[0], by: lan).status == 401)
        for photo in photos {
            let list = try await rig.call("GET", "/v1/media/\(photo)/likes")
            #expect(list.json["count"].int == 0 && list.json["items"].array.isEmpty)
            #expect(try await rig.events(of: photo).contains { $0.payload["reason"].string == "user_erased" })
        }
        let audit = try await rig.audit()
        #expect(audit["drift"].int == 0 && audit["likes"].int == 0, "\(audit)")
    }
}
