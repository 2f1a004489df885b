import HTTPCore
import Testing

struct ServerSentEventTests {
    private func events(_ text: String, pieces: Int = .max) throws -> [ServerSentEvent] {
        var parser = EventStreamParser()
        let bytes = Array(text.utf8)
        var all: [ServerSentEvent] = []
        for start in stride(from: 0, to: bytes.count, by: min(pieces, bytes.count)) {
            all += try parser.receive(bytes.span.extracting(start..<min(bytes.count, start + min(pieces, bytes.count))))
        }
        return all
    }

    @Test func `an event written is the event read, in any pieces`() throws {
        let event = ServerSentEvent(id: "7", event: "seat", data: "a\n\nb: c")
        var bytes: [UInt8] = ServerSentEvent.heartbeat
        event.append(to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        for pieces in [1, 2, 5, 1000] { #expect(try events(text, pieces: pieces) == [event]) }
    }

    @Test func `text cannot make up fields`() throws {
        var bytes: [UInt8] = []
        ServerSentEvent(id: "1\nevent: x", event: "a\r\0b", data: "x\r\nid: 9\rdata: y\n").append(to: &bytes)
        let read = try events(String(decoding: bytes, as: UTF8.self))
        #expect(read == [ServerSentEvent(id: "1event: x", event: "ab", data: "x\nid: 9\ndata: y\n")])
    }

    @Test func `streams of other servers are read as the standard says`() throws {
        let text =
            "\u{FEFF}data:x\rdata:  y\r\r: comment\r\nid\r\nevent: only\r\n\r\nid: 5\ndata\n\nretry: 20\nretry: x\n"
        #expect(
            try events(text, pieces: 1) == [
                ServerSentEvent(data: "x\n y"), ServerSentEvent(id: "5", data: ""),
            ]
        )
        var parser = EventStreamParser()
        _ = try parser.receive(Array("id: 3\nretry: 20\n\n".utf8).span)
        #expect(parser.lastEventID == "3" && parser.retry == 20)
    }

    @Test func `an event without end is refused`() {
        var parser = EventStreamParser()
        let bytes = [UInt8](repeating: 0x61, count: EventStreamParser.maximumEventBytes + 1)
        #expect(throws: EventTooLarge.self) { try parser.receive(bytes.span) }
    }
}
