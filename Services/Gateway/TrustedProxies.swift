import HTTPCore
import HTTPTransport
import Reactor
import ServiceKit

/// The proxies in front of the gateway that are believed when they say for whom they ask.
struct TrustedProxies: Sendable {
    let blocks: [AddressBlock]

    /// Who the client is: `X-Forwarded-For` is followed from its end for as long as those who wrote it are trusted, so that
    /// the client's own words never count. And whether it came over TLS.
    func client(of request: Request) -> (address: ClientAddress, isSecure: Bool) {
        var client = ClientAddress(request.remoteAddress)
        guard contains(client) else { return (client, false) }
        for member in request.headerFields.listMembers(of: .xForwardedFor).reversed() {
            guard let next = ClientAddress(member) else { break }
            client = next
            guard contains(client) else { break }
        }
        let protocols = request.headerFields.listMembers(of: .xForwardedProto)
        return (client, protocols.last?.lowercased() == "https")
    }

    private func contains(_ client: ClientAddress) -> Bool {
        blocks.contains { $0.contains(client.address) }
    }
}

/// A block of IPv4 or IPv6 addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or one address (RFC 4632, RFC 4291
/// section 2.3).
struct AddressBlock: Sendable, Hashable {
    private let network: SocketAddress
    private let prefixLength: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let network = SocketAddress(host: parts[0], port: 0), parts[0] != "localhost" else {
            return nil
        }
        let bits = network.bytes.count * 8
        guard let length = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(length) else { return nil }
        self.network = network
        prefixLength = length
    }

    func contains(_ address: SocketAddress) -> Bool {
        guard address.kind == network.kind else { return false }
        let whole = prefixLength / 8
        guard address.bytes.prefix(whole) == network.bytes.prefix(whole) else { return false }
        let rest = prefixLength % 8
        return rest == 0 || (address.bytes[whole] ^ network.bytes[whole]) >> (8 - rest) == 0
    }
}
