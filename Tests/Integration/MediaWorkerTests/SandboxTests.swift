import Contracts
import System
import TestSupport
import Testing

@testable import MediaWorkerService

/// What a tool could do that an enemy has taken over: bash, confined as the tools are.
@Suite struct SandboxTests {
    private let folder: TemporaryDirectory
    private let slot: JobSlot

    init() throws {
        folder = try TemporaryDirectory()
        slot = try JobSlot(directory: folder.appending("slot"), sandbox: Sandbox(.required, directory: folder.path))
    }

    /// Runs the script; its words, and why it came to nothing.
    private func run(_ script: String, seconds: Double = 20, processorSeconds: UInt64 = 1) throws -> (
        words: String, failure: MediaFailureReason?
    ) {
        var limits = Sandbox.Limits(fileSize: 1 << 20)
        limits.memory = 200 << 20
        limits.processorSeconds = processorSeconds
        let child = try slot.sandbox.start("/usr/bin/bash", ["-c", script], in: slot.place, limits: limits)
        do {
            try slot.wait(for: child, seconds: seconds)
            return (slot.lastWords(), nil)
        } catch let error as JobFailure {
            return (slot.lastWords(), error.reason)
        }
    }

    @Test func `a confined tool reads its input, writes its output, and is an ordinary program otherwise`() throws {
        try File.write("\(slot.place.input)/note", Array("hello\n".utf8))
        let (words, failure) = try run("read x < /in/note && echo $x > /out/answer && echo $x")
        #expect(failure == nil, "\(words)")
        #expect(words == "hello\n")
        #expect(File.regularFileSize("\(slot.place.output)/answer") == 6)
    }

    @Test func `it reaches no network`() throws {
        let port = try PortProbe.freePort()
        let (words, _) = try run("exec 3<>/dev/tcp/127.0.0.1/\(port); echo $?")
        #expect(words.contains("Operation not permitted"), "\(words)")
    }

    @Test func `it sees no file but its own, and cannot change its input`() throws {
        try File.write("\(slot.place.input)/note", Array("hello\n".utf8))
        let secret = try folder.write("secret", to: "secret")
        let script = """
            for path in /proc/1 /etc/passwd /etc/shadow /root /home \(secret) /usr/bin/env; do
              [ -e $path ] && echo sees $path
            done
            echo changed 2>/dev/null > /in/note && echo changes
            echo new 2>/dev/null > /usr/lib/x && echo writes
            """
        let (words, _) = try run(script)
        #expect(!words.contains("sees") && !words.contains("changes") && !words.contains("writes"), "\(words)")
    }

    @Test func `it makes no processes`() throws {
        let (words, _) = try run("( echo forked )")
        #expect(!words.contains("forked"), "\(words)")
    }

    @Test func `it cannot outlive its time, its memory or the size of a file`() throws {
        #expect(try run("while :; do :; done").failure == .timedOut)
        #expect(try run("read x < /dev/zero", seconds: 1).failure == .timedOut)
        #expect(try run("x=aaaaaaaa; while :; do x=$x$x; done", processorSeconds: 10).failure == .outOfMemory)
        let flood = "printf -v x %100000s; while :; do echo $x$x; printf %s \"$x\"; done > /out/flood"
        #expect(try run(flood).failure == .tooLarge)
    }

    @Test func `a worker that may not confine its tools takes no jobs and says why`() async throws {
        let rig = try await MediaWorkerRig()
        let tools = try TemporaryDirectory()
        // A machine without bubblewrap.
        for tool in ["prlimit", "true"] { try await link(tool, in: tools) }
        let worker = try rig.start(["PATH": tools.path])
        let ready = "\(worker.url)/readyz?verbose"
        try await eventually("the worker says why", within: 30) {
            try await Command.run("curl", ["-sS", ready]).output.contains("sandbox_unavailable")
        }
        let files = try SampleFiles()
        let job = try await rig.submit(try await files.picture("a.jpg"), as: "image/jpeg")
        #expect(rig.results(of: job).isEmpty)
        let other = try await rig.worker(["PATH": tools.path, "MEDIA_SANDBOX": "off"])
        _ = try await rig.finished(job)
        #expect(try await other.stop() == .exited(0))
        #expect(try await worker.stop() == .exited(0))
    }

    private func link(_ tool: String, in folder: TemporaryDirectory) async throws {
        _ = try await Command.run("ln", ["-s", "/usr/bin/\(tool)", folder.appending(tool)])
    }
}
