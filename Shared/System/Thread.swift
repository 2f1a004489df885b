import CPlatform
import Glibc

/// An operating-system thread of our own: event loops, store threads, library pollers.
///
/// Rule: the closure must not assume any actor (it runs nonisolated on the new thread). `join` may be called once.
public struct Thread: Sendable {
    private let handle: pthread_t

    /// Starts a thread that runs `body` and ends with it. `name` shows in `ps -L`, 15 bytes are kept.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) throws -> Thread {
        let box = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let code = unsafe pthread_create(
            &handle,
            nil,
            { @Sendable argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe platform_set_thread_name(start.name)
                start.body()
                return nil
            },
            box.toOpaque()
        )
        guard code == 0 else {
            unsafe box.release()
            throw SystemError(operation: "pthread_create", subject: name, code: code)
        }
        return Thread(handle: handle)
    }

    /// Waits until the thread has ended. Blocks: never on an event loop or in a task.
    public func join() {
        pthread_join(handle, nil)
    }

    /// Holds the calling thread up for this long. Blocks: never on an event loop or in a task.
    public static func pause(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        var rest = timespec()
        while unsafe nanosleep(&time, &rest) == -1 && errno == EINTR { time = rest }
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
