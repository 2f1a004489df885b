import KafkaProtocol
import System
import TestSupport

/// A body as Apache Kafka's own classes write it: a line of `Tests/Fixtures/kafka/frames.txt`, which `Frames.java` beside
/// it makes.
struct GoldenFrame {
    let key: Int16
    let version: Int16
    let isRequest: Bool
    /// "full" has a value of its own in every field, "null" nulls where they may be, "tagged" is "full" with tagged
    /// fields that a reader may skip.
    let variant: Substring
    let bytes: [UInt8]

    /// The frames of one call, in both directions and every version that Apache Kafka speaks.
    static func all(of key: APIKey) throws -> [GoldenFrame] {
        let bytes = try File.read("\(SourceFile.repository)/Tests/Fixtures/kafka/frames.txt")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.compactMap(GoldenFrame.init(line:)).filter { $0.key == key.rawValue }
    }

    private init?(line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, let key = Int16(words[0]), let version = Int16(words[1]) else { return nil }
        (self.key, self.version, variant) = (key, version, words[4])
        isRequest = words[2] == "request"
        let digits = words[5].compactMap(\.hexDigitValue)
        bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
