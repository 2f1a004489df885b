public import System

/// What an access token says (RFC 9068): who acts, in which session, until when.
public struct AccessToken: Sendable, Equatable {
    /// The token's own id (`jti`).
    public var id: Identifier
    /// The user (`sub`).
    public var userID: Identifier
    /// The session it belongs to (`sid`).
    public var sessionID: Identifier
    /// What the user may do (`roles`).
    public var roles: [String]
    /// Who signed it (`iss`).
    public var issuer: String
    /// For whom (`aud`).
    public var audience: String
    /// When it was made (`iat`), to the millisecond: a NumericDate with a fraction (RFC 7519 section 2).
    public var issuedAt: Timestamp
    /// First whole second of its life (`nbf`).
    public var notBefore: Timestamp
    /// First whole second after its life (`exp`).
    public var expiresAt: Timestamp

    /// Makes the content of a token that lives from `issuedAt` for `lifetime` seconds.
    public init(
        id: Identifier,
        userID: Identifier,
        sessionID: Identifier,
        roles: [String],
        issuer: String,
        audience: String,
        issuedAt: Timestamp,
        lifetime: Int64
    ) {
        self.id = id
        self.userID = userID
        self.sessionID = sessionID
        self.roles = roles
        self.issuer = issuer
        self.audience = audience
        self.issuedAt = issuedAt
        let second = Timestamp(milliseconds: issuedAt.milliseconds / 1000 * 1000)
        self.notBefore = second
        self.expiresAt = second.adding(seconds: lifetime)
    }

    /// Whether the user has the role.
    public func hasRole(_ role: String) -> Bool { roles.contains(role) }
}

extension AccessToken {
    /// The claims as JSON, keys sorted, written by hand: one for every refresh. Nil when a text would need escapes.
    func plainJSON() -> [UInt8]? {
        let texts = [audience, issuer] + roles
        guard texts.allSatisfy({ $0.utf8.allSatisfy(Self.isPlain) }) else { return nil }
        let (seconds, rest) = issuedAt.milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard seconds >= 0, rest >= 0 else { return nil }
        var text = #"{"aud":""# + audience + #"","exp":"# + String(expiresAt.milliseconds / 1000)
        text += #","iat":"# + String(seconds)
        if rest > 0 {
            var digits = String(1000 + rest).dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        text += #","iss":""# + issuer + #"","jti":""# + id.description
        text += #"","nbf":"# + String(notBefore.milliseconds / 1000) + #","roles":["#
        for (index, role) in roles.enumerated() { text += (index == 0 ? "\"" : ",\"") + role + "\"" }
        text += #"],"sid":""# + sessionID.description + #"","sub":""# + userID.description + #""}"#
        return Array(text.utf8)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

extension AccessToken: Codable {
    enum CodingKeys: String, CodingKey {
        case id = "jti"
        case userID = "sub"
        case sessionID = "sid"
        case roles
        case issuer = "iss"
        case audience = "aud"
        case issuedAt = "iat"
        case notBefore = "nbf"
        case expiresAt = "exp"
    }

    /// Decodes the claims; all are required.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func instant(_ key: CodingKeys) throws -> Timestamp {
            let seconds = try values.decode(Double.self, forKey: key)
            guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "no NumericDate")
            }
            return Timestamp(milliseconds: milliseconds)
        }
        id = try values.decode(Identifier.self, forKey: .id)
        userID = try values.decode(Identifier.self, forKey: .userID)
        sessionID = try values.decode(Identifier.self, forKey: .sessionID)
        roles = try values.decode([String].self, forKey: .roles)
        issuer = try values.decode(String.self, forKey: .issuer)
        audience = try values.decode(String.self, forKey: .audience)
        issuedAt = try instant(.issuedAt)
        notBefore = try instant(.notBefore)
        expiresAt = try instant(.expiresAt)
    }

    /// Encodes the claims.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(userID, forKey: .userID)
        try values.encode(sessionID, forKey: .sessionID)
        try values.encode(roles, forKey: .roles)
        try values.encode(issuer, forKey: .issuer)
        try values.encode(audience, forKey: .audience)
        try values.encode(Double(issuedAt.milliseconds) / 1000, forKey: .issuedAt)
        try values.encode(notBefore.milliseconds / 1000, forKey: .notBefore)
        try values.encode(expiresAt.milliseconds / 1000, forKey: .expiresAt)
    }
}
