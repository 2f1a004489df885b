import Glibc
import System

/// Where a socket listens or connects: an IPv4 or IPv6 address with a port, or the path of a Unix socket.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of address.
    public enum Kind: Sendable, Hashable {
        /// Four bytes.
        case ipv4
        /// Sixteen bytes.
        case ipv6
        /// A path in the file system.
        case unix
    }

    /// The kind.
    public let kind: Kind
    /// The address in network order (4 or 16 bytes), or the path's bytes.
    public let bytes: [UInt8]
    /// The port; 0 for a Unix socket, or to let the kernel choose one.
    public let port: UInt16
    private let scope: UInt32

    private init(kind: Kind, bytes: [UInt8], port: UInt16, scope: UInt32 = 0) {
        self.kind = kind
        self.bytes = bytes
        self.port = port
        self.scope = scope
    }

    /// A numeric IPv4 or IPv6 address, or `localhost` (127.0.0.1); nil for anything else. Names need a `Resolver`.
    public init?(host: some StringProtocol, port: UInt16) {
        let host = host == "localhost" ? "127.0.0.1" : String(host)
        var four = [UInt8](repeating: 0, count: 4)
        var sixteen = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            self.init(kind: .ipv4, bytes: four, port: port)
        } else if unsafe inet_pton(AF_INET6, host, &sixteen) == 1 {
            self.init(kind: .ipv6, bytes: sixteen, port: port)
        } else {
            return nil
        }
    }

    /// A Unix socket at a path of 1 to 107 bytes; nil for others.
    public init?(unixPath path: String) {
        let bytes = Array(path.utf8)
        guard (1...107).contains(bytes.count), !bytes.contains(0) else { return nil }
        self.init(kind: .unix, bytes: bytes, port: 0)
    }

    /// The same address with another port.
    public func with(port: UInt16) -> SocketAddress {
        SocketAddress(kind: kind, bytes: bytes, port: port, scope: scope)
    }

    /// Whether packets to it stay on this machine: 127.0.0.0/8, ::1 and Unix sockets.
    public var isLoopback: Bool {
        switch kind {
        case .ipv4: bytes[0] == 127
        case .ipv6: bytes == [UInt8](repeating: 0, count: 15) + [1]
        case .unix: true
        }
    }

    /// The address without the port: `127.0.0.1`, `::1`, `/run/x.sock`.
    public var host: String {
        guard kind != .unix else { return String(decoding: bytes, as: UTF8.self) }
        if kind == .ipv4 {
            var text: [UInt8] = []
            text.reserveCapacity(15)
            for (index, byte) in bytes.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ".")) }
                text.append(decimal: Int64(byte))
            }
            return String(decoding: text, as: UTF8.self)
        }
        var text = [CChar](repeating: 0, count: 64)
        _ = unsafe inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `127.0.0.1:80`, `[::1]:80`, `unix:/run/x.sock`.
    public var description: String {
        switch kind {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix: "unix:\(host)"
        }
    }
}

extension SocketAddress {
    var family: Int32 {
        switch kind {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// Reads what the kernel wrote; an unnamed Unix peer is the empty path.
    init(_ storage: sockaddr_storage) {
        let family = Int32(storage.ss_family)
        var storage = storage
        self = unsafe withUnsafeBytes(of: &storage) { raw in
            func bytes(_ range: Range<Int>) -> [UInt8] { range.map { unsafe raw[$0] } }
            let port = unsafe UInt16(raw[2]) << 8 | UInt16(raw[3])
            switch family {
            case AF_INET: return SocketAddress(kind: .ipv4, bytes: bytes(4..<8), port: port)
            case AF_INET6:
                let scope = unsafe raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
                let address = bytes(8..<24)
                // An IPv4 peer of a socket that takes both (RFC 4291 section 2.5.5.2).
                guard Array(address.prefix(12)) != Self.mappedPrefix else {
                    return SocketAddress(kind: .ipv4, bytes: Array(address.suffix(4)), port: port)
                }
                return SocketAddress(kind: .ipv6, bytes: address, port: port, scope: scope)
            default:
                return SocketAddress(kind: .unix, bytes: Array(bytes(2..<110).prefix { $0 != 0 }), port: 0)
            }
        }
    }

    /// Calls `body` with the address as the kernel reads it.
    func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(family)
        let length = unsafe withUnsafeMutableBytes(of: &storage) { raw in
            unsafe raw[2] = UInt8(port >> 8)
            unsafe raw[3] = UInt8(port & 0xFF)
            let offset = kind == .ipv4 ? 4 : kind == .ipv6 ? 8 : 2
            for (index, byte) in bytes.enumerated() { unsafe raw[offset + index] = byte }
            if kind == .ipv6 { unsafe raw.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self) }
            return kind == .ipv4 ? 16 : kind == .ipv6 ? 28 : 3 + bytes.count
        }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}
