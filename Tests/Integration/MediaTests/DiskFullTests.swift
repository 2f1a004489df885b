import System
import TestSupport
import Testing

/// The service on a disk of 24 MiB of its own.
@Suite(.serialized) struct DiskFullTests: TusByHand {
    @Test func `a full disk refuses what does not fit, keeps what is there, and is free again when that goes`()
        async throws
    {
        let rig = try await MediaRig()
        let folder = rig.data.appending("media")
        let mount = "mount -t tmpfs -o size=24m none \"$0\" && cp \"$1\"/* \"$0\" && shift && exec \"$@\""
        let kept = try rig.keep("media")
        let service = try await rig.service(
            ["BLOB_STORE": "file:\(folder)/blobs"],
            through: ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", mount, folder, kept]
        )
        let owner = try rig.person()
        let (big, small) = (try rig.picture("big", size: 40 << 20), try rig.picture("small", size: 1 << 20))
        let plain = try await service.upload(big, by: owner)
        #expect(plain.status == 507 && plain.json["code"].string == "storage_full", "\(plain)")

        let at = try await create(service, owner, length: 40 << 20)
        #expect(try await patch(service, at, owner, "@\(big)", offset: 0) == 507)
        let offset = try #require(try await head(service, at, owner).headers["upload-offset"].flatMap { Int($0) })
        #expect(offset > 0 && offset < 24 << 20, "what was durable is kept: \(offset)")
        #expect(try await service.upload(small, by: owner).status == 201, "what fits is taken")
        let gone = try await Curl.request("DELETE", service.url + at, token: owner.token, headers: Self.version)
        #expect(gone.status == 204)
        #expect(try File.names(in: "/proc/\(service.processID)/root\(folder)/uploads").isEmpty)
        let fits = try rig.picture("fits", size: 12 << 20)
        #expect(try await service.upload(fits, by: owner).status == 201, "the room is free again")
    }
}

extension MediaRig {
    /// What a service finds in its folder when it starts, out of the way of what is mounted there.
    fileprivate func keep(_ service: String) throws -> String {
        let path = data.appending("kept")
        try File.createDirectory(path)
        for name in try File.names(in: data.appending(service)) {
            try File.replace("\(path)/\(name)", with: try File.read("\(data.path)/\(service)/\(name)"))
        }
        return path
    }
}
