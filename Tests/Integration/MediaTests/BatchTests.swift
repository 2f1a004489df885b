import Contracts
import EventBus
import System
import TestSupport
import Testing

/// What becomes of batches of uploads here: room, hidden items, and their end.
@Suite(.serialized) struct BatchTests {
    private static func content(_ index: Int, size: Int = 1000) -> String {
        "GIF89a\(index)" + String(repeating: "x", count: size - 7)
    }

    @Test func `files of a batch are seen by nobody until it is complete, and then all at once`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let (owner, stranger) = (try rig.person(), try rig.person())
        let (batch, answer, _) = try await rig.begin([1000, 1000, 1000, 1000], of: owner)
        try #require(answer == MediaBatchReserved.type)
        for index in 0..<3 {
            let stored = try await rig.fileStored(Self.content(index), at: index, of: batch, by: owner)
            // Told again, it is still one item.
            for _ in 0..<2 { try await rig.publish(stored) }
        }
        let uploaded = try await (0..<3).asyncMap { try await rig.item(at: $0, of: batch) }
        #expect(uploaded.allSatisfy { $0.payload["visibility"].string == "private" }, "hidden")
        let ids = uploaded.compactMap { $0.payload["media_id"].string }
        try #require(Set(ids).count == 3 && ids == ids.sorted(), "in the order they were sent")
        for item in uploaded.prefix(2) { try await rig.finish(item) }
        try await rig.publish(
            MediaJobFailed(
                mediaID: try #require(Identifier(ids[2])),
                jobID: try #require(Identifier(uploaded[2].id)),
                reason: .damaged,
                detail: "no picture"
            )
        )
        try await eventually("two are ready, one failed") {
            let items = try await service.get("/v1/media", by: owner).json["items"].array
            return items.map { $0["state"].string } == ["failed", "ready", "ready"]
                && items.allSatisfy { $0["hidden"].bool == true && $0["visibility"].string == "public" }
        }
        #expect(try await service.get("/v1/media/\(ids[0])", by: stranger).status == 404)
        #expect(try await service.get("/v1/media?owner_id=\(owner.id)").json["items"].array.isEmpty)

        for _ in 0..<2 { try await rig.publish(rig.completed(batch, of: owner)) }
        try await eventually("others see what is ready") {
            try await service.get("/v1/media?owner_id=\(owner.id)", by: stranger).json["items"].array.count == 2
        }
        #expect(try await service.get("/v1/media/\(ids[0])", by: owner).json["hidden"].bool == nil)
        #expect(try await service.get("/v1/media/\(ids[0])/variants/thumb.webp").status == 200)
        let late = try await rig.fileStored(Self.content(3), at: 3, of: batch, by: owner)
        try await rig.publish(late)
        _ = try await rig.begin([1000], of: owner, after: batch)
        let types = try await rig.events(of: ids[0]).map(\.type)
        #expect(types == [MediaUploaded.type, MediaProcessed.type, MediaVisibilityChanged.type])
        #expect(try await rig.events(of: ids[2]).map(\.type) == [MediaUploaded.type, MediaFailed.type])
        let processed = try await rig.events(of: ids[0])[1].payload
        #expect(processed["visibility"].string == "private" && processed["batch_index"].int == 0)
        #expect(try await service.get("/v1/media", by: owner).json["items"].array.count == 3, "none came late")
    }

    @Test func `the room of a batch is nobody else's until the batch is over`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "5000", "MEDIA_QUOTA_ITEMS": "100"])
        let service = try await rig.service()
        let owner = try rig.person()
        let (batch, answer, _) = try await rig.begin([1000, 2000], of: owner)
        try #require(answer == MediaBatchReserved.type)
        let refused = try await rig.begin([1000, 1001], of: owner)
        #expect(refused.answer == MediaBatchRefused.type && refused.code == "quota_exceeded")
        let tus = ["Tus-Resumable": "1.0.0", "Upload-Length": "2001"]
        let uploads = service.url + "/v1/media/uploads"
        #expect(try await Curl.request("POST", uploads, token: owner.token, headers: tus).status == 413)
        let stored = try await rig.fileStored(Self.content(0), at: 0, of: batch, by: owner)
        try await rig.publish(stored)
        let uploaded = try await rig.item(at: 0, of: batch)
        let path = try rig.picture("p", size: 1000)
        let statuses = try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await service.upload(path, by: owner).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 2 && statuses.filter { $0 == 413 }.count == 6)

        for _ in 0..<2 { try await rig.publish(rig.cancelled(batch, of: owner)) }
        try await rig.publish(stored)
        let id = try #require(uploaded.payload["media_id"].string)
        try await eventually("its item is deleted") {
            try await rig.events(of: id).map(\.type) == [MediaUploaded.type, MediaDeleted.type]
        }
        #expect(try await rig.begin([1000, 2000], of: owner).answer == MediaBatchReserved.type, "the room is free")
        try await eventually("its bytes are gone", within: 20) { try await rig.stored().blobs.count == 1 }
        #expect(try await service.get("/v1/media", by: owner).json["items"].array.count == 2)
    }

    @Test func `batches and uploads that race for the last room never get more than there is`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "5000", "MEDIA_QUOTA_ITEMS": "100"])
        let service = try await rig.service()
        let owner = try rig.person()
        let tus = ["Tus-Resumable": "1.0.0", "Upload-Length": "1000"]
        let uploads = service.url + "/v1/media/uploads"
        let won = try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    try await rig.begin([1000], of: owner).answer == MediaBatchReserved.type
                }
                group.addTask {
                    let status = try await Curl.request("POST", uploads, token: owner.token, headers: tus).status
                    return status == 201
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(won == 5)
    }

    @Test func `a file of a batch is what its content says, and of what is not taken nothing is left`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"
        let (batch, _, _) = try await rig.begin([Int64(script.utf8.count), 0, 100, 1000], of: owner)
        try await rig.publish(try await rig.fileStored(script, at: 0, of: batch, by: owner))
        try await rig.publish(try await rig.fileStored("", at: 1, of: batch, by: owner))
        var lost = try await rig.fileStored(Self.content(2, size: 100), at: 2, of: batch, by: owner)
        lost.sha256 = String(repeating: "0", count: 64)
        try await rig.publish(lost)
        try await rig.publish(try await rig.fileStored(Self.content(3), at: 3, of: batch, by: owner))
        for (index, reason) in ["unsupported_type", "unsupported_type", "internal"].enumerated() {
            let failed = try await rig.item(at: index, of: batch)
            #expect(failed.type == MediaFailed.type && failed.payload["reason"].string == reason, "\(failed)")
        }
        let good = try await rig.item(at: 3, of: batch)
        #expect(good.type == MediaUploaded.type && good.payload["file_name"].string == "3.gif")
        #expect(try await service.get("/v1/media", by: owner).json["items"].array.count == 1)
        try await eventually("only the good one is stored", within: 20) { try await rig.stored().blobs.count == 1 }
    }

    @Test func `a ban refuses files and batches, and with an account its batches go`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let (banned, erased) = (try rig.person(), try rig.person())
        var items: [String] = []
        var batches: [Identifier] = []
        for person in [banned, erased] {
            let (batch, _, _) = try await rig.begin([1000, 1000], of: person)
            try await rig.publish(try await rig.fileStored(Self.content(0), at: 0, of: batch, by: person))
            items.append(try #require(try await rig.item(at: 0, of: batch).payload["media_id"].string))
            batches.append(batch)
        }
        let now = WallClock.system.now
        try await rig.publish(UserBanned(userID: banned.id, timestamp: now))
        try await rig.publish(
            UserDeleted(userID: erased.id, erasureID: Identifier.version7(at: now), timestamp: now)
        )
        try await eventually("the item of the erased account is deleted") {
            try await rig.events(of: items[1]).contains { $0.type == MediaDeleted.type }
        }
        try await eventually("the ban") {
            try await service.upload(try rig.picture("p", size: 1000), by: banned).status == 403
        }
        for (person, batch) in zip([banned, erased], batches) {
            try await rig.publish(try await rig.fileStored(Self.content(1), at: 1, of: batch, by: person))
            try await rig.publish(rig.completed(batch, of: person))
        }
        let refused = try await rig.item(at: 1, of: batches[0])
        #expect(refused.type == MediaFailed.type && refused.payload["reason"].string == "refused")
        #expect(try await rig.begin([1000], of: banned).code == "user_banned")
        #expect(try await rig.begin([1000], of: erased).code == "token_revoked")
        let ofErased = try await rig.events(of: "").filter { $0.payload["owner_id"].string == erased.id.description }
        #expect(!ofErased.contains { $0.payload["batch_index"].int == 1 || $0.type == MediaVisibilityChanged.type })
    }
}

extension Sequence {
    /// Maps one after the other.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
