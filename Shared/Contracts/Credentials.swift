public import System

/// What Auth asks User: `POST /internal/v1/credentials/verify`. Answered 200 with ``VerifiedCredentials``, 401
/// `invalid_credentials` for a wrong password and an unknown address alike (after equal work), 403 `user_banned`; both of
/// these with ``RefusedCredentials``.
public struct CredentialsToVerify: Codable, Sendable {
    /// The address as typed.
    public var email: String
    /// The password as typed.
    public var password: String

    /// Makes the question.
    public init(email: String, password: String) {
        self.email = email
        self.password = password
    }
}

/// Whose the verified credentials are.
public struct VerifiedCredentials: Codable, Sendable {
    /// The user.
    public var userID: Identifier
    /// The user's present role.
    public var role: Role

    /// Makes the answer.
    public init(userID: Identifier, role: Role) {
        self.userID = userID
        self.role = role
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case role
    }
}

/// What a refusal tells Auth beside its code: whose account it was, so that failed log-ins stand in that user's trail and
/// a locked account's owner is told. Auth tells nobody else.
public struct RefusedCredentials: Decodable, Sendable {
    /// The name of the member in the refusal.
    public static let member = "user_id"

    /// The account's user; nil for an address without an account.
    public var userID: Identifier?

    /// Reads the member of a refusal, which is a list of one.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        userID = try values.decodeIfPresent([Identifier].self, forKey: .userID)?.first
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
    }
}

/// Sets a password after a reset: `POST /internal/v1/credentials/set`, answered 204.
public struct CredentialsToSet: Codable, Sendable {
    /// The user.
    public var userID: Identifier
    /// The new password.
    public var password: String

    /// Makes the request.
    public init(userID: Identifier, password: String) {
        self.userID = userID
        self.password = password
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case password
    }
}

/// Asks that a password be all that log-ins of a user need from now on: `POST /internal/v1/credentials/alone`, before a second
/// factor ends. Answered 204, or 409 `password_too_short` when it was chosen to stand beside a second factor.
public struct PasswordToStandAlone: Codable, Sendable {
    /// The user.
    public var userID: Identifier

    /// Makes the request.
    public init(userID: Identifier) { self.userID = userID }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
    }
}
