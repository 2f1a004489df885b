public import System

/// A wall clock that a test sets, for programs that run: the library `SteppedClock`, preloaded, goes by its file.
public final class TestClock: Sendable {
    private let directory: TemporaryDirectory

    /// A clock that shows the machine's time.
    public init() throws {
        directory = try TemporaryDirectory()
        try set(ahead: 0)
    }

    /// Variables for programs that are to go by the clock.
    public var environment: [String: String] {
        get throws {
            ["LD_PRELOAD": try ServiceProcess.path(of: "libSteppedClock.so"), "STEPPED_CLOCK_FILE": path]
        }
    }

    /// Sets the clock so many seconds ahead of the machine's, or behind it.
    public func set(ahead seconds: Int64) throws {
        try File.replace(path, with: Array("\(seconds * 1000)".utf8))
    }

    /// What the clock shows.
    public var now: Timestamp {
        WallClock.system.now.adding(milliseconds: Int64(directory.read("shift")) ?? 0)
    }

    private var path: String { directory.appending("shift") }
}
