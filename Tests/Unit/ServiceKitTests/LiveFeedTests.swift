import ServiceKit
import Testing

@testable import EventBus
@testable import HTTPTransport

struct LiveFeedTests {
    private func position(_ offset: Int64) -> EventPosition {
        EventPosition(
            KafkaRecord(topic: "t", partition: 0, offset: offset, timestamp: 0, key: nil, headers: [], value: nil)
        )
    }

    @Test func `a stream that missed more than it may have waiting is told to read anew, and goes on`() {
        let feed = LiveFeed<String>()
        let text = String(repeating: "a", count: 100_000)
        for offset in 0..<20 { feed.publish("said", text, to: "room", at: position(Int64(offset))) }
        for last in ["0-0", "0-17", "0-99"] {
            let stream = EventStream()
            feed.attach(stream, to: "room", after: last)
            #expect(!stream.isOver, "\(last)")
            feed.publish("said", "b", to: "room", at: position(20))
            #expect(!stream.isOver)
            feed.detach(stream, from: "room")
        }
    }
}
