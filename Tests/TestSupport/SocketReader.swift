import System

/// An open WebSocket, spoken by Python's `websockets`. It ends with the object.
public final class SocketReader: Sendable {
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Opens `ws` at an `http` address with a sub-protocol and a token beside it, as browsers do, and sends the frames when
    /// the first one has come.
    public init(_ url: String, protocol name: String, token: String, sending frames: [String] = []) throws {
        directory = try TemporaryDirectory()
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: ["-c", Self.program, url.replacing("http://", with: "ws://"), name, "bearer.\(token)"] + frames,
            environment: Environment.all(),
            output: .append(path: directory.appending("frames"))
        )
    }

    deinit {
        // Already ended when the service has.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// The frames so far.
    public var frames: [JSON] {
        directory.read("frames").split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
    }

    /// Waits for the first frame that fits.
    public func first(_ what: String, within seconds: Double = 20, where fits: (JSON) -> Bool) async throws -> JSON {
        do {
            return try await eventually(what, within: seconds) { frames.first(where: fits) }
        } catch {
            throw StreamSilence(description: "\(error): \(directory.read("frames"))")
        }
    }

    private static let program = """
        import asyncio, sys, websockets
        async def main(url, name, token, *frames):
            async with websockets.connect(url, subprotocols=[name, token], max_size=None) as socket:
                assert socket.subprotocol == name
                print(await socket.recv(), flush=True)
                for frame in frames:
                    await socket.send(frame)
                async for frame in socket:
                    print(frame, flush=True)
        asyncio.run(main(*sys.argv[1:]))
        """
}
