import Contracts
import System
import TestSupport
import Testing

/// What creations may say and must not: lengths, digests, keys, and how much is taken in all.
@Suite(.serialized) struct TusExtensionTests: TusByHand {
    @Test func `an upload that began without a length says it later, and has room for what it says`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "10"])
        let service = try await rig.service()
        let owner = try rig.person()
        let created = try await tryCreate(service, owner, ["Upload-Defer-Length": "1"])
        let at = try #require(created.headers["location"])
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0) == 204)
        let state = try await head(service, at, owner)
        #expect(state.headers["upload-defer-length"] == "1" && state.headers["upload-length"] == nil)
        for (length, status) in [("5", 409), ("11", 413), ("x", 422)] {
            #expect(try await patch(service, at, owner, "1", offset: 6, ["Upload-Length": length]) == status)
        }
        #expect(try await patch(service, at, owner, "12", offset: 6, ["Upload-Length": "10"]) == 204)
        #expect(try await head(service, at, owner).headers["upload-length"] == "10")
        #expect(try await patch(service, at, owner, "34", offset: 8, ["Upload-Length": "9"]) == 409)
        #expect(try await tryCreate(service, owner, ["Upload-Length": "1"]).status == 413, "all room is taken")
        #expect(try await patch(service, at, owner, "34", offset: 8) == 204)
        let id = try #require(at.split(separator: "/").last)
        #expect(try await service.get("/v1/media/\(id)/content", by: owner).body == "GIF89a1234")
    }

    @Test func `bytes without a length are taken as long as there is room`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "10", "MEDIA_MAX_BYTES": "20"])
        let service = try await rig.service()
        let owner = try rig.person()
        let at = try #require(try await tryCreate(service, owner, ["Upload-Defer-Length": "1"]).headers["location"])
        #expect(try await patch(service, at, owner, String(repeating: "x", count: 21), offset: 0) == 413)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0) == 204)
        #expect(try await patch(service, at, owner, "12345", offset: 6) == 413, "the quota")
        #expect(try await head(service, at, owner).headers["upload-offset"] == "6")
        #expect(try await patch(service, at, owner, "1234", offset: 6) == 204)
    }

    @Test func `lengths beyond everything are refused before a byte`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "\(1 << 40)"])
        let service = try await rig.service()
        let owner = try rig.person()
        let lengths = [
            ("\((4 << 30) + 1)", 413), ("9223372036854775807", 413), ("9223372036854775808", 422), ("-1", 422),
            ("1e3", 422), ("", 422),
        ]
        for (length, status) in lengths {
            let answer = try await tryCreate(service, owner, ["Upload-Length": length])
            #expect(answer.status == status, "\(length): \(answer.body)")
        }
        let both = ["Upload-Length": "1", "Upload-Defer-Length": "1"]
        #expect(try await tryCreate(service, owner, both).status == 422)
        #expect(try await tryCreate(service, owner, ["Upload-Defer-Length": "2"]).status == 422)
        #expect(try await tryCreate(service, owner, ["Upload-Length": "0"]).status == 415, "nothing is no picture")
        // As much as may be is promised, and takes no place until it comes.
        _ = try await create(service, owner, length: 4 << 30)
        #expect(try await rig.stored().uploads.isEmpty)
    }

    @Test func `of creations that race for the last room as many succeed as fit`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_QUOTA_BYTES": "5000", "MEDIA_QUOTA_ITEMS": "100"])
        let service = try await rig.service()
        let owner = try rig.person()
        let answers = try await withThrowingTaskGroup { group in
            for _ in 0..<24 {
                group.addTask { try await tryCreate(service, owner, ["Upload-Length": "1000"]) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let created = answers.filter { $0.status == 201 }
        #expect(created.count == 5 && answers.filter { $0.status == 413 }.count == 19)
        let at = try #require(created.first?.headers["location"])
        #expect(
            try await Curl.request("DELETE", service.url + at, token: owner.token, headers: Self.version).status == 204
        )
        _ = try await create(service, owner, length: 1000)
        #expect(try await tryCreate(service, owner, ["Upload-Length": "1"]).status == 413)
    }

    @Test func `a creation repeated with its key is one upload, whatever came meanwhile`() async throws {
        let rig = try await MediaRig(environment: ["MEDIA_OPEN_UPLOADS": "1"])
        let service = try await rig.service()
        let owner = try rig.person()
        let key = ["Idempotency-Key": "a", "Upload-Length": "10"]
        let first = try #require(try await tryCreate(service, owner, key).headers["location"])
        #expect(try await tryCreate(service, owner, key).headers["location"] == first)
        #expect(try await tryCreate(service, owner, key.merging(["Upload-Length": "9"]) { $1 }).status == 422)
        #expect(try await tryCreate(service, owner, ["Upload-Length": "10"]).status == 429, "another is another")
        #expect(try await patch(service, first, owner, "GIF89a1234", offset: 0) == 204)
        #expect(try await tryCreate(service, owner, key).headers["location"] == first)
        let body = ["-sS", "-i", "-X", "POST", "--data-binary", "GIF89a", "-H", "Idempotency-Key: b"]
        let fields = [
            "Authorization: Bearer \(owner.token)", "Tus-Resumable: 1.0.0", "Upload-Length: 10",
            "Content-Type: application/offset+octet-stream",
        ].flatMap { ["-H", $0] }
        var answers: [Set<Substring>] = []
        for _ in 0..<2 {
            let answer = try await Command.run("curl", body + fields + ["\(service.url)/v1/media/uploads"], within: 20)
            let lines = answer.output.replacing("\r\n", with: "\n").split(separator: "\n")
            answers.append(Set(lines.filter { $0.hasPrefix("Location") || $0.hasPrefix("Upload-Offset") }))
        }
        #expect(answers[0] == answers[1] && answers[0].contains("Upload-Offset: 6"), "\(answers)")
    }

    @Test func `bytes of another digest than said are refused on every way in`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let right = ["Content-Digest": "sha-256=:YQ9a5NduMyY2oXvTV/1s6ZApMWqZ0yAoDU13p0a/Keg=:"]
        let wrong = ["Content-Digest": "sha-256=:\(String(repeating: "A", count: 43))=:"]
        let at = try await create(service, owner, length: 6)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, wrong) == 460)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, ["Content-Digest": "sha-256=:A:"]) == 400)
        #expect(try await head(service, at, owner).headers["upload-offset"] == "0")
        let path = try rig.file("g", Array("GIF89a".utf8))
        let refused = try await service.upload(path, by: owner, headers: wrong)
        #expect(refused.status == 460 && refused.json["code"].string == "checksum_mismatch")
        let form = ["-F", "file=@\(path)", "-H", "Content-Digest: \(wrong["Content-Digest"] ?? "")"]
        #expect(try await service.upload(path, by: owner, arguments: form).status == 460)
        #expect(try await service.get("/v1/media", by: owner).json["items"].array.isEmpty)
        #expect(try await service.upload(path, by: owner, headers: right).status == 201)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, right) == 204)
    }
}
