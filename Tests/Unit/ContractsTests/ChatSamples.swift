import Contracts
import System

extension Sample {
    private static let room = Identifier.sample(20)
    private static let lan = Identifier.sample(1)
    private static let minh = Identifier.sample(14)

    /// One of each type about rooms.
    static func chat() throws -> [Sample] {
        [
            try Sample(
                ChatRoomCreated(
                    roomID: room,
                    roomType: .group,
                    title: "Suất 19:00",
                    creatorID: lan,
                    memberIDs: [lan, minh],
                    requestDigest: "5feceb66ffc86f38d952786c6d696c79",
                    timestamp: .sample
                )
            ),
            try Sample(ChatRoomChanged(roomID: room, actorID: lan, title: "Suất 21:00", timestamp: .sample)),
            try Sample(
                ChatMessageSent(
                    messageID: .sample(21),
                    roomID: room,
                    authorID: lan,
                    clientMessageID: "m-1",
                    body: "Hẹn ở cửa \"A\" nhé 🍿",
                    timestamp: .sample
                )
            ),
            try Sample(
                ChatMessageEdited(
                    roomID: room,
                    seq: 1,
                    actorID: lan,
                    body: "Hẹn ở cửa B nhé, @minh",
                    messageID: .sample(21),
                    mentions: ["minh"],
                    timestamp: .sample
                )
            ),
            try Sample(ChatMessageDeleted(roomID: room, seq: 1, actorID: lan, timestamp: .sample)),
            try Sample(ChatRead(roomID: room, userID: minh, seq: 1, timestamp: .sample)),
            try Sample(ChatDelivered(roomID: room, userID: minh, seq: 1, timestamp: .sample)),
            try Sample(
                ChatMemberJoined(roomID: room, userID: .sample(15), role: .admin, actorID: lan, timestamp: .sample)
            ),
            try Sample(
                ChatMemberLeft(roomID: room, userID: minh, actorID: lan, reason: .removed, timestamp: .sample)
            ),
            try Sample(ChatRoomMuted(roomID: room, userID: minh, isMuted: true, timestamp: .sample)),
        ]
    }

    /// One of each type about who is there.
    static func presence() throws -> [Sample] {
        let process = Identifier.sample(22)
        let soon = Timestamp.sample.adding(seconds: 30)
        return [
            try Sample(
                PresenceOnline(
                    userID: lan,
                    processID: process,
                    state: .away,
                    activeAt: .sample,
                    expiresAt: soon,
                    timestamp: .sample
                )
            ),
            try Sample(PresenceOffline(userID: lan, processID: process, activeAt: .sample, timestamp: .sample)),
            try Sample(
                PresenceTyping(userID: lan, roomID: room, processID: process, expiresAt: soon, timestamp: .sample)
            ),
            try Sample(PresenceSeen(userID: lan, roomID: room, seq: 7, timestamp: .sample)),
        ]
    }
}
