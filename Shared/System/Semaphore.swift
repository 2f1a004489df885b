import CPlatform
import Glibc

/// A counter that threads of ours sleep on: a writer parks on it until a caller has queued work.
///
/// `signal` may be called on any thread and never blocks; `wait` blocks: never on an event loop or in a task.
public final class Semaphore: Sendable {
    private let descriptor: Int32

    /// A semaphore that starts at zero.
    public init() throws {
        descriptor = eventfd(0, Int32(EFD_SEMAPHORE) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError.last("eventfd") }
    }

    deinit { close(descriptor) }

    /// Adds one, waking one waiting thread.
    public func signal() {
        var one: UInt64 = 1
        while unsafe write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }

    /// Sleeps until the count is above zero, then takes one from it.
    public func wait() {
        var value: UInt64 = 0
        while unsafe read(descriptor, &value, 8) < 0 && errno == EINTR {}
    }

    /// The same, but gives up after `milliseconds`: false when the count stayed at zero. For a single waiter.
    public func wait(milliseconds: Int32) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&poller, 1, milliseconds) > 0 else { return false }
        wait()
        return true
    }
}
