import BlobStore
import System
import TestSupport
import Testing

/// Media and a worker whose blobs are objects of S3.
@Suite(.serialized) struct ObjectStoreTests {
    private func photo(_ folder: TemporaryDirectory) async throws -> String {
        let path = folder.appending("photo.jpg")
        let source = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1200x900:d=0.04"]
        let result = try await Command.run("ffmpeg", source + ["-frames:v", "1", path])
        #expect(result.status.isSuccess, "\(result.output)")
        return path
    }

    @Test
    func `a photo goes to the bucket, becomes variants, is read by ranges, and leaves nothing when it is deleted`()
        async throws
    {
        let rig = try await MediaRig(objects: try await ObjectStore.shared.value)
        let (service, worker) = (try await rig.service(), try await rig.worker())
        let owner = try rig.person()
        let path = try await photo(rig.data)
        let (status, made) = try await service.upload(path, by: owner, query: "?visibility=public")
        let id = try #require(made["id"].string, "\(status) \(made)")
        let item = try await eventually("the variants are made", within: 60) { () -> JSON? in
            let item = try await service.get("/v1/media/\(id)", by: owner).json
            return item["state"].string == "ready" ? item : nil
        }
        #expect(item["width"].int == 1200 && item["variants"].array.count == 6, "\(worker.log.suffix(2000))")
        #expect(try await rig.stored().blobs.count == 7)
        #expect(!File.exists(rig.data.appending("blobs")))

        let part = rig.data.appending("part")
        let ranged = ["-sS", "-r", "100-1099", "-H", "Authorization: Bearer \(owner.token)", "-o", part]
        let answer = try await Command.run(
            "curl",
            ranged + ["-w", "%{http_code}", "\(service.url)/v1/media/\(id)/content"]
        )
        #expect(answer.output == "206")
        #expect(try File.read(part) == Array(try File.read(path)[100..<1100]))
        let small = try #require(item["variants"].array.first { $0["name"].string == "small.jpg" }?["url"].string)
        let variant = try await Command.run("curl", ["-sS", "-o", part, "-w", "%{http_code}", service.url + small])
        #expect(variant.output == "200")
        #expect(try File.read(part).starts(with: [0xFF, 0xD8, 0xFF]))

        #expect(try await Curl.request("DELETE", "\(service.url)/v1/media/\(id)", token: owner.token).status == 204)
        try await eventually("nothing is left in the bucket", within: 30) {
            let stored = try await rig.stored()
            return stored.blobs.isEmpty && stored.uploads.isEmpty
        }
    }

    @Test func `while the store refuses an upload is 503, and the same one is taken afterwards`() async throws {
        let objects = try await ObjectStore.shared.value
        let rig = try await MediaRig(objects: objects)
        let service = try await rig.service()
        let owner = try rig.person()
        let path = try rig.picture("refused", size: 5000)
        let digest = try ContentDigest.of(file: path, size: 5000)
        try await objects.fail("PUT", "\(digest)", .status(403, "AccessDenied"))
        let (status, problem) = try await service.upload(path, by: owner)
        #expect(status == 503 && problem["code"].string == "unavailable", "\(problem)")
        let (second, made) = try await service.upload(path, by: owner)
        let id = try #require(made["id"].string, "\(second) \(made)")
        try await objects.fail("GET", "\(digest)", .status(403, "AccessDenied"))
        let refused = try await service.get("/v1/media/\(id)/content", by: owner)
        #expect(refused.status == 503 && refused.headers["retry-after"] == "5")
        #expect(try await service.get("/v1/media/\(id)/content", by: owner).status == 200)
    }
}
