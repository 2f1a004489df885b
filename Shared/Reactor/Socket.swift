import CPlatform
import Glibc
import System

/// System calls on sockets, which are descriptors here; whoever makes one closes it.
enum Socket {
    /// A non-blocking stream socket.
    static func make(_ address: SocketAddress) throws -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, flags, 0)
        guard descriptor >= 0 else { throw SystemError.last("socket", address.description) }
        // Small answers leave at once; accepted sockets inherit it from the listening one.
        if address.kind != .unix { set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY) }
        return descriptor
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32 = 1) {
        var value = value
        unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// A bound, listening socket. With `sharing`, more sockets of this user may listen on the same port.
    static func listen(_ address: SocketAddress, backlog: Int32, sharing: Bool) throws -> Int32 {
        let descriptor = try make(address)
        set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if sharing { set(descriptor, SOL_SOCKET, SO_REUSEPORT) }
        let bound = unsafe address.withRaw { unsafe bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let error = SystemError.last("listen", address.description)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The address a socket is bound to.
    static func localAddress(_ descriptor: Int32) throws -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { throw SystemError.last("getsockname") }
        return SocketAddress(storage)
    }

    /// One connection from the backlog, or the error number.
    static func accept(_ descriptor: Int32) -> Result<(Int32, SocketAddress), AcceptError> {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = unsafe platform_accept(descriptor, &storage, &length)
        guard accepted >= 0 else { return .failure(AcceptError(code: errno)) }
        return .success((accepted, SocketAddress(storage)))
    }

    /// The error of a connection attempt that has ended; 0 when it succeeded.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }
}

/// Why nothing was accepted.
struct AcceptError: Error {
    let code: Int32

    var isEmptyBacklog: Bool { code == EAGAIN || code == EWOULDBLOCK }
    var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }
    /// Errors of the one connection that was to be accepted, or a signal (accept(2)): the next one may be fine.
    var isOfOneConnection: Bool {
        switch code {
        case ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ENOPROTOOPT,
            EOPNOTSUPP:
            true
        default: false
        }
    }
}
