import Security
public import System

/// Signs access tokens in place of Auth, for tests of one service: its data folder gets the mint's key set, so that the
/// service needs nobody else to check them.
public struct TokenMint: Sendable {
    private let key: SigningKey

    /// A mint with a key of its own.
    public init() throws {
        key = try SigningKey()
    }

    /// Writes the key set where the service keeps Auth's.
    public func trust(in data: TemporaryDirectory, by service: String) throws {
        try File.createDirectory(data.appending(service))
        let keys = try JSONWebKeySet(keys: [key.verifyingKey]).json()
        try File.replace(data.appending("\(service)/jwks.json"), with: keys)
    }

    /// A token of fifteen minutes, unless another life in seconds is given.
    public func token(
        for user: Identifier,
        roles: [String] = ["user"],
        session: Identifier = .version7(at: WallClock.system.now),
        lifetime: Int64 = 900
    ) throws -> String {
        let now = WallClock.system.now
        return try TokenSigner(key: key).sign(
            AccessToken(
                id: .version7(at: now),
                userID: user,
                sessionID: session,
                roles: roles,
                issuer: "marquee-auth",
                audience: "marquee",
                issuedAt: now,
                lifetime: lifetime
            )
        )
    }
}
