import HTTPCore
import Testing

struct WebSocketFrameTrackerTests {
    private static func frame(_ opcode: WebSocketOpcode, _ count: Int, mask: UInt32? = nil) -> [UInt8] {
        var frame: [UInt8] = []
        WebSocketFrame.append(opcode, [UInt8](repeating: 0x88, count: count).span, mask: mask, to: &frame)
        return frame
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536], [nil, 0x8888_8888] as [UInt32?])
    func `frames of every form end where they end, however they are cut`(count: Int, mask: UInt32?) {
        let bytes = Self.frame(.binary, count, mask: mask)
        for step in [1, 7, bytes.count] {
            var tracker = WebSocketFrameTracker()
            var start = 0
            while start < bytes.count {
                let end = min(start + step, bytes.count)
                tracker.advance(over: bytes.span.extracting(start..<end))
                #expect(tracker.isBetweenFrames == (end == bytes.count))
                start = end
            }
            #expect(!tracker.hasClosed)
        }
    }

    @Test func `a close frame is noticed with its header`() {
        var tracker = WebSocketFrameTracker()
        let bytes = Self.frame(.text, 3) + Self.frame(.ping, 0) + Self.frame(.close, 2, mask: 1)
        tracker.advance(over: bytes.span.extracting(0..<bytes.count - 2))
        #expect(tracker.hasClosed && !tracker.isBetweenFrames)
        tracker.advance(over: bytes.span.extracting(bytes.count - 2..<bytes.count))
        #expect(tracker.hasClosed && tracker.isBetweenFrames)
    }
}
