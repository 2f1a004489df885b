import System

/// An S3 server (moto, in Python) with a bucket, an account that may use it and signatures that are checked; it looks at the
/// checksums of bodies as Amazon does, and fails as it is told.
public final class ObjectStore: Sendable {
    /// What happens to a request instead of what should.
    public enum Fault: Sendable {
        /// It is answered by this status and error code.
        case status(Int, String)
        /// It is served after so many seconds.
        case delay(Double)
        /// The connection ends after so many bytes of the answer's body.
        case cut(Int)
        /// It is served, and the connection ends before the answer.
        case lost
        /// The first byte of the answer's body is another one.
        case corrupt

        fileprivate var json: String {
            switch self {
            case .status(let status, let code): "\"status\": \(status), \"code\": \"\(code)\""
            case .delay(let seconds): "\"delay\": \(seconds)"
            case .cut(let bytes): "\"cut\": \(bytes)"
            case .lost: "\"lost\": true"
            case .corrupt: "\"corrupt\": true"
            }
        }
    }

    /// One for all tests of a module, which use prefixes of their own; it ends with the test program.
    public static let shared = Task { try await ObjectStore() }

    /// The name of the bucket.
    public static let bucket = "marquee"

    /// Where it listens on 127.0.0.1.
    public let port: UInt16
    /// What a program needs to use it.
    public let environment: [String: String]
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Starts the server, on a free port, and waits until its bucket is there.
    public init() async throws {
        directory = try TemporaryDirectory()
        port = try PortProbe.freePort()
        let credentials = directory.appending("credentials")
        let program = "\(SourceFile.repository)/Tests/Fixtures/object_store.py"
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: [program, String(port), credentials, Self.bucket],
            environment: Environment.all(),
            output: .append(path: directory.appending("log"))
        )
        let folder = directory
        let words = try await eventually("the object store has a bucket", within: 60) {
            let words = folder.read("credentials").split(separator: "\n").map(String.init)
            return words.count == 2 ? words : nil
        }
        environment = [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": words[0], "AWS_SECRET_ACCESS_KEY": words[1],
        ]
    }

    deinit {
        // The child may have ended by itself; nothing is left to do then.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// Has the next requests of a method whose target contains `part` go wrong.
    public func fail(_ method: String, _ part: String = "/", times: Int = 1, _ fault: Fault) async throws {
        let body = "{\"method\": \"\(method)\", \"part\": \"\(part)\", \"times\": \(times), \(fault.json)}"
        _ = try await Curl.request("PUT", "http://127.0.0.1:\(port)/-/faults", json: body)
    }

    /// Method and target of the requests so far whose target contains `part`.
    public func requests(_ part: String) async throws -> [String] {
        let all = try await Curl.request("GET", "http://127.0.0.1:\(port)/-/requests").json
        return all.array.compactMap(\.string).filter { $0.contains(part) }
    }
}
