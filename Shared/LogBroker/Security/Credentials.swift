import Security
import Synchronization

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
/// Credentials that clients have made stand in for all of the same user's in the configuration. Any thread.
final class Credentials: Sendable {
    typealias Table = [String: [SCRAMMechanism: SCRAMCredential]]

    private let configured: Table
    private let altered = Mutex<Table>([:])
    /// Makes unknown users look like known ones.
    private let secret = SecureRandom.bytes(32)

    /// Derives the keys, about 2 ms a user. Blocks.
    init(_ users: [String: BrokerUser]) throws {
        configured = try users.mapValues { user in
            var credentials: [SCRAMMechanism: SCRAMCredential] = [:]
            for mechanism in SCRAMMechanism.allCases {
                credentials[mechanism] = try SCRAMCredential(mechanism: mechanism, password: user.password)
            }
            return credentials
        }
    }

    /// Replaces the credentials that clients have made.
    func alter(_ table: Table) { altered.withLock { $0 = table } }

    /// All that count.
    var all: Table { altered.withLock { configured.merging($0) { $1 } } }

    private func credentials(of name: String) -> [SCRAMMechanism: SCRAMCredential] {
        altered.withLock { $0[name] } ?? configured[name] ?? [:]
    }

    func server(_ mechanism: SCRAMMechanism) -> SCRAMServer {
        SCRAMServer(mechanism: mechanism, secret: secret) { [self] in credentials(of: $0)[mechanism] }
    }

    /// Whether the password is the user's. Takes about 1 ms, for unknown users too.
    func verify(_ name: String, password: String) -> Bool {
        let credentials = credentials(of: name)
        let known = credentials[.sha256] ?? credentials[.sha512]
        let salt = known?.salt ?? Array(secret.prefix(16))
        guard
            let given = try? SCRAMCredential(
                mechanism: known?.mechanism ?? .sha256,
                password: password,
                salt: salt,
                iterations: known?.iterations ?? SCRAMCredential.defaultIterations
            )
        else { return false }
        return known.map { constantTimeEqual($0.storedKey, given.storedKey) } ?? false
    }
}
