import Security

/// Somebody who may authenticate.
public struct BrokerUser: Sendable {
    /// The password, compared by PLAIN and SCRAM alike.
    public var password: String

    /// A user with a password.
    public init(password: String) {
        self.password = password
    }
}

/// What is kept of the users' passwords: a SCRAM credential for each mechanism. PLAIN is checked against one of them.
struct Credentials: Sendable {
    private let byName: [String: [SCRAMMechanism: SCRAMCredential]]
    /// Makes unknown users look like known ones.
    private let secret = SecureRandom.bytes(32)

    /// Derives the keys, about 2 ms a user. Blocks.
    init(_ users: [String: BrokerUser]) throws {
        byName = try users.mapValues { user in
            var credentials: [SCRAMMechanism: SCRAMCredential] = [:]
            for mechanism in SCRAMMechanism.allCases {
                credentials[mechanism] = try SCRAMCredential(mechanism: mechanism, password: user.password)
            }
            return credentials
        }
    }

    func server(_ mechanism: SCRAMMechanism) -> SCRAMServer {
        let byName = byName
        return SCRAMServer(mechanism: mechanism, secret: secret) { byName[$0]?[mechanism] }
    }

    /// Whether the password is the user's. Takes about 1 ms, for unknown users too.
    func verify(_ name: String, password: String) -> Bool {
        let known = byName[name]?[.sha256]
        let salt = known?.salt ?? Array(secret.prefix(16))
        guard
            let given = try? SCRAMCredential(
                mechanism: .sha256,
                password: password,
                salt: salt,
                iterations: known?.iterations ?? SCRAMCredential.defaultIterations
            )
        else { return false }
        return known.map { constantTimeEqual($0.storedKey, given.storedKey) } ?? false
    }
}
