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

    /// Splits the process in two: 0 in the child, the child's number in the parent. Rule: only while the process has a
    /// single thread, for the child has no other.
    public static func fork() throws -> Int32 {
        let child = platform_fork()
        guard child >= 0 else { throw SystemError.last("fork") }
        return child
    }

    /// Waits for a forked child and returns how it ended. Blocks.
    public static func wait(for child: Int32) throws -> ChildProcess.ExitStatus {
        try ChildProcess(id: child).wait()
    }

    /// Ends the process at once, without what libraries do at an exit: for a forked child.
    public static func exitAtOnce(_ code: Int32) -> Never { _exit(code) }

    /// What a process may use of one resource.
    public enum Limit: Sendable {
        /// Seconds of a processor.
        case processorSeconds(UInt64)
        /// Bytes of address space.
        case memory(UInt64)
        /// Bytes of one file that it writes.
        case fileSize(UInt64)
        /// Open files.
        case openFiles(UInt64)
    }

    /// Limits this process and its children from now on; a limit can only become lower.
    public static func limit(_ limit: Limit) throws {
        let (resource, value) =
            switch limit {
            case .processorSeconds(let value): (RLIMIT_CPU, value)
            case .memory(let value): (RLIMIT_AS, value)
            case .fileSize(let value): (RLIMIT_FSIZE, value)
            case .openFiles(let value): (RLIMIT_NOFILE, value)
            }
        // At the soft limit of time the signal says why (SIGXCPU), at the hard one it is SIGKILL.
        let hard = if case .processorSeconds = limit { value + 1 } else { value }
        var bounds = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(hard))
        guard unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &bounds) == 0 else {
            throw SystemError.last("setrlimit")
        }
    }

    /// From now on this thread, and what it starts, makes only the system calls that the filter lets through.
    public static func filterSystemCalls(_ filter: SystemCallFilter) throws {
        let bytes = filter.bytes
        let code = unsafe platform_filter_system_calls(bytes, UInt16(bytes.count / SystemCallFilter.instructionSize))
        guard code == 0 else { throw SystemError.last("prctl") }
    }

    /// Keeps other processes of the same user from reading this one's memory and files.
    public static func forbidTracing() throws {
        guard platform_forbid_tracing() == 0 else { throw SystemError.last("prctl") }
    }
}
