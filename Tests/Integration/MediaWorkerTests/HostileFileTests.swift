import Contracts
import System
import TestSupport
import Testing

@testable import MediaWorkerService

@Suite struct HostileFileTests {
    @Test func `every hostile file fails with its reason, and the next photo is made`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        let worker = try await rig.worker()
        let photo = try await files.picture("photo.jpg", size: "1200x900")
        let svg = try files.text(
            "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            named: "a.svg"
        )
        let playlist = try files.text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", named: "a.m3u8")
        let cases = [
            (try files.cut(photo, to: 5000), "image/jpeg", "damaged"),
            (try files.cut(photo, to: 0), "image/jpeg", "damaged"),
            (try await files.bomb(), "image/png", "too_many_pixels"),
            (svg, "image/svg+xml", "unsupported_type"),
            (svg, "image/png", "damaged"),
            (try await files.polyglot(), "image/gif", "damaged"),
            ("/bin/true", "image/jpeg", "damaged"),
            ("/bin/true", "application/x-executable", "unsupported_type"),
            (playlist, "video/mp4", "damaged"),
            (photo, "image/png", "damaged"),
            (photo, "video/mp4", "damaged"),
        ]
        for (path, type, reason) in cases {
            let job = try await rig.submit(path, as: type)
            #expect(try await rig.failure(job) == reason, "\(path) as \(type): \(worker.log.suffix(500))")
        }
        let good = try await rig.finished(try await rig.submit(photo, as: "image/jpeg"))
        #expect(good.width == 1200)
        #expect(try rig.leftovers() == [])
        #expect(PortProbe.httpStatus(worker.port, path: "/readyz", timeoutMilliseconds: 1000) == 200)
    }
}
