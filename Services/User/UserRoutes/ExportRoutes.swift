import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

// A copy of one's own data.
extension UserRoutes {
    func exportMe(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (user, now) = (try await account(of: token), accounts.clock.now)
        let document = try await accounts.database.read { connection in
            ExportDocument(
                exportedAt: now,
                account: UserDocument(user),
                emailVerifiedAt: user.emailVerifiedAt,
                lastLoginAt: try connection.lastLogin(of: user.id),
                pendingEmail: try connection.confirmation(of: user.id, at: now).map(PendingEmailDocument.init),
                blocks: try connection.targets(of: user.id, .block, after: nil, limit: Relation.limit)
                    .map(RelationDocument.init),
                mutes: try connection.targets(of: user.id, .mute, after: nil, limit: Relation.limit)
                    .map(RelationDocument.init),
                elsewhere: ElsewhereDocument.all(of: user.id)
            )
        }
        return try .json(
            document,
            [.cacheControl: "no-store", .contentDisposition: "attachment; filename=\"marquee-account.json\""]
        )
    }
}

/// Everything User holds of somebody, for their own copy (GDPR article 20), and where the rest is.
struct ExportDocument: Encodable, Sendable {
    let exportedAt: Timestamp
    let account: UserDocument
    let emailVerifiedAt: Timestamp?
    let lastLoginAt: Timestamp?
    let pendingEmail: PendingEmailDocument?
    let blocks: [RelationDocument]
    let mutes: [RelationDocument]
    let elsewhere: [ElsewhereDocument]

    enum CodingKeys: String, CodingKey {
        case exportedAt = "exported_at"
        case emailVerifiedAt = "email_verified_at"
        case lastLoginAt = "last_login_at"
        case pendingEmail = "pending_email"
        case account, blocks, mutes, elsewhere
    }
}

/// What another service holds, and the routes that give it to its owner: services do not ask one another, so the owner's
/// client does, with the same token.
struct ElsewhereDocument: Encodable, Sendable {
    let service: String
    let holds: String
    let urls: [String]

    static func all(of id: Identifier) -> [ElsewhereDocument] {
        [
            .init("auth", "sessions and the trail of log-ins", "/v1/auth/sessions", "/v1/auth/audit"),
            .init("media", "images and videos", "/v1/media?owner_id=\(id)"),
            .init("batch-upload", "batches of uploads", "/v1/batches"),
            .init("like", "likes", "/v1/users/me/likes"),
            .init("comment", "comments, each under what it is about"),
            .init("chat", "rooms and messages", "/v1/chat/rooms"),
            .init("notification", "what one was told, and how", "/v1/notifications", "/v1/notifications/preferences"),
            .init("booking", "bookings and tickets", "/v1/bookings"),
        ]
    }

    private init(_ service: String, _ holds: String, _ urls: String...) {
        (self.service, self.holds, self.urls) = (service, holds, urls)
    }
}
