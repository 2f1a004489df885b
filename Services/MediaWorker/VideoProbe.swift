import Contracts
import FoundationEssentials
import System

/// What a video says of itself: ffprobe's report, looked at before anything is decoded.
struct VideoProbe: Equatable {
    /// Pixels as shown: rotated by its metadata.
    let width: Int
    let height: Int
    let seconds: Double

    /// The arguments that make ffprobe write its report to `output`.
    static func arguments(input: String, format: String, output: String) -> [String] {
        [
            "-v", "error", "-protocol_whitelist", "file,pipe", "-f", format, "-select_streams", "v:0",
            "-show_entries", "stream=width,height,avg_frame_rate,duration:stream_side_data=rotation:format=duration",
            "-of", "json", "-o", output, input,
        ]
    }

    private struct Report: Decodable {
        struct Stream: Decodable {
            struct SideData: Decodable { var rotation: Double? }
            var width: Int?
            var height: Int?
            var duration: String?
            var avg_frame_rate: String?
            var side_data_list: [SideData]?
        }
        struct Format: Decodable { var duration: String? }
        var streams: [Stream]?
        var format: Format?
    }

    /// Reads the report and refuses what is over the limits.
    init(report bytes: [UInt8], limits: VideoLimits) throws {
        guard !JSONNesting.isTooDeep(bytes), let report = try? JSONDecoder().decode(Report.self, from: Data(bytes)),
            let stream = report.streams?.first, let width = stream.width, let height = stream.height,
            width > 0, height > 0
        else { throw JobFailure(reason: .damaged, cause: "no video stream") }
        guard width <= limits.pixels, height <= limits.pixels, width * height <= limits.pixels else {
            throw JobFailure(reason: .tooManyPixels)
        }
        guard let text = report.format?.duration ?? stream.duration, let seconds = Double(text), seconds > 0 else {
            throw JobFailure(reason: .damaged, cause: "no duration")
        }
        guard seconds <= limits.seconds else { throw JobFailure(reason: .tooLong) }
        guard seconds * Self.rate(stream.avg_frame_rate) <= Double(limits.frames) else {
            throw JobFailure(reason: .tooManyFrames)
        }
        let turn = stream.side_data_list?.compactMap(\.rotation).first ?? 0
        let isSideways = turn.magnitude.truncatingRemainder(dividingBy: 180) == 90
        self.width = isSideways ? height : width
        self.height = isSideways ? width : height
        self.seconds = seconds
    }

    private static func rate(_ text: String?) -> Double {
        let parts = (text ?? "").split(separator: "/").compactMap { Double($0) }
        guard parts.count == 2, parts[1] > 0 else { return 0 }
        return parts[0] / parts[1]
    }

    /// The files to be made: by name, with their even sizes. Each side of `sides` that the video has, and its own size when
    /// it is smaller than all; never larger than it is.
    func ladder(_ sides: [Int]) -> [(name: String, width: Int, height: Int)] {
        let own = min(width, height)
        let wanted = sides.filter { $0 <= own }
        if wanted.isEmpty { return [("\(sides.first ?? own)p.mp4", Self.even(width), Self.even(height))] }
        return wanted.map { side in
            ("\(side)p.mp4", Self.even(width * side / own), Self.even(height * side / own))
        }
    }

    private static func even(_ pixels: Int) -> Int { max(2, pixels / 2 * 2) }
}
