import Security
import System

/// An opaque refresh token: it names its session and generation, and proves by an HMAC over both and the family's secret
/// that Auth made it. The database alone is not enough to make one, nor is Auth's key alone.
///
/// ```
/// | session 16 | generation 4 | HMAC-SHA256 32 |   in URL-safe Base64, 70 characters
/// ```
/// Derived and not random, so two refreshes of one token within the grace time get the same successor.
struct RefreshToken: Sendable, Equatable {
    private static let length = 52
    private static let textLimit = 128

    let sessionID: Identifier
    let generation: Int
    private let code: [UInt8]

    /// The token of a session's present generation.
    init(of session: Session, secret: [UInt8]) {
        sessionID = session.id
        generation = session.generation
        code = Self.code(session.id, session.generation, session.familySecret, secret)
    }

    /// Reads a token; nil when it has another form. Says nothing about who made it.
    init?(_ text: String) {
        guard text.utf8.count <= Self.textLimit, let bytes = Base64.decodeURLSafe(text), bytes.count == Self.length,
            let session = Identifier(bytes: bytes[..<16])
        else { return nil }
        sessionID = session
        generation = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        code = Array(bytes[20...])
    }

    /// Whether Auth made it for this session.
    func isAuthentic(familySecret: [UInt8], secret: [UInt8]) -> Bool {
        constantTimeEqual(code, Self.code(sessionID, generation, familySecret, secret))
    }

    /// The form that clients keep.
    var text: String { Base64.encodeURLSafe(sessionID.bytes + Self.bytes(generation) + code) }

    private static func bytes(_ generation: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: generation >> (24 - $0 * 8)) }
    }

    private static func code(_ id: Identifier, _ generation: Int, _ family: [UInt8], _ secret: [UInt8]) -> [UInt8] {
        HashFunction.sha256.authenticationCode(key: secret, message: id.bytes + bytes(generation) + family)
    }
}
