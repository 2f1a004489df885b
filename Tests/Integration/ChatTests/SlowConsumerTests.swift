import System
import TestSupport
import Testing

/// Readers that hang while their room is busy.
@Suite(.serialized) struct SlowConsumerTests {
    /// A room in which lan writes long messages that mai reads as they come, and minh may hang.
    private final class BusyRoom: Sendable {
        private static let body = String(repeating: "🍿", count: 4000)
        /// Bytes of one message on a socket.
        static let messageBytes = 16_000
        /// Messages that are sent at once.
        private static let burst = 8

        let rig: ChatRig
        let chat: ServiceProcess
        let (lan, minh, mai, nga): (ChatRig.Person, ChatRig.Person, ChatRig.Person, ChatRig.Person)
        let id: String
        let (writer, reader): (ChatClient, ChatClient)

        init() async throws {
            rig = try await ChatRig()
            chat = try await rig.chat(at: rig.place(), environment: ["CHAT_FRAMES_PER_MINUTE": "60000"])
            lan = try await rig.person("lan")
            minh = try await rig.person("minh")
            mai = try await rig.person("mai")
            nga = try await rig.person("nga")
            id = try await chat.room(of: [minh, mai, nga], by: lan)
            writer = try await ChatClient.hello(chat.port, lan)
            reader = try await ChatClient.hello(chat.port, mai)
        }

        /// A socket of minh's that may hang.
        func slowReader() throws -> SlowReader {
            try SlowReader(chat.port, "/v1/chat/ws", protocol: "chat.v1", token: minh.token)
        }

        var sent: Int { reader.frames("message").count }

        /// Writes so many bytes, at least; mai gets each burst without delay.
        func write(bytes: Int) async throws {
            for _ in 0..<max(1, bytes / Self.messageBytes / Self.burst) {
                let before = sent
                for number in 1...Self.burst {
                    try writer.say(Self.body, as: "m\(before + number)", in: id)
                }
                try await eventually("those who read get it") { sent == before + Self.burst }
            }
        }

        /// Writes until the kernel takes no more for a reader, and a little more waits in the process.
        func fill(_ slow: SlowReader) async throws {
            var (held, same) = (-1, 0)
            for _ in 0..<100 where same < 2 {
                try await write(bytes: 1)
                let now = try slow.heldBytes()
                same = now == held ? same + 1 : 0
                held = now
            }
            #expect(same == 2 && held > 0, "\(held) bytes")
        }

        func type(_ client: ChatClient) throws {
            try client.send(["type": .string("typing"), "room_id": .string(id)])
        }
    }

    private func names(_ person: ChatRig.Person, _ frame: JSON) -> Bool {
        let id = person.id.description
        return frame["user_id"].string == id || frame["user_ids"].array.contains { $0.string == id }
    }

    @Test func `who reads slowly loses who writes and who is there, and no message`() async throws {
        let room = try await BusyRoom()
        let slow = try room.slowReader()
        try await eventually("it hears") { slow.frames.contains { $0["type"].string == "ready" } }
        try room.type(room.reader)
        try await eventually("it hears who writes") { slow.frames.contains { $0["type"].string == "typing" } }
        try slow.pause()
        try await room.fill(slow)
        let guest = try await ChatClient.hello(room.chat.port, room.nga)
        try room.type(guest)
        for type in ["typing", "presence"] {
            try await eventually("others see \(type)") {
                room.writer.frames(type).contains { names(room.nga, $0) }
            }
        }
        try slow.proceed()
        try await eventually("it has all messages") { slow.changes.last == room.sent + 1 }
        #expect(slow.changes == Array(2...room.sent + 1), "of which none twice")
        #expect(!slow.frames.contains { names(room.nga, $0) })
        // The note of before ends with a message.
        try guest.say("xong", as: "n1", in: room.id)
        try await eventually("nobody writes") { room.writer.frames("typing").last?["user_ids"].array.isEmpty == true }
        try room.type(guest)
        try await eventually("it hears again what may be lost") {
            slow.frames.contains { $0["type"].string == "typing" && names(room.nga, $0) }
        }
        #expect(!slow.frames.contains { $0["type"].string == "close" })
    }

    @Test func `who does not read is closed with 4408, others feel nothing, and who comes back misses nothing`()
        async throws
    {
        let room = try await BusyRoom()
        let slow = try room.slowReader()
        let path = "\(room.chat.url)/v1/chat/rooms/\(room.id)/stream"
        let stream = try EventStreamReader(path, token: room.minh.token)
        try await eventually("it hears") { slow.frames.contains { $0["type"].string == "ready" } }
        try await room.write(bytes: 1)
        try await eventually("the stream has begun") { !stream.events.isEmpty }
        try slow.pause()
        try stream.pause()
        try await room.fill(slow)
        // More than a socket may have waiting, but no half minute of it: then it ends without a word.
        try await room.write(bytes: 3 << 19)
        try slow.proceed()
        try await eventually("the socket ends") { slow.frames.last?["type"].string == "end" }
        #expect(slow.frames.first { $0["type"].string == "close" }?["code"].int == 4408)
        // The kernel takes more for a stream.
        try await room.write(bytes: 4 << 20)
        try stream.proceed()
        try await eventually("the stream ends") { try stream.hasEnded }

        let last = try #require(slow.changes.last)
        #expect(slow.changes == Array(2...last) && last < room.sent, "\(last) of \(room.sent)")
        let again = try await ChatClient.hello(
            room.chat.port,
            room.minh,
            resume: [room.id: .object(["change": .number(Double(last))])]
        )
        _ = try await again.first { $0["type"].string == "resumed" }
        let missed = again.frames.compactMap { $0["change"].int }
        #expect(missed == Array(last + 1...room.sent + 1))

        let seen = stream.events.compactMap { $0.id.flatMap { Int($0) } }
        let end = try #require(seen.last)
        #expect(seen == Array(2...end) && end < room.sent, "\(end) of \(room.sent)")
        let rest = try EventStreamReader(path, token: room.minh.token, lastEventID: "\(end)")
        try await eventually("what was missed comes") {
            rest.events.compactMap { $0.id.flatMap { Int($0) } } == Array(end + 1...room.sent + 1)
        }
    }
}

extension SlowReader {
    /// The numbers of the changes that it has read.
    fileprivate var changes: [Int] { frames.compactMap { $0["change"].int } }
}
