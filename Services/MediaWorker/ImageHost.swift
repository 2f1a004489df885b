import Contracts
import FoundationEssentials
import Synchronization
import System

/// The confined process of images, as the service sees it: started once, asked image after image.
final class ImageHost: Sendable {
    private static let startSeconds = 20.0
    private static let imageSeconds = 60.0
    private static let sliceMilliseconds: Int32 = 100
    private static let resultLimit = 64 << 10
    private static let endNanoseconds: UInt64 = 200_000_000

    private let child: ChildProcess
    private let channel: LineChannel
    private let usedAt = Atomic<UInt64>(MonotonicClock.nanoseconds)

    /// Starts the process and waits until it is ready.
    ///
    /// - Throws: `JobFailure` `sandboxUnavailable` when it cannot be confined, or has no libvips.
    init(in slot: JobSlot) throws {
        (child, channel) = try Self.start(in: slot)
        do {
            let greeting = try reply(within: Self.startSeconds, slot)
            guard greeting == ImageProcess.greeting else { throw JobFailure(reason: .internal, cause: greeting) }
        } catch {
            close()
            guard error is SystemError else { throw error }
            throw JobFailure(reason: .sandboxUnavailable, cause: "\(error) \(slot.lastWords().suffix(500))")
        }
    }

    /// The child's own end of the channel is closed here when this returns, so that its end is noticed.
    private static func start(in slot: JobSlot) throws -> (ChildProcess, LineChannel) {
        let (own, other) = try LineChannel.pair()
        let child = try slot.sandbox.start(
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            [],
            environment: [ImageProcess.variable: "images"],
            in: slot.place,
            limits: Sandbox.Limits(fileSize: ImageLimits().fileSize, processes: .any),
            channel: other
        )
        return (child, own)
    }

    /// For how long nothing was asked.
    var idleNanoseconds: UInt64 { MonotonicClock.nanoseconds - usedAt.load(ordering: .relaxed) }

    /// Has one image made; its files are in the slot's output folder.
    func render(_ job: ImageJob, in slot: JobSlot) throws -> ImageResult {
        defer { usedAt.store(MonotonicClock.nanoseconds, ordering: .relaxed) }
        let line = String(decoding: try JSONEncoder().encode(job), as: UTF8.self)
        do {
            try channel.send(line)
            let ending = try reply(within: Self.imageSeconds, slot)
            guard ending == "\(ChildProcess.ExitStatus.exited(0))" else { throw failure(ending, slot) }
        } catch let error as SystemError {
            throw JobFailure(reason: .internal, cause: "\(error) \(slot.lastWords().suffix(500))")
        }
        return try result(slot)
    }

    private func failure(_ ending: String, _ slot: JobSlot) -> JobFailure {
        let words = slot.lastWords()
        guard ending.hasPrefix("signal "), let number = Int32(ending.dropFirst(7)) else {
            return JobFailure(reason: .internal, cause: "\(ending) \(words.suffix(500))")
        }
        return JobSlot.failure(.signalled(number), words)
    }

    private func result(_ slot: JobSlot) throws -> ImageResult {
        let path = "\(slot.place.output)/\(ImageJob.resultFile)"
        guard File.regularFileSize(path) != nil else { throw JobFailure(reason: .damaged, cause: "no result") }
        let bytes = try File.read(path, limit: Self.resultLimit)
        guard !JSONNesting.isTooDeep(bytes) else { throw JobFailure(reason: .damaged, cause: "a deep result") }
        let result = try JSONDecoder().decode(ImageResult.self, from: Data(bytes))
        if let reason = result.failure { throw JobFailure(reason: reason, cause: result.detail ?? "") }
        return result
    }

    private func reply(within seconds: Double, _ slot: JobSlot) throws -> String {
        let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
        while true {
            if let line = try channel.receive(withinMilliseconds: Self.sliceMilliseconds) { return line }
            if slot.isAbandoned { throw JobSlot.Abandoned() }
            if MonotonicClock.nanoseconds > deadline { throw JobFailure(reason: .timedOut, cause: "no answer") }
        }
    }

    /// Ends the process and all that it started: it ends by itself when nobody talks to it, unless it is out of order.
    /// Blocks for a moment.
    func close() {
        channel.shutDown()
        let deadline = MonotonicClock.nanoseconds + Self.endNanoseconds
        // Nobody else waits for this child, so waiting for it cannot fail.
        while (try? child.exitStatus()) == .some(nil) {
            if MonotonicClock.nanoseconds > deadline { try? child.send(SignalQueue.kill, toGroup: true) }
            Thread.pause(milliseconds: 1)
        }
    }
}
