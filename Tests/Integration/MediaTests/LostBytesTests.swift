import System
import TestSupport
import Testing

/// Uploads whose files are not what the database says.
@Suite struct LostBytesTests: TusByHand {
    @Test func `an upload whose last bytes are missing goes on where they end, one without a file from the beginning`()
        async throws
    {
        let rig = try await MediaRig()
        let first = try await rig.service()
        let owner = try rig.person()
        let uploads = [try await create(first, owner, length: 12), try await create(first, owner, length: 12)]
        for at in uploads { #expect(try await patch(first, at, owner, "GIF89a", offset: 0) == 204) }
        #expect(try await first.stop().isSuccess)
        let names = uploads.map { $0.split(separator: "/").last ?? "" }
        try OpenFile(writing: rig.data.appending("media/uploads/\(names[0])")).truncate(to: 3)
        try File.remove(rig.data.appending("media/uploads/\(names[1])"))
        let service = try await rig.service()
        for (at, rest, offset) in [(uploads[0], "89aabcdef", 3), (uploads[1], "GIF89aabcdef", 0)] {
            #expect(try await patch(service, at, owner, "abcdef", offset: 6) == 409)
            #expect(try await head(service, at, owner).headers["upload-offset"] == "\(offset)")
            #expect(try await patch(service, at, owner, rest, offset: offset) == 204)
        }
        let contents = try await rig.stored().blobs
        #expect(contents.count == 1, "both are GIF89aabcdef")
    }
}
