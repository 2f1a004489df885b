public import Security
import System

/// The signing keys of Auth, fetched over HTTP and kept on disk, so that a service starts and works while Auth is down.
public struct KeySetStore: Sendable {
    private let path: String
    private let fetch: @Sendable () async throws -> [UInt8]

    /// A store in the file; `fetch` gets the document of `/.well-known/jwks.json`.
    public init(path: String, fetch: @escaping @Sendable () async throws -> [UInt8]) {
        self.path = path
        self.fetch = fetch
    }

    /// The keys kept on disk; empty when there are none yet or the file cannot be read. Blocks: at start.
    public func saved() -> [VerifyingKey] {
        guard let bytes = try? File.read(path, limit: JSONWebKeySet.sizeLimit),
            let set = try? JSONWebKeySet(json: bytes)
        else { return [] }
        return set.keys
    }

    /// Asks Auth and keeps the answer.
    public func refresh() async throws -> JSONWebKeySet {
        let bytes = try await fetch()
        let set = try JSONWebKeySet(json: bytes)
        // Once in days: a small file, and losing it costs one request.
        try File.replace(path, with: set.json())
        return set
    }
}
