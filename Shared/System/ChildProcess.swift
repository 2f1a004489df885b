import Glibc

/// A program started by this process: where its output goes, how it ended, and signals to it.
///
/// Rule: whoever starts a child calls `wait()` or polls `exitStatus()` until it is not nil, or the child stays a
/// zombie. After that its id may belong to another process: send no more signals.
public struct ChildProcess: Sendable, Equatable {
    /// The process id.
    public let id: Int32

    /// Where the standard output and error of a child go.
    public enum Output: Sendable, Equatable {
        /// The parent's own.
        case inherit
        /// Nowhere.
        case discard
        /// Appended to this file, which is created with mode 0644.
        case append(path: String)
    }

    /// How a child ended.
    public enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
        /// It returned this code.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)

        /// Whether it returned 0.
        public var isSuccess: Bool { self == .exited(0) }

        /// `exit 1` or `signal 9`.
        public var description: String {
            switch self {
            case .exited(let code): "exit \(code)"
            case .signalled(let number): "signal \(number)"
            }
        }
    }

    /// The session and group a child runs in.
    public enum Group: Sendable {
        /// The parent's: a Ctrl-C of the terminal reaches the child too.
        case inherit
        /// A group of its own, led by the child; `signal(_:toGroup:)` reaches its descendants.
        case own
        /// A session of its own without a terminal, for what outlives the parent.
        case session
    }

    /// Starts `executable` (found by `PATH` when it has no slash) with exactly this environment; its input is empty,
    /// its signal mask and handlers are the defaults. `files` are opened for reading under their numbers; a `channel`
    /// (its other end) becomes the child's input.
    public static func start(
        _ executable: String,
        arguments: [String] = [],
        environment: [String: String],
        output: Output = .inherit,
        group: Group = .own,
        files: [Int32: String] = [:],
        channel: LineChannel? = nil
    ) throws -> ChildProcess {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let channel {
            unsafe posix_spawn_file_actions_adddup2(&actions, channel.descriptor, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (number, path) in files { unsafe posix_spawn_file_actions_addopen(&actions, number, path, O_RDONLY, 0) }
        if output != .inherit {
            let path = if case .append(let file) = output { file } else { "/dev/null" }
            unsafe posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        configure(&attributes, group)

        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var id = pid_t()
        let code = unsafe withCStrings([executable] + arguments) { words in
            unsafe withCStrings(variables) { variables in
                unsafe posix_spawnp(&id, executable, &actions, &attributes, words, variables)
            }
        }
        guard code == 0 else { throw SystemError(operation: "posix_spawn", subject: executable, code: code) }
        return ChildProcess(id: id)
    }

    private static func configure(_ attributes: inout posix_spawnattr_t, _ group: Group) {
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        switch group {
        case .inherit: break
        case .own: flags |= POSIX_SPAWN_SETPGROUP
        case .session: flags |= 0x80  // POSIX_SPAWN_SETSID, which Swift's Glibc module lacks
        }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// How the child ended, or nil while it runs. Does not block; the child is gone once this is not nil.
    public func exitStatus() throws -> ExitStatus? {
        try collect(WNOHANG)
    }

    /// Waits for the end. Blocks: never on an event loop or in a task.
    public func wait() throws -> ExitStatus {
        while true {
            if let status = try collect(0) { return status }
        }
    }

    /// Sends a signal to the child, or to the whole group it leads.
    public func send(_ signal: Int32, toGroup: Bool = false) throws {
        guard kill(toGroup ? -id : id, signal) == 0 else { throw SystemError.last("kill", String(id)) }
    }

    private func collect(_ options: Int32) throws -> ExitStatus? {
        var status: Int32 = 0
        while true {
            let result = unsafe waitpid(id, &status, options)
            if result == 0 { return nil }
            if result == id { break }
            guard errno == EINTR else { throw SystemError.last("waitpid", String(id)) }
        }
        let number = status & 0x7F  // WTERMSIG; the macros are not imported
        return number == 0 ? .exited(status >> 8 & 0xFF) : .signalled(number)
    }
}

/// Calls `body` with a NULL-terminated array of copies of the strings.
func withCStrings<R>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    var pointers = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(pointers)
}
