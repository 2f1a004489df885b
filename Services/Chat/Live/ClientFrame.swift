import Contracts
import EventBus
import FoundationEssentials
import HTTPCore
import ServiceKit
import System

/// What a client says on a socket (`chat.v1`). `ref` comes back in the answer.
struct ClientFrame: FlatBody, Sendable {
    enum Kind: String, Decodable, Sendable {
        case hello, auth, send, edit, delete, read, delivered, typing, ping
    }

    /// From where a room is to go on.
    enum Place: Decodable, Sendable, Equatable {
        /// Behind a message.
        case seq(Int64)
        /// Behind a change.
        case change(Int64)

        private struct Change: Decodable {
            let change: Int64
        }

        init(from decoder: any Decoder) throws {
            if let seq = try? decoder.singleValueContainer().decode(Int64.self) {
                self = .seq(seq)
            } else {
                self = .change(try Change(from: decoder).change)
            }
        }
    }

    let type: Kind
    var ref: String?
    var roomID: Identifier?
    var clientMessageID: String?
    var seq: Int64?
    /// Of `read`: whether the others are not to be told.
    var isPrivate: Bool?
    var body: String?
    var accessToken: String?
    var resume: [String: Place]?

    enum CodingKeys: String, CodingKey {
        case roomID = "room_id"
        case clientMessageID = "client_message_id"
        case accessToken = "access_token"
        case isPrivate = "private"
        case type, ref, seq, body, resume
    }

    /// A frame that says nothing yet.
    init(_ type: Kind) { self.type = type }

    init?(flat object: FlatJSONReader) {
        guard let type = object.text("type").flatMap(Kind.init) else { return nil }
        self.type = type
        ref = object.text("ref")
        roomID = object.id("room_id")
        clientMessageID = object.text("client_message_id")
        seq = object.number("seq")
        isPrivate = object.flag("private")
        body = object.text("body")
        accessToken = object.text("access_token")
        let read = [
            ref != nil, roomID != nil, clientMessageID != nil, seq != nil, isPrivate != nil, body != nil,
            accessToken != nil,
        ]
        guard object.count == 1 + read.count(where: \.self) else { return nil }
    }

    /// Reads a message. Throws ``Problem`` with what is wrong.
    static func read(_ message: WebSocketMessage) throws(Problem) -> ClientFrame {
        guard case .text(let text) = message else { throw Problem(.unsupportedMediaType, "frames are JSON texts") }
        let frame = try JSONBody.decode(ClientFrame.self, from: Array(text.utf8))
        guard (frame.ref?.utf8.count ?? 0) <= Message.maximumClientIDLength else {
            throw .invalid("/ref", "at most \(Message.maximumClientIDLength) bytes", code: "too_long")
        }
        return frame
    }

    /// The room that it is about.
    func room() throws(Problem) -> Identifier {
        guard let roomID else { throw .invalid("/room_id", "this member is required", code: "required") }
        return roomID
    }

    /// The message that it is about.
    func message() throws(Problem) -> Int64 {
        guard let seq else { throw .invalid("/seq", "this member is required", code: "required") }
        guard seq > 0 else { throw .invalid("/seq", "at least 1") }
        return seq
    }

    /// The text, as it may be sent.
    func text() throws(Problem) -> String { try MessageText.check(body) }

    /// What the client calls a message.
    func clientID() throws(Problem) -> String {
        guard let id = clientMessageID else {
            throw .invalid("/client_message_id", "this member is required", code: "required")
        }
        guard Message.isClientID(id) else { throw MessageText.badClientID }
        return id
    }
}

/// What a text of a message may be.
enum MessageText {
    static let badClientID = Problem.invalid(
        "/client_message_id",
        "1 to \(Message.maximumClientIDLength) letters, digits, '.', '_' and '-'"
    )

    /// Throws 422 about `/body`.
    static func check(_ body: String?) throws(Problem) -> String {
        guard let body else { throw .invalid("/body", "this member is required", code: "required") }
        guard body.utf8.count <= Message.maximumBytes, body.unicodeScalars.count <= Message.maximumScalars else {
            throw .invalid("/body", "at most \(Message.maximumScalars) characters", code: "too_long")
        }
        let isVisible = body.unicodeScalars.contains { !$0.properties.isWhitespace && $0.value >= 0x20 }
        guard isVisible else { throw .invalid("/body", "there is nothing to be seen", code: "required") }
        guard !body.utf8.contains(0) else { throw .invalid("/body", "no NUL") }
        return body
    }
}
