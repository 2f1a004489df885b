import System
import TestSupport

/// An open event stream, read by curl. It ends with the object.
final class StreamReader: Sendable {
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    init(_ url: String, token: String? = nil, lastEventID: String? = nil) throws {
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

    /// What has come so far.
    var text: String { directory.read("stream") }

    /// Whether the service has ended it.
    var hasEnded: Bool { get throws { try child.exitStatus() != nil } }
}
