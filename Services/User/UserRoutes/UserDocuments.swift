import Contracts
import HTTPCore
import ServiceKit
import System

/// What everybody may see of a user.
struct PublicUserDocument: Encodable, Sendable {
    let id: Identifier
    let handle: String
    let displayName: String
    let createdAt: Timestamp

    init(_ user: User) {
        id = user.id
        handle = user.handle.text
        displayName = user.displayName.text
        createdAt = user.createdAt
    }

    enum CodingKeys: String, CodingKey {
        case id, handle
        case displayName = "display_name"
        case createdAt = "created_at"
    }
}

/// What a user, and an admin, may see of the account.
struct UserDocument: Encodable, Sendable {
    let id: Identifier
    let email: String
    let emailVerified: Bool
    let handle: String
    let displayName: String
    let locale: String
    let role: Role
    let banned: Bool
    let banReason: String?
    let bannedUntil: Timestamp?
    let createdAt: Timestamp
    let version: Int64

    init(_ user: User) {
        id = user.id
        email = user.email.text
        emailVerified = user.emailVerifiedAt != nil
        handle = user.handle.text
        displayName = user.displayName.text
        locale = user.locale.rawValue
        role = user.role
        banned = user.ban != nil
        banReason = user.ban?.reason
        bannedUntil = user.ban?.until
        createdAt = user.createdAt
        version = user.version
    }

    enum CodingKeys: String, CodingKey {
        case id, email, handle, locale, role, banned, version
        case displayName = "display_name"
        case emailVerified = "email_verified"
        case banReason = "ban_reason"
        case bannedUntil = "banned_until"
        case createdAt = "created_at"
    }
}

/// A person blocked or muted.
struct RelationDocument: Encodable, Sendable {
    let userID: Identifier
    let since: Timestamp

    init(_ entry: RelationEntry) {
        userID = entry.targetID
        since = entry.since
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case since
    }
}

/// How far an erasure has come.
struct ErasureDocument: Encodable, Sendable {
    struct Receipt: Encodable, Sendable {
        let service: String
        let acknowledgedAt: Timestamp?

        enum CodingKeys: String, CodingKey {
            case service
            case acknowledgedAt = "acknowledged_at"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(service, forKey: .service)
            try values.encode(acknowledgedAt, forKey: .acknowledgedAt)
        }
    }

    let id: Identifier
    let requestedAt: Timestamp
    let complete: Bool
    let services: [Receipt]

    init(_ erasure: Erasure) {
        id = erasure.id
        requestedAt = erasure.requestedAt
        complete = erasure.isComplete
        services = Erasure.services.map { Receipt(service: $0, acknowledgedAt: erasure.receipts[$0]) }
    }

    enum CodingKeys: String, CodingKey {
        case id, complete, services
        case requestedAt = "requested_at"
    }
}

extension User {
    /// The version a client must know to change the account.
    var tag: EntityTag { EntityTag("\(version)") }
}

/// Reads a member of a body as one of the checked types; 422 naming the member when it is not one.
func checked<Value>(_ value: Value?, _ pointer: String, _ detail: String) throws(Problem) -> Value {
    guard let value else { throw .invalid(pointer, detail) }
    return value
}

/// What members of a body must be, in words.
enum MemberRule {
    static let email = "an e-mail address"
    static let displayName = "1 to \(DisplayName.maximumLength) characters without control characters"
    static let handle =
        "3 to 30 letters (Latin), 0-9, _ and ., beginning with a letter or digit, and not a reserved name"
    static let passwordHash =
        "a hash of Argon2, bcrypt, scrypt or PBKDF2 in its usual text, which costs no more than a log-in may take"
    static let role = "one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))"
    static let locale = "one of \(Locale.allCases.map(\.rawValue).joined(separator: ", "))"
}
