public import Reactor
import System

/// A client's network address, in the forms that limits and logs use.
public struct ClientAddress: Sendable, Hashable {
    /// The address; an IPv4 one as such, whatever socket wrote it.
    public let address: SocketAddress

    /// The address of a peer.
    public init(_ address: SocketAddress) {
        self.address = Self.unmapped(address)
    }

    /// Reads an IPv4 or IPv6 address; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let address = SocketAddress(host: text, port: 0), address.kind != .unix else { return nil }
        self.init(address)
    }

    /// The whole address, for the services behind a proxy.
    public var host: String { address.host }

    /// What one subscriber has: the whole IPv4 address, the /64 of an IPv6 one. For limits.
    public var limitKey: String {
        address.kind == .ipv6 ? network(bytes: 8) + "/64" : address.host
    }

    /// The network alone, /24 or /48: what may stand in logs and events.
    public var prefix: String {
        switch address.kind {
        case .ipv4: network(bytes: 3) + "/24"
        case .ipv6: network(bytes: 6) + "/48"
        case .unix: "local"
        }
    }

    /// An IPv4 address as such when a socket of both families wrote it as IPv6 (RFC 4291 section 2.5.5.2): else all of them
    /// would be one network.
    private static func unmapped(_ address: SocketAddress) -> SocketAddress {
        let bytes = address.bytes
        guard address.kind == .ipv6, bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) else {
            return address
        }
        let host = bytes[12...].map(String.init).joined(separator: ".")
        return SocketAddress(host: host, port: address.port) ?? address
    }

    private func network(bytes count: Int) -> String {
        let bytes = address.bytes
        var text: [UInt8] = []
        text.reserveCapacity(24)
        guard address.kind == .ipv6 else {
            for byte in bytes.prefix(count) {
                text.append(decimal: Int64(byte))
                text.append(UInt8(ascii: "."))
            }
            text.append(UInt8(ascii: "0"))
            return String(decoding: text, as: UTF8.self)
        }
        let groups = stride(from: 0, to: count, by: 2).map { index in
            String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
        }
        return groups.joined(separator: ":") + "::"
    }
}
