import System

/// A socket of a program that can be made to hang: it reads nothing then, and its receive buffer is small. Of each frame the
/// type, the numbers and the people are kept.
public final class SlowReader: Sendable {
    private static let program = """
        import base64, json, os, socket, struct, sys
        port, path, protocol, token = int(sys.argv[1]), *sys.argv[2:5]
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        connection.connect(("127.0.0.1", port))
        connection.sendall((
            "GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
            "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: %s\\r\\nSec-WebSocket-Protocol: %s, bearer.%s\\r\\n\\r\\n"
            % (path, base64.b64encode(os.urandom(16)).decode(), protocol, token)).encode())
        stream = connection.makefile("rb")
        while stream.readline().strip(): pass
        print(json.dumps({"type": "port", "port": connection.getsockname()[1]}), flush=True)
        while True:
            head = stream.read(2)
            if len(head) < 2: break
            size = head[1] & 127
            if size == 126: size = struct.unpack(">H", stream.read(2))[0]
            elif size == 127: size = struct.unpack(">Q", stream.read(8))[0]
            body = stream.read(size)
            if len(body) < size: break
            if head[0] & 15 == 8:
                print(json.dumps({"type": "close", "code": struct.unpack(">H", body[:2])[0]}), flush=True)
                break
            if head[0] & 15 != 1: continue
            frame = json.loads(body)
            frame.pop("body", None)
            frame.get("notification", {}).pop("message", None)
            print(json.dumps(frame), flush=True)
        print(json.dumps({"type": "end"}), flush=True)
        """

    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Opens the path of a service with a sub-protocol and a token beside it.
    public init(_ port: UInt16, _ path: String, protocol name: String, token: String) throws {
        directory = try TemporaryDirectory()
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: ["-c", Self.program, "\(port)", path, name, token],
            environment: Environment.all(),
            output: .append(path: directory.appending("frames"))
        )
    }

    deinit {
        // Already ended when its socket was closed.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// Lets it hang.
    public func pause() throws { try child.pause() }

    /// Lets it read on.
    public func proceed() throws { try child.proceed() }

    /// What it has read so far.
    public var frames: [JSON] {
        directory.read("frames").split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
    }

    /// Bytes that the kernel holds for it on the other side.
    public func heldBytes() throws -> Int {
        guard let port = frames.first?["port"].int else { return 0 }
        let name = String(port, radix: 16, uppercase: true)
        let remote = ":" + String(repeating: "0", count: 4 - name.count) + name
        let lines = String(decoding: try File.read("/proc/net/tcp"), as: UTF8.self).split(separator: "\n")
        // Of open connections alone: another one of before may have had the port.
        let held = lines.map { $0.split(separator: " ") }.filter { fields in
            fields.count > 4 && fields[2].hasSuffix(remote) && fields[3] == "01"
        }
        return held.compactMap { Int($0[4].prefix(8), radix: 16) }.max() ?? 0
    }
}
