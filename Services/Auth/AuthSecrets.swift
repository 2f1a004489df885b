import Security

/// Keys of Auth's own that never leave it, each for one purpose, derived from one secret file (mode 0600).
struct AuthSecrets: Sendable {
    /// Authenticates refresh tokens.
    let refreshTokens: [UInt8]
    /// Authenticates cookies of known devices.
    let devices: [UInt8]
    /// Seals mails that wait.
    let mails: [UInt8]
    /// What recovery codes are stored under.
    let recoveryCodes: [UInt8]
    /// Seals addresses, for mails that set a password.
    let addresses: SecretBox
    /// Seals the secrets of second factors.
    let secondFactors: SecretBox
    /// Turns e-mail addresses into names that say nothing about them.
    private let accounts: [UInt8]

    init(directory: String) throws {
        try self.init(secret: SecretFile.loadOrCreate(directory + "/auth.secret"))
    }

    init(secret: [UInt8]) throws {
        func key(_ purpose: String) throws -> [UInt8] { try KeyDerivation.hkdfSHA256(secret: secret, info: purpose) }
        refreshTokens = try key("refresh-tokens")
        devices = try key("known devices")
        mails = try key("mails")
        recoveryCodes = try key("recovery codes")
        addresses = try SecretBox(key: key("addresses"))
        secondFactors = try SecretBox(key: key("second factors"))
        accounts = try key("accounts")
    }

    /// What stands for an address in throttles and in events of failed log-ins.
    func accountName(email: String) -> String {
        let normal = Array(email.lowercased().utf8)
        return Base64.encodeURLSafe(HashFunction.sha256.authenticationCode(key: accounts, message: normal).prefix(18))
    }
}
