import CPlatform
import Glibc
import System

/// An epoll set and the eventfd that interrupts its wait.
///
/// All sockets are registered once, edge-triggered, for both directions: a socket that was read or written until it
/// would block reports the next change, so no call to the kernel arms or disarms anything (epoll(7)).
struct Poller: Sendable {
    /// What happened to a socket; the token was given at registration.
    struct Event {
        let token: UInt64
        let isReadable: Bool
        let isWritable: Bool
        let isHangup: Bool
    }

    /// Events taken in one call.
    static let batch = 256
    private static let wakeToken = UInt64.max
    private let descriptor: Int32
    private let wakeDescriptor: Int32

    init() throws {
        descriptor = epoll_create1(Int32(O_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError.last("epoll_create1") }
        wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard wakeDescriptor >= 0 else { throw SystemError.last("eventfd") }
        try add(wakeDescriptor, token: Self.wakeToken)
    }

    func add(_ socket: Int32, token: UInt64) throws {
        var event = unsafe epoll_event()
        unsafe event.events =
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        unsafe event.data.u64 = token
        guard unsafe epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event) == 0 else {
            throw SystemError.last("epoll_ctl")
        }
    }

    /// Ends a wait that runs or comes next. The counter is never read: each write is an edge of its own.
    func wake() {
        var one: UInt64 = 1
        while unsafe write(wakeDescriptor, &one, 8) < 0 {
            if errno == EINTR { continue }
            // The counter is full after 2^64 writes: empty it, which makes room for a new edge.
            unsafe read(wakeDescriptor, &one, 8)
            one = 1
        }
    }

    /// Waits for events (milliseconds; -1 without end) and hands over each.
    func wait(
        milliseconds: Int32,
        into buffer: inout [epoll_event],
        _ body: (Event) -> Void
    ) {
        let count = unsafe buffer.withUnsafeMutableBufferPointer { events in
            unsafe epoll_wait(descriptor, events.baseAddress!, Int32(events.count), milliseconds)
        }
        // EINTR is a turn without events.
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = unsafe buffer[index]
            let token = unsafe event.data.u64
            guard token != Self.wakeToken else { continue }
            let flags = unsafe event.events
            let isHangup = flags & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
            body(
                Event(
                    token: token,
                    isReadable: flags & EPOLLIN.rawValue != 0 || isHangup,
                    isWritable: flags & EPOLLOUT.rawValue != 0
                        || flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0,
                    isHangup: isHangup
                )
            )
        }
    }

    func close() {
        Glibc.close(descriptor)
        Glibc.close(wakeDescriptor)
    }
}
