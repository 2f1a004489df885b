import CPlatform
import Glibc

/// What a program does to itself once, at start, before it makes threads.
public enum Process {
    /// Bounds the allocator's memory and makes a write to a closed pipe or socket an error instead of the end of the
    /// process.
    public static func prepare() {
        platform_tune_allocator()
        signal(SIGPIPE, SIG_IGN)
    }

    /// Calls `body` with the signal's number at each SIGTERM and SIGINT, on a thread of its own. Call once.
    public static func onTermination(_ body: @escaping @Sendable (Int32) -> Void) throws {
        let descriptor = platform_watch_termination()
        guard descriptor >= 0 else { throw SystemError.last("sigaction") }
        _ = try Thread.start(name: "signals") {
            var number: UInt8 = 0
            while true {
                let got = unsafe read(descriptor, &number, 1)
                if got == 1 { body(Int32(number)) } else if got == 0 || errno != EINTR { return }
            }
        }
    }

    /// Sends a signal to any process by its number; to children, `ChildProcess.send` does.
    public static func send(_ signal: Int32, to process: Int32) throws {
        guard kill(process, signal) == 0 else { throw SystemError.last("kill", String(process)) }
    }

    /// Becomes another program, found by `PATH`, with this one's environment. Returns only by throwing.
    public static func become(_ executable: String, arguments: [String]) throws -> Never {
        _ = unsafe withCStrings([executable] + arguments) { unsafe execvp(executable, $0) }
        throw SystemError.last("execvp", executable)
    }

    /// Ends the process at once with this code: 0 for success.
    public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// Gives memory that was freed, and that the allocator holds for later, back to the system: after a burst of work.
    public static func releaseUnusedMemory() { platform_release_memory() }

    /// The processors that are online, at least 1.
    public static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The number of this process.
    public static var identifier: Int32 { getpid() }
}
