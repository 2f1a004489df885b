import Reactor
import Synchronization
import System
import Telemetry

/// The jobs of one partition, one after the other.
final class JobLane: Sendable {
    private let owner: JobConsumer
    private let state: Mutex<State>

    private struct State {
        var records: [KafkaRecord] = []
        var isClosed = false
        var task: Task<Void, Never>?
        var isRunning = false
        /// The offset after the last record that was added, and after the last that is done.
        var next: Int64?
        var done: Int64?
    }

    init(owner: JobConsumer, next: Int64?) {
        self.owner = owner
        state = Mutex(State(next: next))
    }

    /// Records that wait.
    var count: Int { state.withLock(\.records.count) }
    /// The offset to read next.
    var next: Int64? { state.withLock(\.next) }
    /// The offset to commit; nil when nothing was done yet.
    var done: Int64? { state.withLock(\.done) }

    /// Adds a record and returns how many wait.
    func add(_ record: KafkaRecord, on loop: EventLoop) -> Int {
        state.withLock { state in
            guard !state.isClosed, record.offset >= state.next ?? 0 else { return state.records.count }
            state.records.append(record)
            state.next = record.offset + 1
            if !state.isRunning {
                state.isRunning = true
                state.task = Task(executorPreference: loop) { await self.work(on: loop) }
            }
            return state.records.count
        }
    }

    /// Begins no more jobs.
    func close() { state.withLock { $0.isClosed = true } }

    /// Waits for the job under way.
    func finish() async { await state.withLock(\.task)?.value }

    private var isClosed: Bool { state.withLock(\.isClosed) }

    private func take() -> KafkaRecord? {
        state.withLock { state in
            guard !state.isClosed, !state.records.isEmpty else {
                state.isRunning = false
                return nil
            }
            return state.records.removeFirst()
        }
    }

    private func work(on loop: EventLoop) async {
        while let record = take() {
            if await run(record, on: loop) { state.withLock { $0.done = record.offset + 1 } }
        }
    }

    /// Whether the record is done with, rather than left to the next who has the partition.
    private func run(_ record: KafkaRecord, on loop: EventLoop) async -> Bool {
        let place = "\(record.topic) [\(record.partition)] at \(record.offset)"
        var (attempt, cause) = (1, nil as EventError?)
        while true {
            do {
                try await attemptJob(record, attempt, &cause)
                guard let cause else { return true }
                let metadata: [String: MetadataValue] = ["record": "\(place)", "error": "\(cause)"]
                owner.logger.error("record sent to the dead letters", metadata: metadata)
                return true
            } catch {
                if isClosed || owner.isStopping { return false }
                let metadata: [String: MetadataValue] = ["record": "\(place)", "error": "\(error)"]
                owner.logger.warning("a job is tried again", metadata: metadata)
            }
            guard await rest(behind: attempt, on: loop) else { return false }
            attempt += 1
        }
    }

    /// One try of the job, or, once it is known to make no sense, one to bury it.
    private func attemptJob(_ record: KafkaRecord, _ attempt: Int, _ cause: inout EventError?) async throws {
        if cause == nil {
            do {
                let topic = record.originalTopic(of: owner.group)
                let event = try Event(topic: topic, key: record.key, headers: record.headers, value: record.value)
                return try await owner.handler(event, attempt)
            } catch let error as EventError where error.code == .undecodable {
                cause = error
            }
        }
        if let cause { try await owner.bury(record, cause, attempts: attempt) }
    }

    /// Waits before the next try, in small parts, so that a stop is not held up. False when there is none.
    private func rest(behind attempt: Int, on loop: EventLoop) async -> Bool {
        var rest = min(JobConsumer.maximumBackOffMilliseconds, 100 << min(attempt, 12))
        while rest > 0, !isClosed, !owner.isStopping {
            guard (try? await loop.sleep(for: .milliseconds(min(rest, 200)))) != nil else { return false }
            rest -= 200
        }
        return !isClosed && !owner.isStopping
    }
}
