import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct MediaTests: TusByHand {
    @Test func `a photo is uploaded, processed once however often that is reported, shown and deleted`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let (owner, stranger) = (try rig.person(), try rig.person())
        let (status, media) = try await service.upload(try rig.picture("a", size: 300_000), by: owner)
        try #require(status == 201, "\(media)")
        let id = try #require(media["id"].string)
        #expect(media["state"].string == "uploaded" && media["content_type"].string == "image/png")
        #expect(try await service.get("/v1/media/\(id)", by: owner).status == 200)
        #expect(try await service.get("/v1/media/\(id)", by: stranger).status == 404, "not ready")
        #expect(try await service.get("/v1/media/\(id)").status == 404, "not ready")

        let uploaded = try await eventually("the job") { try await rig.events(of: id).first }
        #expect(uploaded.type == MediaUploaded.type && uploaded.payload["sha256"].string == media["sha256"].string)
        let (item, job) = (try #require(Identifier(id)), try #require(Identifier(uploaded.id)))
        let variant = try await rig.variant("thumb.webp", "small")
        let finished = MediaJobFinished(
            mediaID: item,
            jobID: job,
            presetVersion: 1,
            kind: .image,
            width: 400,
            height: 200,
            placeholder: "L",
            variants: [variant]
        )
        try await rig.publish(MediaJobProgressed(mediaID: item, jobID: job, percent: 50, stage: "resizing"))
        let stale = MediaJobFailed(mediaID: item, jobID: owner.id, reason: .internal, detail: "of another job")
        try await rig.publish(stale)
        for _ in 0..<3 { try await rig.publish(finished) }
        try await rig.publish(MediaJobFailed(mediaID: item, jobID: job, reason: .timedOut, detail: "too late"))
        try await eventually("it is ready") {
            try await service.get("/v1/media/\(id)", by: stranger).json["state"].string == "ready"
        }
        let seen = try await service.get("/v1/media/\(id)").json
        #expect(seen["width"].int == 400 && seen["placeholder"].string == "L" && seen["file_name"].string == nil)
        let address = try #require(seen["variants"][0]["url"].string)
        let small = try await service.get(address)
        #expect(small.body == "small" && small.headers["cache-control"] == "public, max-age=31536000, immutable")
        #expect(small.headers["content-type"] == "image/webp" && small.headers["x-content-type-options"] == "nosniff")

        #expect(try await Curl.request("DELETE", "\(service.url)/v1/media/\(id)", token: stranger.token).status == 404)
        #expect(try await Curl.request("DELETE", "\(service.url)/v1/media/\(id)", token: owner.token).status == 204)
        #expect(try await service.get("/v1/media/\(id)", by: owner).status == 404)
        #expect(try await service.get(address).status == 404)
        try await eventually("nothing is left on disk", within: 20) {
            let stored = try await rig.stored()
            return stored.blobs.isEmpty && stored.uploads.isEmpty
        }
        let types = try await rig.events(of: id).map(\.type)
        #expect(
            types == [
                MediaUploaded.type, MediaProcessingProgressed.type, MediaProcessed.type, MediaDeleted.type,
            ]
        )
    }

    @Test func `equal content of two people is kept once, until both have deleted it`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let people = [try rig.person(), try rig.person()]
        let path = try rig.picture("same", size: 100_000)
        let ids = try await [
            service.upload(path, by: people[0]).json["id"].string,
            service.upload(path, by: people[1]).json["id"].string,
        ].map { try #require($0) }
        #expect(try await rig.stored().blobs.count == 1)
        _ = try await Curl.request("DELETE", "\(service.url)/v1/media/\(ids[0])", token: people[0].token)
        // A second item comes and goes: by then the collector has had its time.
        let other =
            try await service.upload(try rig.picture("other", size: 1000), by: people[0]).json["id"].string ?? ""
        _ = try await Curl.request("DELETE", "\(service.url)/v1/media/\(other)", token: people[0].token)
        try await eventually("the other is collected", within: 20) { try await rig.stored().blobs.count == 1 }
        #expect(try await service.get("/v1/media/\(ids[1])/content", by: people[1]).status == 200)
        _ = try await Curl.request("DELETE", "\(service.url)/v1/media/\(ids[1])", token: people[1].token)
        try await eventually("the last goes too", within: 20) { try await rig.stored().blobs.isEmpty }
    }

    @Test func `what is no photo or film is refused and leaves nothing`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let hostile: [(name: String, bytes: [UInt8])] = [
            ("photo.png", Array("MZ\u{90}\u{0}\u{3}".utf8) + Array(repeating: 7, count: 500)),
            ("x.svg", Array("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".utf8)),
            ("page.jpg", Array("<!doctype html><script>alert(1)</script>".utf8)), ("nothing", []),
            ("zeros", Array(repeating: 0, count: 100_000)), ("a.sh", Array("#!/bin/sh\nrm -rf /\n".utf8)),
        ]
        for file in hostile {
            let path = try rig.file(file.name, file.bytes)
            let (status, problem) = try await service.upload(path, by: owner, headers: ["Content-Type": "image/png"])
            #expect(status == 415 && problem["code"].string == "unsupported_media_type", "\(file.name): \(problem)")
            let form = ["-F", "file=@\(path);type=image/png;filename=../../\(file.name)"]
            #expect(try await service.upload(path, by: owner, arguments: form).status == 415, "\(file.name)")
        }
        let stored = try await rig.stored()
        #expect(stored.blobs.isEmpty && stored.uploads.isEmpty)
        #expect(try await service.get("/v1/media", by: owner).json["items"].array.isEmpty)
    }

    @Test func `a form brings one file with what it is called, and nothing else`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let path = try rig.picture("p", size: 2_000_000)
        let good = ["-F", "title=Hội An", "-F", "file=@\(path);filename=a/../b.png", "-F", "visibility=private"]
        let (status, media) = try await service.upload(path, by: owner, arguments: good)
        #expect(status == 201 && media["title"].string == "Hội An" && media["visibility"].string == "private")
        #expect(media["file_name"].string == "b.png" && media["size"].int == 2_000_000)
        for bad in [
            ["-F", "title=a"], ["-F", "file=@\(path)", "-F", "file=@\(path)"],
            ["-F", "owner_id=a", "-F", "file=@\(path)"],
            ["-F", "visibility=all", "-F", "file=@\(path)"],
        ] {
            #expect(try await service.upload(path, by: owner, arguments: bad).status == 422, "\(bad)")
        }
        let broken = ["-H", "Content-Type: multipart/form-data; boundary=x", "--data-binary", "--x\r\nbroken"]
        #expect(try await service.upload(path, by: owner, arguments: broken).status == 400)
        #expect(try await rig.stored().uploads.isEmpty)
    }

    @Test func `ranges and conditions are those of RFC 9110`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let text = "GIF89a0123456789"
        let media = try await service.upload(try rig.file("g", Array(text.utf8)), by: owner).json
        let (path, tag) = ("/v1/media/\(media["id"].string ?? "")/content", "\"\(media["sha256"].string ?? "")\"")
        let whole = try await service.get(path, by: owner)
        #expect(whole.status == 200 && whole.body == text && whole.headers["etag"] == tag)
        #expect(whole.headers["content-disposition"] == "attachment")
        #expect(whole.headers["content-security-policy"]?.contains("sandbox") == true)
        let cases: [(headers: [String: String], status: Int, body: String)] = [
            (["Range": "bytes=6-8"], 206, "012"), (["Range": "bytes=14-"], 206, "89"),
            (["Range": "bytes=-2"], 206, "89"),
            (["Range": "bytes=0-0,2-3"], 200, text), (["Range": "lines=0-1"], 200, text),
            (["Range": "bytes=6-6", "If-Range": tag], 206, "0"),
            (["Range": "bytes=6-6", "If-Range": "\"x\""], 200, text),
            (["If-None-Match": tag], 304, ""), (["If-None-Match": "\"x\""], 200, text), (["If-Match": tag], 200, text),
        ]
        for expected in cases {
            let answer = try await service.get(path, by: owner, expected.headers)
            #expect(answer.status == expected.status && answer.body == expected.body, "\(expected)")
        }
        let outside = try await service.get(path, by: owner, ["Range": "bytes=99-"])
        #expect(outside.status == 416 && outside.headers["content-range"] == "bytes */16")
        #expect(try await service.get(path, by: owner, ["If-Match": "\"x\""]).status == 412)
        let head = try await Curl.request("HEAD", service.url + path, token: owner.token)
        #expect(head.status == 200 && head.headers["content-length"] == "16")
        let signed = try #require(media["content_url"].string)
        #expect(try await service.get(signed).body == text)
        let later = signed.replacing("expires=", with: "expires=9")
        #expect(try await service.get(later).status == 404)
        #expect(try await service.get(signed + "0").status == 422)
        #expect(try await service.get("\(path)?expires=never", by: owner).status == 422)
        #expect(try await service.get(path, by: try rig.person()).status == 404)
    }

    @Test func `of uploads that race for the last room as many succeed as fit`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "5000", "MEDIA_QUOTA_ITEMS": "100"])
        let service = try await rig.service()
        let owner = try rig.person()
        let path = try rig.picture("p", size: 1000)
        let statuses = try await withThrowingTaskGroup { group in
            for _ in 0..<16 { group.addTask { try await service.upload(path, by: owner).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 5)
        #expect(statuses.filter { $0 == 413 }.count == 11)
        let items = try await service.get("/v1/media", by: owner).json["items"].array
        #expect(items.count == 5)
        _ = try await Curl.request(
            "DELETE",
            "\(service.url)/v1/media/\(items[0]["id"].string ?? "")",
            token: owner.token
        )
        #expect(try await service.upload(path, by: owner).status == 201, "the room of what was deleted is free")
    }

    @Test func `an upload repeated with its key is answered as the first was, which has used the quota up`()
        async throws
    {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "1500", "MEDIA_QUOTA_ITEMS": "1"])
        let service = try await rig.service()
        let owner = try rig.person()
        let (path, other) = (try rig.picture("p", size: 1000), try rig.picture("q", size: 1001))
        let form = ["-F", "file=@\(path)"]
        for (key, arguments) in [("plain", []), ("form", form)] {
            let first = try await service.upload(
                path,
                by: owner,
                headers: ["Idempotency-Key": key],
                arguments: arguments
            )
            try #require(first.status == 201, "\(first)")
            let second = try await service.upload(
                path,
                by: owner,
                headers: ["Idempotency-Key": key],
                arguments: arguments
            )
            #expect(second.status == 201 && second.json["id"] == first.json["id"], "\(second)")
            let another = try await service.upload(other, by: owner, headers: ["Idempotency-Key": key])
            #expect(another.status == 422 && another.json["code"].string == "idempotency_mismatch", "\(another)")
            #expect(try await service.upload(path, by: owner).status == 413, "what is no repeat has no room")
            let id = first.json["id"].string ?? ""
            _ = try await Curl.request("DELETE", "\(service.url)/v1/media/\(id)", token: owner.token)
        }
        #expect(try await service.upload(path, by: owner).status == 201, "repeats hold no room")
    }

    @Test(arguments: [
        ("II*\0", "image/tiff"), ("MM\0*", "image/tiff"), ("BM", "image/bmp"), ("RIFF1234AVI LIST", "video/x-msvideo"),
    ])
    func `what no worker can process is refused at once, by its name`(head: String, type: String) async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let file = rig.data.appending("old")
        try File.write(file, Array(head.utf8) + [UInt8](repeating: 7, count: 100))
        let refused = try await service.upload(file, by: try rig.person())
        #expect(refused.status == 415 && refused.json["detail"].string?.contains(type) == true, "\(refused)")
    }

    @Test func `a banned account uploads nothing, and of an erased one nothing is left`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let (banned, erased) = (try rig.person(), try rig.person())
        let path = try rig.picture("p", size: 1000)
        let id = try #require(try await service.upload(path, by: erased).json["id"].string)
        let at = try await create(service, erased, length: 10)
        #expect(try await patch(service, at, erased, "GIF89a", offset: 0) == 204)
        #expect(try await rig.stored().uploads.count == 1)
        try await rig.publish(UserBanned(userID: banned.id, timestamp: WallClock.system.now))
        try await eventually("the ban") { try await service.upload(path, by: banned).status == 403 }
        let erasure = Identifier.version7(at: WallClock.system.now)
        try await rig.publish(UserDeleted(userID: erased.id, erasureID: erasure, timestamp: WallClock.system.now))
        try await eventually("the item is deleted") {
            try await rig.events(of: id).contains { $0.type == MediaDeleted.type }
        }
        let receipts = ["-b", "127.0.0.1:\(rig.broker.port)", "-t", "user-events", "-C", "-e", "-q", "-o", "beginning"]
        try await eventually("the receipt") {
            try await Command.run("kcat", receipts, within: 20).output.contains(#""service":"media""#)
        }
        #expect(try await service.upload(path, by: erased).status == 401)
        try await eventually("nothing is left on disk", within: 20) {
            let stored = try await rig.stored()
            return stored.blobs.isEmpty && stored.uploads.isEmpty
        }
    }
}
