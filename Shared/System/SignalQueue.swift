import Glibc

/// Signals taken one at a time by a blocking program, instead of by handlers.
///
/// Rule: made on the main thread before any other thread starts, since the mask is inherited; one thread calls `next`.
/// Children started through `ChildProcess` get the default mask. Services on an event loop use its signal source.
public struct SignalQueue: Sendable {
    private let signals: [Int32]

    /// Ctrl-C, 2.
    public static let interrupt = SIGINT
    /// A request to stop, 15.
    public static let terminate = SIGTERM
    /// A child has ended, 17.
    public static let child = SIGCHLD
    /// The end that cannot be refused, 9.
    public static let kill = SIGKILL

    /// Holds these signals back from now on.
    public init(_ signals: [Int32]) throws {
        self.signals = signals
        var set = Self.set(of: signals)
        let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        guard code == 0 else { throw SystemError(operation: "pthread_sigmask", code: code) }
    }

    /// The next signal, or nil after this long without one. Blocks.
    public func next(timeoutMilliseconds: Int) -> Int32? {
        var set = Self.set(of: signals)
        var timeout = timespec(tv_sec: timeoutMilliseconds / 1000, tv_nsec: timeoutMilliseconds % 1000 * 1_000_000)
        let number = unsafe sigtimedwait(&set, nil, &timeout)
        return number > 0 ? number : nil
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        return set
    }
}
