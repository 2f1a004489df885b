import Contracts
import System
import TestSupport
import Testing

@testable import MediaWorkerService

@Suite struct VideoTests {
    @Test func `a film gets a ladder, stills, its length, and forgets where it was made`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        _ = try await rig.worker()
        let film = try await files.film("film.mp4", size: "1280x720", seconds: 2)
        let result = try await rig.finished(try await rig.submit(film, as: "video/mp4"), within: 120)
        #expect(result.kind == .video)
        #expect((result.width, result.height) == (1280, 720))
        let length = try #require(result.durationMilliseconds)
        #expect((1900...2200).contains(length))
        let names = ["360p.mp4", "720p.mp4", "poster.webp", "poster.jpg", "thumb.webp", "thumb.jpg"]
        #expect(Set(result.variants.map(\.name)) == Set(names))
        let small = try #require(result.variants.first { $0.name == "360p.mp4" })
        #expect((small.width, small.height) == (640, 360))
        let path = try await rig.fetch(small)
        let report = try await Command.run("ffprobe", ["-v", "error", "-show_format", "-show_streams", path])
        #expect(report.output.contains("codec_name=h264"))
        #expect(report.output.contains("codec_name=aac"))
        #expect(!report.output.contains("secret") && !report.output.contains("106.7009"), "\(report.output)")
        #expect(try rig.leftovers() == [])
    }

    @Test func `a film that is too long or breaks off fails with the reason`() async throws {
        let (rig, files) = (try await MediaWorkerRig(), try SampleFiles())
        _ = try await rig.worker(["MEDIA_MAX_SECONDS": "1"])
        let film = try await files.film("film.mp4", size: "160x120", seconds: 2)
        #expect(try await rig.failure(try await rig.submit(film, as: "video/mp4")) == "too_long")
        // The index of an MP4 stands at its end.
        #expect(
            try await rig.failure(try await rig.submit(try files.cut(film, to: 5000), as: "video/mp4")) == "damaged"
        )
    }

    @Test func `the ladder never makes a film larger, whichever way it lies`() throws {
        func ladder(_ width: Int, _ height: Int, rotation: Int = 0) throws -> [String] {
            let report = """
                {"streams":[{"width":\(width),"height":\(height),"avg_frame_rate":"25/1",
                "side_data_list":[{"rotation":\(rotation)}]}],"format":{"duration":"3.0"}}
                """
            let video = try VideoProbe(report: Array(report.utf8), limits: VideoLimits())
            return video.ladder(Presets.videoSides).map { "\($0.name) \($0.width)x\($0.height)" }
        }
        #expect(try ladder(1920, 1080) == ["360p.mp4 640x360", "720p.mp4 1280x720"])
        #expect(try ladder(1920, 1080, rotation: -90) == ["360p.mp4 360x640", "720p.mp4 720x1280"])
        #expect(try ladder(640, 480) == ["360p.mp4 480x360"])
        #expect(try ladder(201, 101) == ["360p.mp4 200x100"])
    }

    @Test(arguments: [
        (#"{"streams":[{"width":100000,"height":100000}],"format":{"duration":"1"}}"#, "too_many_pixels"),
        (
            #"{"streams":[{"width":64,"height":64,"avg_frame_rate":"9000/1"}],"format":{"duration":"9"}}"#,
            "too_many_frames"
        ),
        (#"{"streams":[],"format":{"duration":"1"}}"#, "damaged"), ("[[[[", "damaged"),
        (#"{"streams":[{"width":64,"height":64}],"format":{"duration":"N/A"}}"#, "damaged"),
    ])
    func `what a film says of itself is not believed blindly`(report: String, reason: String) {
        let error = #expect(throws: JobFailure.self) {
            try VideoProbe(report: Array(report.utf8), limits: VideoLimits())
        }
        #expect(error?.reason.rawValue == reason)
    }
}
