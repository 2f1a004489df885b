import Contracts
import FoundationEssentials
import Synchronization
import System

/// Room for one job at a time: folders that are empty when a job begins, and the confined process that makes its images.
///
/// Rule: one job at a time; methods block, on a worker thread.
final class JobSlot: Sendable {
    /// The service stops: the job is somebody else's.
    struct Abandoned: Error {}

    /// Bytes of a tool's words that are looked at.
    private static let logLimit = 16 << 10

    let sandbox: Sandbox
    let place: Sandbox.Place
    private let state = Mutex(State())

    private struct State {
        var images: ImageHost?
        var isAbandoned = false
    }

    /// Makes the folders below `directory`.
    init(directory: String, sandbox: Sandbox) throws {
        self.sandbox = sandbox
        place = Sandbox.Place(input: "\(directory)/in", output: "\(directory)/out", log: "\(directory)/log")
        try File.createDirectory(place.input)
        try File.createDirectory(place.output)
    }

    /// Whether the service stops: what is under way is to end now.
    var isAbandoned: Bool { state.withLock(\.isAbandoned) }

    /// Ends what is under way, and refuses more.
    func abandon() { state.withLock { $0.isAbandoned = true } }

    /// Empties the folders, so that a job finds nothing of another.
    func clear() throws {
        for folder in [place.input, place.output] {
            for name in try File.names(in: folder) { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        }
        try place.emptyLog()
    }

    /// Opens the confined process of images unless it runs.
    func openImages() throws { _ = try imageHost() }

    /// Has the confined process make the files of one image.
    func render(_ job: ImageJob) throws -> ImageResult {
        let host = try imageHost()
        do {
            return try host.render(job, in: self)
        } catch {
            // Whatever went wrong with the process, the next image gets a new one.
            closeImages()
            throw error
        }
    }

    /// Ends the confined process, when there is one that has done nothing for so long.
    func closeImages(idleFor nanoseconds: UInt64 = 0) {
        let host: ImageHost? = state.withLock { state in
            guard let host = state.images, host.idleNanoseconds >= nanoseconds else { return nil }
            state.images = nil
            return host
        }
        host?.close()
    }

    private func imageHost() throws -> ImageHost {
        if let host = state.withLock(\.images) { return host }
        let host = try ImageHost(in: self)
        state.withLock { $0.images = host }
        return host
    }

    /// What the tool wrote last.
    func lastWords() -> String {
        guard let size = File.regularFileSize(place.log), let file = try? OpenFile(reading: place.log) else {
            return ""
        }
        let offset = max(0, size - Int64(Self.logLimit))
        return String(decoding: (try? file.read(at: offset, count: Self.logLimit)) ?? [], as: UTF8.self)
    }

    /// Waits for the end of a tool: killed, with all that it started, when the time is over or the slot abandoned. `tick`
    /// is called every moment.
    func wait(for child: ChildProcess, seconds: Double, tick: () -> Void = {}) throws {
        let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
        while true {
            if let status = try child.exitStatus() {
                guard !status.isSuccess else { return }
                throw Self.failure(status, lastWords())
            }
            let isLate = MonotonicClock.nanoseconds > deadline
            if isLate || isAbandoned {
                try child.send(SignalQueue.kill, toGroup: true)
                _ = try child.wait()
                if isAbandoned { throw Abandoned() }
                throw JobFailure(reason: .timedOut)
            }
            tick()
            Thread.pause(milliseconds: 20)
        }
    }

    /// What the end of a tool says about the content.
    static func failure(_ status: ChildProcess.ExitStatus, _ words: String) -> JobFailure {
        let cause = "\(status) \(words.suffix(500))"
        // bubblewrap hands on a signal as 128 + its number, as shells do.
        let signal: Int32 =
            switch status {
            case .signalled(let number): number
            case .exited(let code) where code > 128: code - 128
            case .exited: 0
            }
        let isMemory = ["allocate", "out of memory", "memory exhausted"].contains { words.contains($0) }
        if isMemory { return JobFailure(reason: .outOfMemory, cause: cause) }
        switch signal {
        case 24, 9: return JobFailure(reason: .timedOut, cause: cause)  // SIGXCPU, and SIGKILL a second later
        case 25: return JobFailure(reason: .tooLarge, cause: cause)  // SIGXFSZ
        default: break
        }
        if words.contains("bwrap:") || words.contains("prlimit:") {
            return JobFailure(reason: .sandboxUnavailable, cause: cause)
        }
        return JobFailure(reason: .damaged, cause: cause, isEnding: signal != 0)
    }
}
