import BlobStore
import Contracts
import EventBus
import Reactor
import Synchronization
import System
import Telemetry

/// Takes `media.uploaded` and answers each with one result on `media-results`, whose id follows from the job's: a job that is
/// done again after a crash has the same.
struct MediaWorkerEvents: Sendable {
    static let group = "media-worker"
    static let topics = [Topic.mediaEvents]

    let processor: MediaProcessor
    let producer: EventProducer
    let sandbox: SandboxState
    let clock: WallClock
    let logger: Logger
    let loop: EventLoop

    /// One job, or one try of it; one that cannot be decoded goes to the dead letters.
    func handle(_ event: Event, attempt: Int) async throws {
        guard event.type == MediaUploaded.type else { return }
        let item: MediaUploaded = try event.decode()
        let start = MonotonicClock.nanoseconds
        let failure: JobFailure
        do {
            let finished = try await processor.process(item, job: event.id, progress: progress(of: item, event))
            sandbox.works()
            try await send(finished, index: 0, cause: event)
            return observe(item, "finished", since: start)
        } catch let error as JobFailure {
            if error.reason == .sandboxUnavailable { sandbox.fails(error) }
            guard error.isFinal(attempt: attempt) else { throw error }
            failure = error
        } catch is JobSlot.Abandoned {
            throw JobSlot.Abandoned()
        } catch BlobError.unavailable(let cause) {
            // Says nothing about the content: the job waits until the store is back.
            throw BlobError.unavailable(cause)
        } catch {
            failure = JobFailure(reason: .internal, cause: "\(error)")
            guard failure.isFinal(attempt: attempt) else { throw error }
        }
        logger.info("a job failed", metadata: ["media": "\(item.mediaID)", "cause": "\(failure)"])
        let failed = MediaJobFailed(
            mediaID: item.mediaID,
            jobID: event.id,
            reason: failure.reason,
            detail: failure.detail
        )
        try await send(failed, index: 0, cause: event)
        observe(item, failure.reason.rawValue, since: start)
    }

    private func send(_ payload: some EventPayload, index: Int, cause: Event) async throws {
        try await producer.send(derived(payload, index: index, cause: cause))
    }

    private func derived<Payload: EventPayload>(_ payload: Payload, index: Int, cause: Event) throws -> Event {
        let id = Identifier.derived(source: Payload.source, cause: cause.id, index: index)
        var event = try Event(payload, id: id, at: clock.now)
        event.causationID = cause.id
        event.correlationID = cause.correlationID ?? cause.id
        event.traceparent = cause.traceparent
        return event
    }

    /// Tells how far a long job is, every few seconds at most; what gets lost is made up for by the next.
    private func progress(of item: MediaUploaded, _ cause: Event) -> MediaProcessor.Progress {
        let told = ProgressPace()
        return { percent, stage in
            guard told.isDue(percent) else { return }
            let payload = MediaJobProgressed(mediaID: item.mediaID, jobID: cause.id, percent: percent, stage: stage)
            do {
                let event = try derived(payload, index: 1 + percent, cause: cause)
                Task(executorPreference: loop) { try await producer.send(event) }
            } catch {
                logger.warning("progress", metadata: ["error": "\(error)"])
            }
        }
    }

    private func observe(_ item: MediaUploaded, _ outcome: String, since start: UInt64) {
        let kind = item.contentType.hasPrefix("video/") ? "video" : "image"
        let labels = ["kind": kind, "outcome": outcome]
        MetricRegistry.shared.counter("media.jobs", labels: labels).increment()
        let seconds = Double(MonotonicClock.nanoseconds - start) / 1e9
        MetricRegistry.shared.histogram("media.job.duration", unit: "s", labels: ["kind": kind]).observe(seconds)
    }
}

/// When progress is worth telling.
final class ProgressPace: Sendable {
    private static let nanoseconds: UInt64 = 2_000_000_000

    private let last = Mutex<(percent: Int, at: UInt64)>((-1, 0))

    func isDue(_ percent: Int) -> Bool {
        let now = MonotonicClock.nanoseconds
        return last.withLock { last in
            guard percent > last.percent, now - last.at > Self.nanoseconds else { return false }
            last = (percent, now)
            return true
        }
    }
}

/// Whether tools can be confined here, as the last try showed.
final class SandboxState: Sendable {
    private let failure = Mutex<String?>("not tried yet")

    func works() { failure.withLock { $0 = nil } }
    func fails(_ error: any Error) { failure.withLock { $0 = "\(error)" } }

    /// Why not; nil when they can.
    var problem: String? { failure.withLock(\.self) }
}
