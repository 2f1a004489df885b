import System
import Testing

@testable import EventBus

struct Greeting: EventPayload, Equatable {
    static let type = "test.greeting"
    static let topic = Topic("test-events")
    static let source = "/test"

    var id: String
    var text: String
    var key: String { id }

    enum CodingKeys: String, CodingKey {
        case id
        case text = "greeting_text"
    }
}

@Suite struct EventTests {
    let now = Timestamp(milliseconds: 1_742_378_400_000)

    @Test func `an event survives the way over headers and value`() throws {
        var event = try Event(Greeting(id: "7", text: "Vé của bạn"), at: now, sequence: 3)
        event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        event.correlationID = .version7(at: now)
        event.causationID = .version7(at: now)
        let back = try Event(
            topic: event.topic,
            key: Array(event.key.utf8),
            headers: event.headers,
            value: event.value
        )
        #expect(back == event)
        #expect(try back.decode(Greeting.self) == Greeting(id: "7", text: "Vé của bạn"))
        #expect(String(decoding: back.value ?? [], as: UTF8.self) == #"{"greeting_text":"Vé của bạn","id":"7"}"#)
    }

    @Test func `an object written by hand is what JSONEncoder writes`() throws {
        struct Plain: Codable, EventPayload {
            static let type = "test.plain"
            static let topic = Topic("test-events")
            static let source = "/test"
            var a: String
            var b: Int64
            var c: Bool
            var d: Identifier
            var e: String?
            var key: String { a }
        }
        for text in ["", "Vé của bạn", #"a "quoted" \ back/slash"#, "\u{1}\u{1F}\u{7F}\n"] {
            let payload = Plain(a: text, b: -.max, c: false, d: .version7(at: now))
            var object = FlatJSON()
            object.add("a", payload.a)
            object.add("b", payload.b)
            object.add("c", payload.c)
            object.add("d", payload.d)
            object.add("e", payload.e)
            let written = object.finish()
            let back = try EventJSON.decode(Plain.self, from: written)
            #expect(try back.json() == payload.json())
            if !text.contains("\n") { #expect(try written == payload.json()) }
        }
        #expect(FlatJSON().finish() == Array("{}".utf8))
    }

    @Test func `an object written by hand is read by hand and what is written otherwise is not`() throws {
        var object = FlatJSON()
        object.add("id", Identifier.version7(at: now))
        object.add("list", ["A1", "Vé"])
        object.add("none", [String]())
        object.add("text", "Rạp 1")
        object.add("number", Int64(-17))
        object.add("true", true)
        object.add("untrue", false)
        object.add("when", now)
        let bytes = object.finish()
        let read = try #require(FlatJSONReader(bytes))
        #expect(read.count == 8 && read.id("id") != nil && read.instant("when") == now)
        #expect(read.texts("list") == ["A1", "Vé"] && read.texts("none") == [] && read.text("text") == "Rạp 1")
        #expect(read.number("number") == -17 && read.flag("true") == true && read.flag("untrue") == false)
        #expect(read.number("true") == nil && read.flag("number") == nil && read.text("number") == nil)
        #expect(read.text("list") == nil && read.texts("text") == nil && read.isAbsent("other"))
        for count in bytes.indices { #expect(FlatJSONReader(Array(bytes[..<count])) == nil) }
        for other in [
            #"{}"#, #"{"a": "b"}"#, #"{"a":"\u0041"}"#, #"{"a":"b","a":"c"}"#, #"{"a":1.5}"#, #"{"a":01}"#, #"{"a":-}"#,
            #"{"a":null}"#,
            #"{"a":["b",]}"#, #"{"a":"b"},"#, #"{"a":"b",}"#, #"["a"]"#, "{\"a\":\"\n\"}",
        ] {
            #expect(FlatJSONReader(Array(other.utf8)) == nil, "\(other)")
        }
        #expect(FlatJSONReader(Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8))?.text("a") == nil)
    }

    @Test func `a record without the required attributes is refused`() throws {
        let event = try Event(Greeting(id: "7", text: ""), at: now)
        for missing in ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"] {
            let headers = event.headers.filter { $0.name != missing }
            #expect(throws: EventError.self) {
                try Event(topic: "t", key: [1], headers: headers, value: [])
            }
        }
    }

    @Test func `a tombstone has a key and no payload`() {
        let event = Event(tombstone: "7", of: Greeting.self, at: now)
        #expect(event.value == nil)
        #expect(throws: EventError.self) { try event.decode(Greeting.self) }
    }

    @Test func `a payload over the limit is refused`() {
        #expect(throws: EventError.self) {
            try Event(Greeting(id: "7", text: String(repeating: "a", count: Event.maximumSize)), at: now)
        }
    }
}
