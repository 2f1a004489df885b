public import System

/// An open event stream, read by curl. It ends with the object.
public final class EventStreamReader: Sendable {
    /// One event as it came.
    public struct Received: Sendable {
        /// Its place; nil when it has none.
        public let id: String?
        /// `message` when it says none.
        public let name: String
        /// What it carries.
        public let data: JSON
    }

    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Opens the stream, behind an event when one is named.
    public init(_ url: String, token: String? = nil, lastEventID: String? = nil) throws {
        directory = try TemporaryDirectory()
        var arguments = ["-sN", "--max-time", "60", url]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        if let lastEventID { arguments += ["-H", "Last-Event-ID: \(lastEventID)"] }
        child = try ChildProcess.start(
            "curl",
            arguments: arguments,
            environment: Environment.all(),
            output: .append(path: directory.appending("stream"))
        )
    }

    deinit {
        // Already ended when the service has.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// Stops reading, as a program that hangs, until ``proceed()``.
    public func pause() throws { try child.pause() }

    /// Reads on.
    public func proceed() throws { try child.proceed() }

    /// What has come so far, as it came.
    public var text: String { directory.read("stream") }

    /// What has come so far; comments are left out.
    public var events: [Received] {
        text.replacing("\r\n", with: "\n").split(separator: "\n\n").compactMap { block in
            var fields: [String: String] = [:]
            for line in block.split(separator: "\n") where !line.hasPrefix(":") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                fields[String(parts[0])] = String(parts[1].drop { $0 == " " })
            }
            guard let data = fields["data"], let value = try? JSON(parsing: data) else { return nil }
            return Received(id: fields["id"], name: fields["event"] ?? "message", data: value)
        }
    }

    /// Whether the service has ended it.
    public var hasEnded: Bool { get throws { try child.exitStatus() != nil } }

    /// The first event that fits, and when it was seen, to some milliseconds.
    public func first(
        _ what: String,
        within seconds: Double = 10,
        where fits: (Received) -> Bool
    ) async throws -> (event: Received, seen: Timestamp) {
        let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
        while MonotonicClock.nanoseconds < deadline {
            if let event = events.first(where: fits) { return (event, WallClock.system.now) }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw StreamSilence(description: "no \(what) within \(seconds) s in \(text)")
    }
}

extension ChildProcess {
    /// Stops it where it is (SIGSTOP, whose number Linux has on every machine).
    public func pause() throws { try send(19) }

    /// Lets it go on (SIGCONT).
    public func proceed() throws { try send(18) }
}

/// What was waited for did not come.
public struct StreamSilence: Error, CustomStringConvertible {
    /// What, and what came instead.
    public let description: String
}
