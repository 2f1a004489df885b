import Contracts
import EventBus
import Synchronization
import System
import Telemetry

/// A request, an event or a consumer's work in a trace.
struct TraceItem: Sendable, Equatable {
    /// What it is.
    enum Kind: String, Sendable {
        case request, event, consumer
    }

    let trace: [UInt8]
    /// The span's id in hexadecimal, or the event's.
    let id: String
    let kind: Kind
    let time: Timestamp
    /// Method and route, the event's type, or the consumer's group.
    let name: String
    let service: String
    /// The item that caused it.
    var parent: String?
    /// The event that caused it, when the parent is not known.
    var cause: String?
    var durationMicroseconds: Int64?
    var status: Int64?
    var topic: String?
    var partition: Int32?
    var offset: Int64?
}

extension TraceItem {
    /// Whether an event belongs to a trace.
    static func isTold(by event: Event) -> Bool { event.traceparent != nil || event.type == TraceSpan.type }

    /// What a record tells of a trace: a span, or itself; nil when it belongs to none.
    init?(_ delivery: EventConsumer.Delivery) throws {
        let event = delivery.event
        if event.type == TraceSpan.type {
            self.init(try event.decode())
            return
        }
        guard let context = event.traceparent.flatMap({ TraceContext(traceparent: $0) }),
            let trace = Self.bytes(ofHexadecimal: context.traceID)
        else { return nil }
        self.init(
            trace: trace,
            id: "\(event.id)",
            kind: .event,
            time: event.time,
            name: event.type,
            service: String(event.source.dropFirst()),
            parent: context.spanID,
            cause: event.causationID.map { "\($0)" },
            topic: event.topic,
            partition: delivery.position.partition.partition,
            offset: delivery.position.offset
        )
    }

    private init?(_ span: TraceSpan) {
        guard let trace = Self.bytes(ofHexadecimal: span.traceID), let kind = Kind(rawValue: span.kind) else {
            return nil
        }
        self.init(
            trace: trace,
            id: span.spanID,
            kind: kind,
            time: span.timestamp,
            name: span.name,
            service: span.service,
            parent: span.eventID.map { "\($0)" } ?? span.parentID,
            cause: span.eventID == nil ? nil : span.parentID,
            durationMicroseconds: span.durationMicroseconds,
            status: span.status
        )
    }

    /// The 16 bytes of a trace's id; nil when the text is none.
    static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}

/// How much is kept of traces: so much at once and so much in the long run, so that a flood costs little. Any thread.
final class TraceIndex: Sendable {
    /// Hours that items are kept.
    static let hours: Int64 = 24
    /// Items a second in the long run: 8 million rows a day at most.
    static let perSecond: Int64 = 100
    /// Items at once.
    static let burst: Int64 = 50_000

    private struct State {
        var left = TraceIndex.burst
        var filledAt: Timestamp?
    }

    private let state = Mutex(State())
    private let skipped = MetricRegistry.shared.counter(
        "analytics.trace.skipped",
        help: "Requests, events and consumers that were not kept for their traces."
    )

    /// Whether one more may be kept.
    func hasRoom(at now: Timestamp) -> Bool {
        let hasRoom = state.withLock { state in
            let elapsed = max(0, now.milliseconds - (state.filledAt ?? now).milliseconds)
            let earned = elapsed * Self.perSecond / 1000
            if earned > 0 || state.filledAt == nil {
                state.left = min(Self.burst, state.left + min(earned, Self.burst))
                state.filledAt = now
            }
            guard state.left > 0 else { return false }
            state.left -= 1
            return true
        }
        if !hasRoom { skipped.increment() }
        return hasRoom
    }
}
