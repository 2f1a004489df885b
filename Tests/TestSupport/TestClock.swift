public import System

/// A wall clock that a test sets, for programs that run: Tests/SteppedClock, preloaded, goes by its file.
public final class TestClock: Sendable {
    private let directory: TemporaryDirectory

    /// A clock that shows the machine's time. Compiles what is preloaded; throws ``StackFailure`` when that fails.
    public init() async throws {
        directory = try TemporaryDirectory()
        let source = "\(SourceFile.repository)/Tests/SteppedClock/SteppedClock.c"
        let options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", libraryPath]
        let compiled = try await Command.run("clang", options + [source])
        guard compiled.status.isSuccess else { throw StackFailure(description: compiled.output) }
        try set(ahead: 0)
    }

    /// Variables for programs that are to go by the clock.
    public var environment: [String: String] { ["LD_PRELOAD": libraryPath, "STEPPED_CLOCK_FILE": path] }

    /// Sets the clock so many seconds ahead of the machine's, or behind it.
    public func set(ahead seconds: Int64) throws {
        try File.replace(path, with: Array("\(seconds * 1000)".utf8))
    }

    /// What the clock shows.
    public var now: Timestamp {
        WallClock.system.now.adding(milliseconds: Int64(directory.read("shift")) ?? 0)
    }

    private var path: String { directory.appending("shift") }
    private var libraryPath: String { directory.appending("libSteppedClock.so") }
}
