import Contracts
import System
import TestSupport
import Testing

@testable import MediaWorkerService

@Suite struct ImageTests {
    @Test func `a photo is turned upright, loses where it was taken, and comes in three sizes`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        let worker = try await rig.worker()
        let job = try await rig.submit(try await files.sidewaysPhoto(), as: "image/jpeg")
        let result = try await rig.finished(job)
        #expect(result.kind == .image)
        #expect((result.width, result.height) == (300, 400))
        #expect(BlurHash.isValid(result.placeholder))
        let names = ["thumb.webp", "thumb.jpg", "small.webp", "small.jpg", "large.webp", "large.jpg"]
        #expect(Set(result.variants.map(\.name)) == Set(names))
        let thumb = try #require(result.variants.first { $0.name == "thumb.jpg" })
        #expect((thumb.width, thumb.height) == (192, 256))
        for variant in result.variants {
            let bytes = try File.read(try await rig.fetch(variant))
            #expect(Int64(bytes.count) == variant.size)
            #expect(!tellsPlace(bytes), "\(variant.name)")
        }
        let large = try #require(result.variants.first { $0.name == "large.jpg" })
        #expect((large.width, large.height) == (300, 400), "never larger than it was")
        #expect(try rig.leftovers() == [])
        #expect(try await worker.stop() == .exited(0))
        #expect(try File.names(in: rig.data.appending("media-worker/jobs")) == [])
    }

    @Test func `PNG, WebP and HEIC are read, and transparency becomes white in JPEG`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        _ = try await rig.worker()
        let png = try await files.picture("a.png")
        let webp = try await files.converted(png, to: "a.webp")
        let heic = try await files.converted(png, to: "a.heic")
        for (path, type) in [(png, "image/png"), (webp, "image/webp"), (heic, "image/heic")] {
            let result = try await rig.finished(try await rig.submit(path, as: type))
            #expect((result.width, result.height) == (400, 300), "\(type)")
            #expect(result.variants.count == Presets.images.count, "\(type)")
        }
    }

    @Test func `an animation keeps moving in one variant, and has too many frames beyond the limit`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        _ = try await rig.worker(["MEDIA_MAX_FRAMES": "20"])
        let moving = try await rig.submit(try await files.animation(frames: 12), as: "image/gif")
        let result = try await rig.finished(moving)
        let animation = try #require(result.variants.first { $0.name == "animation.webp" })
        #expect((animation.width, animation.height) == (120, 90))
        let frames = try await Command.run("vipsheader", ["-f", "n-pages", try await rig.fetch(animation)])
        #expect(frames.output.contains("12"), "\(frames.output)")
        let long = try await rig.submit(try await files.animation(frames: 30), as: "image/gif")
        #expect(try await rig.failure(long) == "too_many_frames")
    }

    /// Whether EXIF leads to a place: the tag of GPS, 0x8825, with its type.
    private func tellsPlace(_ bytes: [UInt8]) -> Bool {
        let tag: [UInt8] = [0x25, 0x88, 4, 0]
        return bytes.indices.dropLast(3).contains { bytes[$0] == tag[0] && Array(bytes[$0..<$0 + 4]) == tag }
    }
}
