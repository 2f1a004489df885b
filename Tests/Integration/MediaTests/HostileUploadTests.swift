import Contracts
import System
import TestSupport
import Testing

/// Media and a worker together, with the sandbox and the tools of this machine.
@Suite(.serialized) struct HostileUploadTests {
    private struct Item {
        let file: HostileFiles.File
        let id: String
    }

    @Test func `whatever is sent is refused, fails with a reason or becomes harmless, and nothing of it stays`()
        async throws
    {
        let (rig, hostile) = (try await MediaRig(), try await HostileFiles())
        let (service, worker) = (try await rig.service(), try await rig.worker())
        let (owner, stranger) = (try rig.person(), try rig.person())
        var items: [Item] = []
        for file in hostile.files {
            let (status, answer) = try await service.upload(
                file.path,
                by: owner,
                query: "?visibility=private",
                headers: ["Content-Type": file.declared]
            )
            #expect(status == (file.outcome == "refused" ? 415 : 201), "\(file.name): \(answer)")
            if status == 201 { items.append(Item(file: file, id: try answer.text("id"))) }
        }
        for item in items {
            let seen = try await eventually("\(item.file.name) has come to an end", within: 90) {
                let seen = try await service.get("/v1/media/\(item.id)", by: owner).json
                return ["ready", "failed"].contains(seen["state"].string) ? seen : nil
            }
            let outcome = seen["failure"]["reason"].string ?? seen["state"].string
            #expect(outcome == item.file.outcome, "\(item.file.name): \(seen) \(worker.log.suffix(300))")
            try await checkServed(item, seen, service, owner, stranger)
        }
        try await checkSideways(items.first { $0.file.name == "sideways.jpg" }, service, owner)
        for item in items {
            let answer = try await Curl.request("DELETE", "\(service.url)/v1/media/\(item.id)", token: owner.token)
            #expect(answer.status == 204, "\(item.file.name)")
            let types = try await rig.events(of: item.id).map(\.type)
            #expect(types.filter { $0 == MediaProcessed.type || $0 == MediaFailed.type }.count == 1, "\(types)")
        }
        try await eventually("nothing is left on disk", within: 30) {
            let stored = try await rig.stored()
            return try stored.blobs.isEmpty && stored.uploads.isEmpty && rig.jobFiles().isEmpty
        }
    }

    /// The original leaves as an attachment only, to its owner; variants have nothing of what was hidden in it.
    private func checkServed(
        _ item: Item,
        _ seen: JSON,
        _ service: ServiceProcess,
        _ owner: MediaRig.Person,
        _ stranger: MediaRig.Person
    ) async throws {
        let content = "/v1/media/\(item.id)/content"
        let original = try await Curl.request("HEAD", service.url + content, token: owner.token)
        #expect(original.headers["content-disposition"]?.hasPrefix("attachment") == true, "\(item.file.name)")
        #expect(original.headers["content-security-policy"]?.contains("sandbox") == true)
        #expect(original.headers["x-content-type-options"] == "nosniff")
        for path in [content, "/v1/media/\(item.id)", "/v1/media/\(item.id)/variants/thumb.jpg"] {
            #expect(try await service.get(path, by: stranger).status == 404, "\(item.file.name)")
            #expect(try await service.get(path).status == 404, "\(item.file.name)")
        }
        for variant in seen["variants"].array {
            let path = try TemporaryDirectory()
            let file = path.appending("variant")
            let address = service.url + (try variant.text("url"))
            let got = try await Command.run("curl", ["-sSf", "-o", file, address])
            try #require(got.status.isSuccess, "\(item.file.name) \(variant): \(got.output)")
            let bytes = try File.read(file, limit: 64 << 20)
            // The last is EXIF's way to a place.
            for secret in [Array("PK\u{3}\u{4}".utf8), Array("SECRET".utf8), Array("alert(".utf8), [0x25, 0x88, 4, 0]] {
                let leaks = contains(bytes, secret)
                #expect(!leaks, "\(item.file.name) \(variant): \(secret)")
            }
        }
    }

    private func checkSideways(_ item: Item?, _ service: ServiceProcess, _ owner: MediaRig.Person) async throws {
        let item = try #require(item)
        let seen = try await service.get("/v1/media/\(item.id)", by: owner).json
        #expect(seen["width"].int == 300 && seen["height"].int == 400, "upright")
    }

    private func contains(_ bytes: [UInt8], _ words: [UInt8]) -> Bool {
        bytes.indices.dropLast(words.count - 1).contains { place in
            bytes[place] == words[0] && bytes[place..<place + words.count].elementsEqual(words)
        }
    }

    @Test func `when presets change every item is made anew, and ends once for each version`() async throws {
        let (rig, good) = (try await MediaRig(), try await HostileFiles(onlyGood: true))
        var service = try await rig.service()
        let (worker, owner) = (try await rig.worker(), try rig.person())
        let photos = good.files.filter { ["sideways.jpg", "plain.webp"].contains($0.name) }.map(\.path)
        var ids: [String] = []
        for path in photos + [try rig.picture("damaged", size: 1000)] {
            ids.append(try await service.upload(path, by: owner).json.text("id"))
        }
        func ends(_ id: String) async throws -> Int {
            try await rig.events(of: id).filter { [MediaProcessed.type, MediaFailed.type].contains($0.type) }.count
        }
        try await eventually("all have come to an end", within: 60) {
            for id in ids where try await ends(id) != 1 { return false }
            return true
        }
        #expect(try await service.stop() == .exited(0))
        service = try await rig.service(["MEDIA_PRESET_VERSION": "2"])
        let admin = try rig.mint.token(for: owner.id, roles: ["admin"])
        let asked = try await Curl.request("POST", "\(service.url)/v1/admin/media/reprocess", token: admin)
        try #require(asked.status == 202, "\(asked.body)")
        try await eventually("all have come to another end", within: 60) {
            for id in ids where try await ends(id) != 2 { return false }
            return true
        }
        for id in ids {
            let jobs = try await rig.events(of: id).filter { $0.type == MediaUploaded.type }
            #expect(jobs.map { $0.payload["preset_version"].int } == [1, 2])
        }
        let photo = try await service.get("/v1/media/\(ids[0])", by: owner).json
        #expect(photo["state"].string == "ready" && photo["variants"].array.count == 6, "\(photo)")
        #expect(try await worker.stop() == .exited(0))
    }
}
