import HTTPCore
public import HTTPTransport
public import Reactor

/// The proxies in front of a service that are believed when they say for whom they ask.
public struct TrustedProxies: Sendable {
    /// Who asks, as far as it can be known.
    public struct Client: Sendable, RequestKey {
        /// What is attached to requests.
        public typealias Value = Client
        /// The client's address.
        public var address: ClientAddress
        /// Whether the client came over TLS, which ended at a trusted proxy.
        public var isSecure: Bool
    }

    private let blocks: [AddressBlock]

    /// Whom to believe; nobody by default.
    public init(_ blocks: [AddressBlock] = []) {
        self.blocks = blocks
    }

    /// Reads `TRUSTED_PROXIES`: addresses and blocks, separated by commas.
    public init(_ reader: inout ConfigurationReader, default fallback: String) {
        let expected = "an address or a block like 10.0.0.0/8"
        blocks = reader.list("TRUSTED_PROXIES", default: fallback, of: expected) { AddressBlock($0) }
    }

    /// Who the client is: `X-Forwarded-For` is followed from its end for as long as those who wrote it are trusted, so that
    /// the client's own words never count.
    public func client(of request: Request) -> Client {
        var client = Client(address: ClientAddress(request.remoteAddress), isSecure: false)
        guard contains(client.address) else { return client }
        for member in request.headerFields.listMembers(of: .xForwardedFor).reversed() {
            guard let next = ClientAddress(member) else { break }
            client.address = next
            guard contains(next) else { break }
        }
        let protocols = request.headerFields.listMembers(of: .xForwardedProto)
        client.isSecure = protocols.last?.lowercased() == "https"
        return client
    }

    private func contains(_ client: ClientAddress) -> Bool {
        blocks.contains { $0.contains(client.address) }
    }
}

/// A block of IPv4 or IPv6 addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or one address (RFC 4632, RFC 4291
/// section 2.3).
public struct AddressBlock: Sendable, Hashable {
    private let network: SocketAddress
    private let prefixLength: Int

    /// Reads a block; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let network = SocketAddress(host: parts[0], port: 0), parts[0] != "localhost" else {
            return nil
        }
        let bits = network.bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length) else { return nil }
        self.network = network
        prefixLength = length
    }

    /// Whether an address begins like the block.
    public func contains(_ address: SocketAddress) -> Bool {
        guard address.kind == network.kind else { return false }
        let whole = prefixLength / 8
        guard address.bytes.prefix(whole) == network.bytes.prefix(whole) else { return false }
        let rest = prefixLength % 8
        return rest == 0 || (address.bytes[whole] ^ network.bytes[whole]) >> (8 - rest) == 0
    }
}
