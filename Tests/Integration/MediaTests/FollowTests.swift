import Contracts
import EventBus
import System
import TestSupport
import Testing

/// Items followed by streams, and made anew by other presets.
@Suite(.serialized) struct FollowTests {
    @Test func `a stream that was cut off goes on behind what it had, or says that it cannot`() async throws {
        let rig = try await MediaRig()
        var service = try await rig.service()
        let owner = try rig.person()
        let media = try await service.upload(try rig.picture("a", size: 1000), by: owner).json
        let id = try #require(media["id"].string)
        let uploaded = try await eventually("the job") { try await rig.events(of: id).first }
        let (item, job) = (try #require(Identifier(id)), try #require(Identifier(uploaded.id)))
        let address = "\(service.url)/v1/media/\(id)/events"
        let first = try EventStreamReader(address, token: owner.token)
        let state = try await first.first("the state") { $0.name == "state" }
        #expect(state.event.data["state"].string == "uploaded")
        for percent in [10, 20, 30] {
            try await rig.publish(MediaJobProgressed(mediaID: item, jobID: job, percent: percent, stage: "resizing"))
        }
        let seen = try await first.first("the last progress") { $0.data["percent"].int == 30 }
        let ids = first.events.compactMap(\.id)
        try #require(ids.count >= 3 && ids.last == seen.event.id)

        let second = try EventStreamReader(address, token: owner.token, lastEventID: ids[ids.count - 3])
        _ = try await second.first("what it had not") { $0.data["percent"].int == 30 }
        #expect(second.events.compactMap { $0.data["percent"].int } == [20, 30])
        let odd = try EventStreamReader(address, token: owner.token, lastEventID: "yesterday")
        _ = try await odd.first("a reset") { $0.name == "reset" }
        #expect(try await service.get("/v1/media/\(id)/events", by: try rig.person()).status == 404)

        _ = try await service.stop()
        service = try await rig.service()
        let third = try EventStreamReader(address, token: owner.token, lastEventID: ids[0])
        _ = try await third.first("a reset, for what was before its start it does not know") { $0.name == "reset" }
        let now = try await third.first("the state") { $0.name == "state" }
        #expect(now.event.data["state"].string == "processing")
    }

    @Test func `items of older presets are made anew once, and their old variants go`() async throws {
        let rig = try await MediaRig()
        var service = try await rig.service()
        let (owner, admin) = (try rig.person(), try rig.admin())
        let media = try await service.upload(try rig.picture("a", size: 1000), by: owner).json
        let id = try #require(media["id"].string)
        let first = try await eventually("the job") { try await rig.events(of: id).first }
        try await rig.finish(first)
        let shown = "/v1/media/\(id)/variants/thumb.webp"
        try await eventually("it is ready") { try await service.get(shown).body == "thumb of \(first.id)" }
        _ = try await service.stop()
        service = try await rig.service(["MEDIA_PRESET_VERSION": "2"])
        let route = "\(service.url)/v1/admin/media/reprocess"
        #expect(try await Curl.request("POST", route, token: owner.token).status == 403)
        for _ in 0..<2 { #expect(try await Curl.request("POST", route, token: admin.token).status == 202) }
        let again = try await eventually("another job") {
            try await rig.events(of: id).last { $0.type == MediaUploaded.type && $0.id != first.id }
        }
        #expect(again.payload["preset_version"].int == 2)
        #expect(try await service.get(shown).body == "thumb of \(first.id)", "until the new one is there")
        try await rig.finish(first)
        for _ in 0..<2 { try await rig.finish(again) }
        try await eventually("the new variant") { try await service.get(shown).body == "thumb of \(again.id)" }
        try await eventually("the old one is collected", within: 20) { try await rig.stored().blobs.count == 2 }
        #expect(try await Curl.request("POST", route, token: admin.token).status == 202)
        let types = try await rig.events(of: id).map(\.type)
        #expect(types == [MediaUploaded.type, MediaProcessed.type, MediaUploaded.type, MediaProcessed.type])
        let failed = MediaJobFailed(
            mediaID: try #require(Identifier(id)),
            jobID: try #require(Identifier(again.id)),
            reason: .timedOut,
            detail: "too late"
        )
        try await rig.publish(failed)
        #expect(try await service.get("/v1/media/\(id)").json["state"].string == "ready")
    }

    @Test func `who follows an item is left when it may be seen no longer`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let id = try #require(
            try await service.upload(try rig.picture("a", size: 1000), by: owner).json["id"].string
        )
        try await rig.finish(try await eventually("the job") { try await rig.events(of: id).first })
        try await eventually("it is ready") { try await service.get("/v1/media/\(id)").status == 200 }
        let tag = try #require(try await service.get("/v1/media/\(id)").headers["etag"])
        let address = "\(service.url)/v1/media/\(id)/events"
        let (own, other) = (try EventStreamReader(address, token: owner.token), try EventStreamReader(address))
        for stream in [own, other] { _ = try await stream.first("the state") { $0.name == "state" } }
        let changed = try await Curl.request(
            "PATCH",
            "\(service.url)/v1/media/\(id)",
            json: #"{"visibility":"private"}"#,
            token: owner.token,
            headers: ["If-Match": tag]
        )
        try #require(changed.status == 200)
        try await eventually("a stranger is left", within: 20) { try other.hasEnded }
        #expect(try !own.hasEnded)
        _ = try await Curl.request("DELETE", "\(service.url)/v1/media/\(id)", token: owner.token)
        _ = try await own.first("the end") { $0.name == MediaDeleted.type }
        try await eventually("its owner too", within: 20) { try own.hasEnded }
    }

    @Test func `others are told when an owner changes who may see an item`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let media = try await service.upload(try rig.picture("a", size: 1000), by: owner).json
        let id = try #require(media["id"].string)
        for (patch, tag) in [
            (#"{"visibility":"private"}"#, "1"), (#"{"title":"x"}"#, "2"), (#"{"visibility":"public"}"#, "3"),
        ] {
            let answer = try await Curl.request(
                "PATCH",
                "\(service.url)/v1/media/\(id)",
                json: patch,
                token: owner.token,
                headers: ["If-Match": "\"\(tag)\""]
            )
            #expect(answer.status == 200, "\(answer.body)")
        }
        let told = try await eventually("both changes") {
            let events = try await rig.events(of: id).filter { $0.type == MediaVisibilityChanged.type }
            return events.count == 2 ? events : nil
        }
        #expect(told.map { $0.payload["visibility"].string } == ["private", "public"])
    }
}
