import Security

/// The server's side of one SASL authentication: tokens in, tokens out.
struct SASLExchange: Sendable {
    /// The mechanisms that are offered, by their SASL names.
    static let mechanisms = ["PLAIN"] + SCRAMMechanism.allCases.map(\.rawValue)

    enum Step {
        case challenge([UInt8])
        case authenticated(Principal, [UInt8])
        case failed
    }

    private enum State {
        case plain
        case scramFirst(SCRAMServer)
        case scramFinal(SCRAMServer)
        case finished
    }

    private var state: State
    private let credentials: Credentials

    /// Nil for a mechanism that is not offered.
    init?(_ mechanism: String, credentials: Credentials) {
        self.credentials = credentials
        if mechanism == "PLAIN" {
            state = .plain
        } else if let scram = SCRAMMechanism(rawValue: mechanism) {
            state = .scramFirst(credentials.server(scram))
        } else {
            return nil
        }
    }

    mutating func respond(to token: [UInt8]) -> Step {
        switch state {
        case .plain:
            state = .finished
            return plain(token)
        case .scramFirst(var server):
            state = .finished
            guard let challenge = try? server.challenge(token) else { return .failed }
            state = .scramFinal(server)
            return .challenge(challenge)
        case .scramFinal(var server):
            state = .finished
            guard let final = try? server.finish(token), let name = server.username else { return .failed }
            return .authenticated(Principal(name: name), final)
        case .finished: return .failed
        }
    }

    /// `[authorization id] NUL user NUL password` (RFC 4616).
    private func plain(_ token: [UInt8]) -> Step {
        let parts = token.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, let user = String(validating: parts[1], as: UTF8.self), !user.isEmpty,
            let password = String(validating: parts[2], as: UTF8.self),
            parts[0].isEmpty || Array(parts[0]) == Array(parts[1]), credentials.verify(user, password: password)
        else { return .failed }
        return .authenticated(Principal(name: user), [])
    }
}
