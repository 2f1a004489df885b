import System

/// A message as it stands.
struct Message: Sendable, Equatable {
    /// Of a text: scalars and bytes.
    static let maximumScalars = 4000
    static let maximumBytes = 16 << 10
    /// Of what a client calls it.
    static let maximumClientIDLength = 64

    let id: Identifier
    let roomID: Identifier
    let seq: Int64
    /// What number it has among all that happened in the room.
    let change: Int64
    /// None of an account that is gone.
    var authorID: Identifier?
    var clientMessageID: String?
    /// None once it is deleted.
    var body: String?
    let createdAt: Timestamp
    var editedAt: Timestamp?
    var deletedAt: Timestamp?

    /// Whether a client may call a message so: letters, digits, `.`, `_` and `-`.
    static func isClientID(_ text: String) -> Bool {
        (1...maximumClientIDLength).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// Something that happened in a room, as it is kept and told.
struct RoomChange: Sendable, Equatable {
    enum Kind: String, Sendable {
        case created, renamed, message, edited, deleted, read, delivered, joined, left
    }

    let roomID: Identifier
    /// Its number: every change of a room has the next one.
    let change: Int64
    let kind: Kind
    /// The message that it is about.
    var seq: Int64?
    /// Who did it; none of an account that is gone.
    var actorID: Identifier?
    /// Whom it is about.
    var userID: Identifier?
    /// A title, a role or a reason.
    var detail: String?
    let at: Timestamp
}
