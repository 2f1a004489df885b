import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Reactor
import Security
import ServiceKit
import Synchronization
import System
import Telemetry

/// Puts every request that the gateway answered on the topic `gateway-requests`, on a thread of its own: requests only leave
/// an entry in a bounded queue. What does not fit is dropped and counted, so requests served are entries in the log plus
/// counted drops.
final class RequestLog: Sendable {
    /// Entries that wait for the thread at most; beyond it the producer has a queue of its own.
    static let capacity = 8192
    private static let pauseMilliseconds = 10
    private static let flushMilliseconds = 2000

    private struct State {
        var sequence: Int64 = 0
        var dropped: Int64 = 0
        var waiting: [GatewayRequest] = []
        var isOpen = false
        var isStopping = false
    }

    private let gatewayID: String
    private let producer: LossyProducer
    private let clock: WallClock
    private let logger: Logger
    private let ready: Semaphore
    private let ended = Waiter<Void>()
    private let state = Mutex(State())

    /// - Throws: `EventError` when librdkafka refuses the configuration.
    init(gatewayID: String, kafka: KafkaConfiguration, clock: WallClock, logger: Logger) throws {
        self.gatewayID = gatewayID
        // Kept until they are delivered: what the queue holds survives the broker's absence and is never in doubt.
        producer = try LossyProducer(kafka, keepsFor: 0, logger: logger)
        self.clock = clock
        self.logger = logger
        ready = try Semaphore()
        // Not joined: the thread ends with `stop`.
        _ = try Thread.start(name: "request-log") { [self] in run() }
        let metrics = MetricRegistry.shared
        metrics.observe("gateway.request_log.served", help: "Requests answered") { [weak self] in
            Double(self?.counts.served ?? 0)
        }
        metrics.observe("gateway.request_log.dropped", help: "Requests that are not in the log") { [weak self] in
            Double(self?.counts.dropped ?? 0)
        }
    }

    /// Requests served and entries dropped so far.
    var counts: (served: Int64, dropped: Int64) {
        let (served, dropped) = state.withLock { ($0.sequence, $0.dropped) }
        return (served, dropped + lostByProducer)
    }

    private var lostByProducer: Int64 { Int64(clamping: producer.droppedCount + producer.undeliveredCount) }

    /// Lets the thread send; before, the topic may not exist as declared.
    func open() {
        state.withLock { $0.isOpen = true }
        ready.signal()
    }

    /// Takes a request in; on its loop, never waits.
    func record(_ served: ServedRequest) {
        var entry = entry(of: served)
        let wasEmpty = state.withLock { state in
            state.sequence += 1
            guard state.waiting.count < Self.capacity, !state.isStopping else {
                state.dropped += 1
                return false
            }
            entry.sequence = state.sequence
            state.waiting.append(entry)
            return state.waiting.count == 1
        }
        if wasEmpty { ready.signal() }
    }

    /// Sends what waits, within a bounded time.
    func stop() async {
        state.withLock { $0.isStopping = true }
        ready.signal()
        do {
            try await ended.wait()
        } catch {
            logger.warning("the request log was not flushed", metadata: ["error": "\(error)"])
        }
        let counts = counts
        logger.notice(
            "request log",
            metadata: ["served": .count(counts.served), "dropped": .count(counts.dropped)]
        )
    }

    // MARK: The thread

    private func run() {
        var isStopping = false
        // Changes places with the one that is filled: memory touched once is used again.
        var entries: [GatewayRequest] = []
        // Ids are names, not secrets, and not worth two calls to the kernel for each request.
        var ids = SplitMix64(seed: .random(in: 0 ... .max))
        while !isStopping {
            ready.wait()
            state.withLock { state in
                isStopping = state.isStopping
                if state.isOpen || isStopping { swap(&entries, &state.waiting) }
            }
            let dropped = state.withLock(\.dropped)
            for entry in entries { send(entry, dropped, &ids) }
            entries.removeAll(keepingCapacity: true)
            // Entries are taken together: a wake-up for each would cost more than it.
            if !isStopping { Thread.pause(milliseconds: Self.pauseMilliseconds) }
        }
        producer.stop(flushMilliseconds: Self.flushMilliseconds)
        ended.resume(.success(()))
    }

    private func send(_ entry: GatewayRequest, _ dropped: Int64, _ ids: inout SplitMix64) {
        var entry = entry
        entry.dropped = dropped + lostByProducer
        do {
            let id = Identifier.version7(at: entry.timestamp, using: &ids)
            producer.send(try Event(entry, id: id, at: entry.timestamp))
        } catch {
            state.withLock { $0.dropped += 1 }
            logger.error("an entry of the request log cannot be written", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Entries

    private func entry(of served: ServedRequest) -> GatewayRequest {
        let request = served.request
        let record = request.map { RequestRecord.of($0) }
        let traceID = request?.traceContext?.traceID ?? TraceContext.root().traceID
        let duration = served.duration.microseconds
        return GatewayRequest(
            requestID: record?.requestID ?? traceID,
            gatewayID: gatewayID,
            sequence: 0,
            dropped: 0,
            method: request?.method.rawValue ?? "",
            route: request?.matchedRoute ?? RouteTable.unmatched,
            service: record?.service?.rawValue,
            status: served.status.code,
            isComplete: served.isComplete,
            durationMicroseconds: duration,
            upstreamMicroseconds: record?.upstreamMicroseconds,
            requestBytes: Int64(clamping: served.receivedBytes),
            responseBytes: Int64(clamping: served.sentBytes),
            userID: record?.token?.userID,
            sessionID: record?.token?.sessionID,
            addressPrefix: (record?.client ?? ClientAddress(served.remoteAddress)).prefix,
            addressKey: record?.addressKey.map(Self.hexadecimal),
            traceID: traceID,
            policyVersion: record?.policyVersion ?? 0,
            decision: record?.decision ?? RequestRecord.allowed,
            judgedAt: record?.judgedAt.map { Int64(clamping: $0) },
            userJudgedAt: record?.userJudgedAt.map { Int64(clamping: $0) },
            timestamp: clock.now.adding(milliseconds: -duration / 1000)
        )
    }

    private static func hexadecimal(_ key: UInt64) -> String {
        var digits: [UInt8] = []
        digits.append(hexadecimal: key)
        return String(decoding: digits, as: UTF8.self)
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
