/// The server's side of one SCRAM exchange (RFC 5802 section 5): two messages in, two out, no I/O.
///
/// An unknown user gets the same first answer as a known one (a salt derived from `secret`) and fails only at the end.
/// One exchange, one thread.
public struct SCRAMServer: Sendable {
    /// Why the exchange ended.
    public enum Failure: Error, Sendable, Equatable {
        /// The message breaks the grammar, or comes out of turn.
        case malformed
        /// The client wants channel binding or to act for another user.
        case unsupported
        /// Wrong password, unknown user or wrong nonce.
        case authenticationFailed
    }

    /// Longer messages are refused.
    public static let messageLimit = 4096

    private enum State: Sendable {
        case start
        case challenged(
            authMessagePrefix: String,
            nonce: String,
            gs2Header: String,
            credential: SCRAMCredential,
            known: Bool
        )
        case finished
    }

    private let mechanism: SCRAMMechanism
    private let serverNonce: String
    private let secret: [UInt8]
    private let lookup: @Sendable (String) -> SCRAMCredential?
    private var state = State.start

    /// The name the client gave; trustworthy only after `finish` returned.
    public private(set) var username: String?

    /// Starts an exchange. `secret` is any value that stays the same for the process; `lookup` finds the credential of a
    /// user name.
    public init(
        mechanism: SCRAMMechanism,
        secret: [UInt8],
        serverNonce: String = SecureRandom.token(byteCount: 18),
        lookup: @escaping @Sendable (String) -> SCRAMCredential?
    ) {
        self.mechanism = mechanism
        self.serverNonce = serverNonce
        self.secret = secret
        self.lookup = lookup
    }

    /// Takes the client's first message and answers with the server's first.
    public mutating func challenge(_ clientFirst: [UInt8]) throws(Failure) -> [UInt8] {
        guard case .start = state, clientFirst.count <= Self.messageLimit,
            let text = String(validating: clientFirst, as: UTF8.self)
        else { throw .malformed }
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        guard parts[0] == "n" || parts[0] == "y" else { throw parts[0].hasPrefix("p=") ? .unsupported : .malformed }
        let bare = parts[2]
        let attributes = bare.split(separator: ",", omittingEmptySubsequences: false)
        guard attributes.count >= 2, attributes[0].hasPrefix("n="), attributes[1].hasPrefix("r="),
            let name = Self.decodedName(attributes[0].dropFirst(2)), !name.isEmpty,
            attributes[1].utf8.count > 2
        else { throw .malformed }
        if !parts[1].isEmpty {
            guard parts[1].hasPrefix("a="), Self.decodedName(parts[1].dropFirst(2)) == name else { throw .unsupported }
        }
        username = name
        let found = lookup(name).flatMap { $0.mechanism == mechanism ? $0 : nil }
        let credential = found ?? pretendedCredential(for: name)
        let nonce = attributes[1].dropFirst(2) + serverNonce
        let serverFirst = "r=\(nonce),s=\(Base64.encode(credential.salt)),i=\(credential.iterations)"
        state = .challenged(
            authMessagePrefix: "\(bare),\(serverFirst)",
            nonce: String(nonce),
            gs2Header: "\(parts[0]),\(parts[1]),",
            credential: credential,
            known: found != nil
        )
        return Array(serverFirst.utf8)
    }

    /// Takes the client's final message; returns the server's final one when the client has proved the password.
    public mutating func finish(_ clientFinal: [UInt8]) throws(Failure) -> [UInt8] {
        guard case .challenged(let prefix, let nonce, let gs2Header, let credential, let known) = state else {
            throw .malformed
        }
        state = .finished
        guard clientFinal.count <= Self.messageLimit, let text = String(validating: clientFinal, as: UTF8.self) else {
            throw .malformed
        }
        let attributes = text.split(separator: ",", omittingEmptySubsequences: false)
        guard attributes.count >= 3, attributes[0].hasPrefix("c="), attributes[1].hasPrefix("r="),
            let last = attributes.last, last.hasPrefix("p="), let proof = Base64.decode(last.dropFirst(2))
        else { throw .malformed }
        // librdkafka before 2.6.1 repeats its own nonce before the agreed one: the agreed one at the end is what counts.
        guard attributes[0].dropFirst(2) == Base64.encode(Array(gs2Header.utf8)), attributes[1].hasSuffix(nonce) else {
            throw .authenticationFailed
        }
        let withoutProof = attributes.dropLast().joined(separator: ",")
        let authMessage = Array("\(prefix),\(withoutProof)".utf8)
        let hash = mechanism.hash
        let clientSignature = hash.authenticationCode(key: credential.storedKey, message: authMessage)
        guard proof.count == clientSignature.count else { throw .authenticationFailed }
        let clientKey = zip(proof, clientSignature).map { $0 ^ $1 }
        guard constantTimeEqual(hash.digest(clientKey), credential.storedKey), known else {
            throw .authenticationFailed
        }
        let serverSignature = hash.authenticationCode(key: credential.serverKey, message: authMessage)
        return Array("v=\(Base64.encode(serverSignature))".utf8)
    }

    private func pretendedCredential(for name: String) -> SCRAMCredential {
        let salt = Array(HashFunction.sha256.authenticationCode(key: secret, message: Array(name.utf8)).prefix(16))
        let key = [UInt8](repeating: 0, count: mechanism.hash.digestLength)
        return SCRAMCredential(
            mechanism: mechanism,
            salt: salt,
            iterations: SCRAMCredential.defaultIterations,
            storedKey: key,
            serverKey: key
        )
    }

    /// `=2C` is a comma and `=3D` an equals sign; any other `=` is an error.
    private static func decodedName(_ text: Substring) -> String? {
        var name = ""
        var rest = text
        while let character = rest.popFirst() {
            guard character == "=" else {
                name.append(character)
                continue
            }
            switch rest.prefix(2) {
            case "2C": name.append(",")
            case "3D": name.append("=")
            default: return nil
            }
            rest = rest.dropFirst(2)
        }
        return name
    }
}
