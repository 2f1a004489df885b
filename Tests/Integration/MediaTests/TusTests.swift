import System
import TestSupport
import Testing

/// Resumable uploads, by a client that is not ours (tuspy) and by hand.
@Suite(.serialized) struct TusTests: TusByHand {
    /// Uploads by tuspy, going on at what the server has when an address is given; answers the upload's address.
    private static let client = """
        import sys
        from tusclient import client
        url, token, path, at, checksum = sys.argv[1:6]
        tus = client.TusClient(url + "/v1/media/uploads", headers={"Authorization": "Bearer " + token})
        up = tus.uploader(path, url=at or None, chunk_size=3 << 20, upload_checksum=checksum == "yes",
                          metadata={"filename": "film.png", "visibility": "private"})
        up.upload()
        print(up.url)
        """

    /// Sends the head of a PATCH and a part of its body, kills a process when one is named, and waits for the connection's end.
    private static let stale = """
        import os, signal, socket, sys
        host, port, token, at, path, offset, count, victim = sys.argv[1:9]
        data = open(path, "rb").read()[int(offset):]
        s = socket.create_connection((host, int(port)))
        s.sendall(("PATCH %s HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer %s\\r\\nTus-Resumable: 1.0.0\\r\\n"
                   "Upload-Offset: %s\\r\\nContent-Type: application/offset+octet-stream\\r\\nContent-Length: %d\\r\\n\\r\\n"
                   % (at, token, offset, len(data))).encode())
        s.sendall(data[:int(count)])
        print("sent", flush=True)
        if victim != "0":
            os.kill(int(victim), signal.SIGKILL)
        else:
            s.settimeout(30)
            print(s.recv(100).split(b"\\r\\n")[0].decode())
        """

    private func digest(_ path: String) async throws -> String {
        String(try await Command.run("sha256sum", [path], within: 20).output.prefix(64))
    }

    @Test func `a film comes by a tus client, with checksums`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let path = try rig.picture("film", size: 20 << 20)
        let sent = try await Command.python(Self.client, [service.url, owner.token, path, "", "yes"], within: 60)
        try #require(sent.status.isSuccess, "\(sent.output)")
        let id = try #require(sent.output.split(separator: "\n").last?.split(separator: "/").last)
        let media = try await service.get("/v1/media/\(id)", by: owner).json
        #expect(media["sha256"].string == (try await digest(path)) && media["visibility"].string == "private")
        #expect(media["file_name"].string == "film.png")
        let state = try await head(service, "/v1/media/uploads/\(id)", owner)
        #expect(
            state.headers["upload-offset"] == "\(20 << 20)" && state.headers["content-location"] == "/v1/media/\(id)"
        )
        #expect(try await head(service, "/v1/media/uploads/\(id)", try rig.person()).status == 404)
    }

    @Test func `killed in the middle of a request, it goes on at the durable offset`() async throws {
        let rig = try await MediaRig()
        var service = try await rig.service()
        let owner = try rig.person()
        let path = try rig.picture("film", size: 64 << 20)
        let at = try await create(service, owner, length: 64 << 20)
        var offset = 0
        for count in [20 << 20, 13 << 20] {
            let arguments = ["127.0.0.1", "\(service.port)", owner.token, at, path, "\(offset)", "\(count)"]
            _ = try await Command.python(Self.stale, arguments + ["\(service.processID)"], within: 60)
            _ = try await service.ended()
            service = try await rig.service()
            let state = try await head(service, at, owner)
            let next = try #require(state.headers["upload-offset"].flatMap { Int($0) }, "\(state)")
            #expect(next >= offset && next <= offset + count)
            offset = next
        }
        #expect(offset > 0)
        let sent = try await Command.python(
            Self.client,
            [service.url, owner.token, path, service.url + at, "no"],
            within: 60
        )
        try #require(sent.status.isSuccess, "\(sent.output)")
        let id = try #require(at.split(separator: "/").last)
        let media = try await service.get("/v1/media/\(id)", by: owner).json
        #expect(media["sha256"].string == (try await digest(path)))
        #expect(try await rig.events(of: String(id)).count == 1)
    }

    @Test func `who asks for the state ends the request that still holds the upload, and nothing of it is lost`()
        async throws
    {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let path = try rig.picture("film", size: 4 << 20)
        let at = try await create(service, owner, length: 4 << 20)
        let arguments = ["127.0.0.1", "\(service.port)", owner.token, at, path, "0", "\(1 << 20)", "0"]
        async let stale = Command.python(Self.stale, arguments, within: 60)
        try await eventually("it writes") { try File.names(in: rig.data.appending("media/uploads")).count == 1 }
        try await eventually("all that was sent is durable") {
            try await head(service, at, owner).headers["upload-offset"] == "\(1 << 20)"
        }
        #expect(try await stale.output.contains("423"))
    }

    @Test func `bytes with another checksum, place or size than said change nothing`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let at = try await create(service, owner, length: 10)
        let wrong = ["Upload-Checksum": "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="]
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, wrong) == 460)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 3) == 409)
        #expect(try await patch(service, at, owner, "GIF89a-----", offset: 0) == 413)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, ["Upload-Checksum": "md5 AA=="]) == 400)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, ["Content-Type": "image/gif"]) == 415)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, ["Tus-Resumable": "0.2.2"]) == 412)
        #expect(try await patch(service, at, try rig.person(), "GIF89a", offset: 0) == 404)
        #expect(try await head(service, at, owner).headers["upload-offset"] == "0")
        let right = ["Upload-Checksum": "sha256 YQ9a5NduMyY2oXvTV/1s6ZApMWqZ0yAoDU13p0a/Keg="]
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0, right) == 204)
    }

    @Test func `parts become one in their order, and an upload that is given up leaves nothing`() async throws {
        let rig = try await MediaRig()
        let service = try await rig.service()
        let owner = try rig.person()
        let partial = ["Upload-Concat": "partial"]
        let first = try await create(service, owner, length: 6, partial)
        let second = try await create(service, owner, length: 4, partial)
        #expect(try await patch(service, second, owner, "1234", offset: 0) == 204)
        let final = Self.version.merging(["Upload-Concat": "final;\(first) \(service.url)\(second)"]) { $1 }
        let uploads = service.url + "/v1/media/uploads"
        #expect(try await Curl.request("POST", uploads, token: owner.token, headers: final).status == 409, "not whole")
        #expect(try await patch(service, first, owner, "GIF89a", offset: 0) == 204)
        #expect(try await Curl.request("POST", uploads, token: try rig.person().token, headers: final).status == 404)
        let made = try await Curl.request("POST", uploads, token: owner.token, headers: final)
        try #require(made.status == 201, "\(made.body)")
        let id = try #require(made.headers["location"]?.split(separator: "/").last)
        #expect(try await service.get("/v1/media/\(id)/content", by: owner).body == "GIF89a1234")
        let other = try await create(service, owner, length: 6)
        #expect(try await patch(service, other, owner, "GIF", offset: 0) == 204)
        let gone = try await Curl.request("DELETE", service.url + other, token: owner.token, headers: Self.version)
        #expect(gone.status == 204)
        #expect(try await head(service, other, owner).status == 404)
        #expect(try await rig.stored().uploads.isEmpty)
    }

    @Test func `an upload that rests too long is gone with its bytes and its room`() async throws {
        let rig = try await MediaRig(environment: ["UPLOAD_SECONDS": "2", "MEDIA_QUOTA_BYTES": "10"])
        let service = try await rig.service()
        let owner = try rig.person()
        let at = try await create(service, owner, length: 10)
        #expect(try await patch(service, at, owner, "GIF89a", offset: 0) == 204)
        try await eventually("it expires", within: 20) {
            [404, 410].contains(try await head(service, at, owner).status)
        }
        try await eventually("its bytes are gone", within: 20) { try await rig.stored().uploads.isEmpty }
        _ = try await create(service, owner, length: 10)
    }
}
