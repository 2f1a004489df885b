import Security

/// Keys of Auth's own that never leave it, each for one purpose, derived from one secret file (mode 0600).
struct AuthSecrets: Sendable {
    /// Authenticates refresh tokens.
    let refreshTokens: [UInt8]
    /// Turns e-mail addresses into names that say nothing about them.
    private let accounts: [UInt8]

    init(directory: String) throws {
        let secret = try SecretFile.loadOrCreate(directory + "/auth.secret")
        refreshTokens = try KeyDerivation.hkdfSHA256(secret: secret, info: "refresh-tokens")
        accounts = try KeyDerivation.hkdfSHA256(secret: secret, info: "accounts")
    }

    /// What stands for an address in throttles and in events of failed log-ins.
    func accountName(email: String) -> String {
        let normal = Array(email.lowercased().utf8)
        return Base64.encodeURLSafe(HashFunction.sha256.authenticationCode(key: accounts, message: normal).prefix(18))
    }
}
