import KafkaProtocol
import Testing

/// Every call and version against bytes that Apache Kafka's own classes wrote.
struct GoldenFrameTests {
    @Test(arguments: APIKey.allCases)
    func `what Apache Kafka writes is read whole and written back byte by byte`(key: APIKey) throws {
        let frames = try GoldenFrame.all(of: key)
        let codec = try #require(MessageCodec.all[key], "\(key) stands in MessageCodec.all")
        for version in key.versions {
            for isRequest in [true, false] {
                let variants = frames.filter { $0.version == version && $0.isRequest == isRequest }
                let full = try #require(variants.first { $0.variant == "full" }, "\(key) \(version) has a frame")
                for frame in variants {
                    let comment: Comment = "\(key) \(version), request: \(isRequest), \(frame.variant)"
                    let copy = try codec.copy(frame, of: key)
                    #expect(copy.unread == 0, comment)
                    if let expected = expected(frame, full) { #expect(copy.bytes == expected, comment) }
                }
            }
        }
    }

    /// What is written is never tagged. Null for fetched records is read as none, and none are written as empty: of such
    /// a frame only the reading is judged.
    private func expected(_ frame: GoldenFrame, _ full: GoldenFrame) -> [UInt8]? {
        switch frame.variant {
        case "tagged": full.bytes
        case "null" where frame.key == APIKey.fetch.rawValue && !frame.isRequest: nil
        default: frame.bytes
        }
    }
}
