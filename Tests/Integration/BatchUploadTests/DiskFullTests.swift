import System
import TestSupport
import Testing

/// The service on a disk of 24 MiB of its own.
@Suite struct DiskFullTests {
    @Test func `a full disk refuses what does not fit, keeps what is there, and is free again when that goes`()
        async throws
    {
        let rig = try await BatchRig(["BATCH_PART_BYTES": "\(4 << 20)"])
        let folder = rig.data.appending("batch-upload")
        let kept = rig.data.appending("kept")
        try File.createDirectory(kept)
        for name in try File.names(in: folder) {
            try File.replace("\(kept)/\(name)", with: try File.read("\(folder)/\(name)"))
        }
        let mount = "mount -t tmpfs -o size=24m none \"$0\" && cp \"$1\"/* \"$0\" && shift && exec \"$@\""
        try await rig.start(["media", "media-worker"])
        try await rig.start(
            ["batch-upload"],
            through: ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", mount, folder, kept]
        )
        let lan = try rig.person()
        let part = [UInt8](repeating: 1, count: 4 << 20)
        let big = try await lan.announce([[UInt8](repeating: 1, count: 40 << 20)])
        var statuses: [Int] = []
        for number in 0..<10 where statuses.last ?? 204 == 204 {
            let answer = try await lan.put(part, 0, part: number, of: big)
            statuses.append(answer.status)
            if answer.status != 204 { #expect(answer.json["code"].string == "storage_full", "\(answer)") }
        }
        #expect(statuses.count > 1 && statuses.last == 507, "\(statuses)")
        let missing = try await lan.call("GET", "/v1/batches/\(big)/missing").json["items"][0]["parts"].array.count
        #expect(missing == 10 - (statuses.count - 1), "what was answered with 204 is kept: \(missing)")

        #expect(try await lan.call("DELETE", "/v1/batches/\(big)").status == 204)
        let photos = try await rig.photos(2)
        let small = try await lan.announce(photos)
        try await eventually("the room is free again", within: 20) {
            try await lan.put(part, 0, of: try await lan.announce([part])).status == 204
        }
        try await lan.send(photos, of: small)
        // The store of blobs is on another disk.
        #expect(try await lan.complete(small)["state"].string == "completed")
    }
}
