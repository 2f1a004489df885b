import Glibc
import Synchronization

/// Blocking looks at TCP ports of this machine's loopback address (127.0.0.1), for the stack runner and for tests: is a
/// port free, does something answer. Servers and clients proper are in Reactor and HTTPTransport.
public enum PortProbe {
    /// What ``freePort()`` chooses from: below the ports that Linux gives to outgoing connections, one of which would take
    /// it meanwhile (`net.ipv4.ip_local_port_range`).
    private static let candidates: ClosedRange<UInt16> = 12_000...32_767
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that nothing listened on a moment ago, another one at each call of this process; another process may still
    /// take it first.
    public static func freePort() throws -> UInt16 {
        while true {
            let port = UInt16.random(in: candidates)
            let isNew = given.withLock { $0.insert(port).inserted }
            if try isNew && !isInUse(port) { return port }
        }
    }

    /// Whether some process listens on this port.
    public static func isInUse(_ port: UInt16) throws -> Bool {
        let socket = try Socket()
        do {
            try socket.bind(port: port)
            return false
        } catch let error as SystemError where error.code == EADDRINUSE {
            return true
        }
    }

    /// Whether a connection to this port is accepted within the time.
    public static func accepts(_ port: UInt16, timeoutMilliseconds: Int) -> Bool {
        guard let socket = try? Socket() else { return false }  // no descriptors left: it does not accept
        socket.limit(milliseconds: timeoutMilliseconds)
        return socket.connect(port: port)
    }

    /// The status code that `GET path` answers, or nil when no answer came in time.
    public static func httpStatus(_ port: UInt16, path: String, timeoutMilliseconds: Int) -> Int? {
        guard let socket = try? Socket() else { return nil }
        socket.limit(milliseconds: timeoutMilliseconds)
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
        guard socket.connect(port: port), socket.send(Array(request.utf8)) else { return nil }
        let line = socket.receive(atLeast: statusLineBytes)
        guard line.starts(with: Array("HTTP/1.".utf8)), line.count >= statusLineBytes else { return nil }
        return Int(String(decoding: line[9..<12], as: UTF8.self))
    }

    /// `HTTP/1.1 200`: what has to arrive before the code can be read.
    private static let statusLineBytes = 12
}

/// A blocking TCP socket that closes with its last use.
private final class Socket {
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
    }

    deinit { close(descriptor) }

    func limit(milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    func bind(port: UInt16) throws {
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let result = unsafe withAddress(port) { unsafe Glibc.bind(descriptor, $0, $1) }
        guard result == 0 else { throw SystemError.last("bind", "127.0.0.1:\(port)") }
        // Linux lets two sockets bind with SO_REUSEADDR while neither listens: only listen tells.
        guard listen(descriptor, 1) == 0 else { throw SystemError.last("listen", "127.0.0.1:\(port)") }
    }

    func connect(port: UInt16) -> Bool {
        unsafe withAddress(port) { unsafe Glibc.connect(descriptor, $0, $1) } == 0
    }

    func send(_ bytes: [UInt8]) -> Bool {
        unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func receive(atLeast count: Int) -> [UInt8] {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while received.count < count {
            let length = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard length > 0 else { break }
            received += chunk[..<length]
        }
        return received
    }

    private func withAddress<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
