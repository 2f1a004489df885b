import Contracts
import EventBus
import ServiceKit
import System

/// `POST /v1/chat/rooms`.
struct NewRoom: Decodable, Sendable {
    static let maximumTitleLength = 100

    let type: ChatRoomType
    let memberIDs: [Identifier]
    let title: String?

    enum CodingKeys: String, CodingKey {
        case memberIDs = "member_ids"
        case type, title
    }

    /// Everybody in it, the creator first.
    func people(with creator: Identifier) throws(Problem) -> [Identifier] {
        guard memberIDs.count < Room.maximumMembers else {
            throw .invalid("/member_ids", "at most \(Room.maximumMembers) members", code: "too_many")
        }
        var people = [creator]
        var known: Set = [creator]
        for user in memberIDs where known.insert(user).inserted { people.append(user) }
        if type == .direct {
            guard people.count == 2 else { throw .invalid("/member_ids", "one other person") }
            guard title == nil else { throw .invalid("/title", "a direct room has none") }
        }
        _ = try RoomTitle.check(title)
        return people
    }
}

/// `PATCH /v1/chat/rooms/{id}`: JSON merge patch of the title.
struct RoomPatch: Decodable, Sendable {
    let title: String?
}

/// `PUT /v1/chat/rooms/{id}/members/{user_id}`; without a body a member.
struct RolePut: Decodable, Sendable {
    let role: ChatRole?
}

/// `PUT …/messages/{client_message_id}` and `PATCH …/messages/{seq}`.
struct MessageBody: FlatBody, Sendable {
    let body: String

    init?(flat object: FlatJSONReader) {
        guard object.count == 1, let body = object.text("body") else { return nil }
        self.body = body
    }
}

/// `PUT …/read`.
struct ReadPut: FlatBody, Sendable {
    let seq: Int64
    /// Whether the others are not to be told.
    let isPrivate: Bool?

    enum CodingKeys: String, CodingKey {
        case isPrivate = "private"
        case seq
    }

    init?(flat object: FlatJSONReader) {
        guard object.count == 1, let seq = object.number("seq") else { return nil }
        self.seq = seq
        isPrivate = nil
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        seq = try values.decode(Int64.self, forKey: .seq)
        isPrivate = try values.decodeUnlessMissing(Bool.self, forKey: .isPrivate)
    }
}

/// `PUT …/delivered`.
struct DeliveredPut: FlatBody, Sendable {
    let seq: Int64

    init?(flat object: FlatJSONReader) {
        guard object.count == 1, let seq = object.number("seq") else { return nil }
        self.seq = seq
    }
}

/// What a group may be called.
enum RoomTitle {
    static func check(_ title: String?) throws(Problem) -> String? {
        guard let title else { return nil }
        guard title.unicodeScalars.count <= NewRoom.maximumTitleLength else {
            throw .invalid("/title", "at most \(NewRoom.maximumTitleLength) characters", code: "too_long")
        }
        guard title.unicodeScalars.contains(where: { !$0.properties.isWhitespace }), !title.utf8.contains(0) else {
            throw .invalid("/title", "there is nothing to be seen", code: "required")
        }
        return title
    }
}
