import HTTPCore
import Testing

/// The readers of streams: WebSocket frames and server-sent events.
struct StreamFuzzTests {
    private static let messageLimit = 3000

    private static func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, mask: UInt32? = 7)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        WebSocketFrame.append(opcode, payload.span, isFinal: isFinal, mask: mask, to: &bytes)
        return bytes
    }

    @Test func `frames mean the same however they are cut, and no message is above the limit`() {
        let corpus = [
            Self.frame(.text, Array("héllo".utf8)) + Self.frame(.ping, [1]) + Self.frame(.close, [3, 0xE8]),
            Self.frame(.text, Array("a".utf8), isFinal: false) + Self.frame(.pong, [])
                + Self.frame(.continuation, Array("b".utf8)),
            Self.frame(.binary, [UInt8](repeating: 9, count: 300)) + Self.frame(.text, Array("\u{10FFFF}".utf8)),
            Self.frame(.binary, [1], mask: nil)
                + Self.frame(.close, WebSocketFrame.closePayload(.goingAway, reason: "é"), mask: nil),
        ]
        let fault = Fuzzer(corpus).run("frames") { bytes, chance in
            let role: WebSocketRole = chance.below(3) == 0 ? .client : .server
            var whole = WebSocketReceiver(role: role, maximumMessageBytes: Self.messageLimit)
            var pieces = WebSocketReceiver(role: role, maximumMessageBytes: Self.messageLimit)
            let expected = whole.receive(bytes.span)
            var events: [WebSocketEvent] = []
            let cuts = chance.cuts(bytes.count)
            inPieces(bytes, cuts) { events += pieces.receive($0) }
            for event in expected {
                if case .message(.binary(let data)) = event, data.count > Self.messageLimit {
                    return "\(data.count) bytes"
                }
                if case .message(.text(let text)) = event, text.utf8.count > Self.messageLimit {
                    return "\(text.utf8.count) bytes"
                }
            }
            return events == expected ? nil : "cut at \(cuts): \(events), whole: \(expected)"
        }
        #expect(fault == nil)
    }

    @Test func `a tunnel finds the ends of frames wherever they are cut`() {
        let corpus = [
            Self.frame(.text, Array("hello".utf8)), Self.frame(.close, [3, 0xE8], mask: nil),
            Self.frame(.binary, [UInt8](repeating: 1, count: 300)),
        ]
        let fault = Fuzzer(corpus).run("tunnel") { bytes, chance in
            var (whole, pieces) = (WebSocketFrameTracker(), WebSocketFrameTracker())
            whole.advance(over: bytes.span)
            inPieces(bytes, chance.cuts(bytes.count)) { pieces.advance(over: $0) }
            let isSame = whole.isBetweenFrames == pieces.isBetweenFrames && whole.hasClosed == pieces.hasClosed
            return isSame ? nil : "\(pieces), whole: \(whole)"
        }
        #expect(fault == nil)
    }

    @Test func `events are the same however their stream is cut`() {
        let corpus = [
            "\u{FEFF}id: 1\nevent: a\ndata: x\ndata: y\n\n", ": comment\r\n\r\nretry: 10\r\rdata\r\r",
            "data:x\r\n\r\nid\ndata:y\n\n",
        ]
        let words = ["\r\n", "\n\n", "data:", "id: \0\n", "retry: 99999999999999999999\n", "event:", "\u{FEFF}"]
        let fault = Fuzzer(corpus, words: words).run("events") { bytes, chance in
            var (whole, pieces) = (EventStreamParser(), EventStreamParser())
            do {
                let expected = try whole.receive(bytes.span)
                var events: [ServerSentEvent] = []
                let cuts = chance.cuts(bytes.count)
                try inPieces(bytes, cuts) { piece throws(EventTooLarge) in events += try pieces.receive(piece) }
                let isSame =
                    events == expected && whole.lastEventID == pieces.lastEventID && whole.retry == pieces.retry
                return isSame ? nil : "cut at \(cuts): \(events), whole: \(expected)"
            } catch {
                return "refused"
            }
        }
        #expect(fault == nil)
    }

    @Test func `an event of any text comes back as it was`() {
        let fault = Fuzzer(["plain", "two\nlines", "\n", ":", " lead", ""], words: ["\n", "data: ", "id:"]).run(
            "written events"
        ) {
            input,
            chance in
            var text = String(decoding: input, as: UTF8.self)
            // The format has one kind of line end.
            text.unicodeScalars.removeAll { $0 == "\r" }
            let sent = ServerSentEvent(id: "1", data: text)
            var parser = EventStreamParser()
            var events: [ServerSentEvent] = []
            var bytes: [UInt8] = []
            sent.append(to: &bytes)
            do {
                try inPieces(bytes, chance.cuts(bytes.count)) { piece throws(EventTooLarge) in
                    events += try parser.receive(piece)
                }
            } catch {
                return "refused"
            }
            return events.map(\.data) == [text] ? nil : "\(events)"
        }
        #expect(fault == nil)
    }
}
