public import EventBus
public import System

/// Tokens are no longer good (`auth.session-revoked`): those of one session, or all of a user's issued before an instant.
/// Every service holds the feed of these and refuses what they name.
///
/// Written with the members of `session-revoked` of the Continuous Access Evaluation Profile (CAEP 1.0, section 3.1) beside
/// our own, so that a bridge to security event tokens (RFC 8417) copies them; they follow from ours and are not read.
public struct SessionRevoked: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "auth.session-revoked"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.authEvents
    /// See ``EventPayload/source``.
    public static let source = "/auth"

    /// Whose tokens.
    public var userID: Identifier
    /// The one session that ended; nil when all tokens issued before `notBefore` did.
    public var sessionID: Identifier?
    /// Tokens of the user issued before this instant are refused, when no session is named.
    public var notBefore: Timestamp
    /// `logout`, `password_changed`, `password_reset`, `banned`, `deleted`, `role_changed`,
    /// `reuse_detected`, `too_many` or `revoked`.
    public var reason: String

    /// Makes the event.
    public init(userID: Identifier, sessionID: Identifier?, notBefore: Timestamp, reason: String) {
        self.userID = userID
        self.sessionID = sessionID
        self.notBefore = notBefore
        self.reason = reason
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case sessionID = "session_id"
        case notBefore = "not_before"
        case eventTimestamp = "event_timestamp"
        case initiator = "initiating_entity"
        case reasonForAdmins = "reason_admin"
        case subject = "sub_id"
        case reason
    }

    /// Reads our own members.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        userID = try values.decode(Identifier.self, forKey: .userID)
        sessionID = try values.decodeIfPresent(Identifier.self, forKey: .sessionID)
        notBefore = try values.decode(Timestamp.self, forKey: .notBefore)
        reason = try values.decode(String.self, forKey: .reason)
    }

    /// Writes our own members and those of CAEP.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(userID, forKey: .userID)
        try values.encodeIfPresent(sessionID, forKey: .sessionID)
        try values.encode(notBefore, forKey: .notBefore)
        try values.encode(reason, forKey: .reason)
        try values.encode(notBefore.milliseconds / 1000, forKey: .eventTimestamp)
        try values.encode(initiator, forKey: .initiator)
        try values.encode(["en": reason.replacing("_", with: " ")], forKey: .reasonForAdmins)
        try values.encode(Subject(user: .init(id: userID), session: sessionID.map(Subject.Part.init)), forKey: .subject)
    }

    /// Who brought it about, in CAEP's words.
    private var initiator: String {
        switch reason {
        case "banned", "role_changed": "admin"
        case "reuse_detected", "too_many": "policy"
        default: "user"
        }
    }

    /// A complex subject of opaque ids (RFC 9493, section 3.2).
    private struct Subject: Encodable {
        struct Part: Encodable {
            var format = "opaque"
            var id: Identifier

            init(id: Identifier) { self.id = id }
        }

        var format = "complex"
        var user: Part
        var session: Part?
    }
}
