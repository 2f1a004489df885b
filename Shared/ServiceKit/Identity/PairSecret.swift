import Contracts
import HTTPCore
public import HTTPTransport
import Security

/// The secret that two services share for their internal routes: given to both, or in a file of mode 0600.
public struct PairSecret: Sendable {
    private let value: String

    /// Takes the secret of a pair (`auth-user`) that was given; without one, reads it in the folder of secrets, or makes
    /// it: whichever comes first. Blocks.
    public init(_ pair: String, given: String? = nil, directory: String) throws {
        if let given {
            value = given
            return
        }
        value = Base64.encodeURLSafe(try SecretFile.loadOrCreate("\(directory)/\(pair).secret"))
    }

    /// The `Authorization` field of a call.
    public var authorization: String { "Bearer \(value)" }

    /// A handler that only the other service reaches; to others the route does not exist.
    public func only(_ handler: @escaping Handler) -> Handler {
        { request in
            let sent = Array((request.headerFields[.authorization] ?? "").utf8)
            guard constantTimeEqual(sent, Array(authorization.utf8)) else { throw Problem(.routeNotFound) }
            return try await handler(request)
        }
    }
}
