import Contracts
import EventBus
import Reactor
import Synchronization
import System
import Telemetry

/// Replays a showtime's ledger from the log, from its first record to the last there is now.
struct SeatAudit: Sendable {
    /// How long a replay may take.
    static let timeout = Duration.seconds(30)
    private static let pollInterval = Duration.milliseconds(20)

    let kafka: KafkaConfiguration
    let logger: Logger

    /// The ledger after the last record; nil when the log could not be read to its end in time. On the loop.
    func replay(_ showtime: Identifier, on loop: EventLoop) async throws -> SeatLedger? {
        let key = showtime.description
        let ledger = SharedLedger()
        let reader = try BroadcastConsumer(topics: [.seatLocked], from: .beginning, kafka: kafka, logger: logger) {
            event,
            position in
            guard event.key == key else { return }
            ledger.apply(event, at: position.offset)
        }
        try reader.run()
        let deadline = Deadline.after(Self.timeout)
        var isWhole = reader.isCaughtUp
        while !isWhole, Deadline.after(.zero) < deadline {
            try await loop.sleep(for: Self.pollInterval)
            isWhole = reader.isCaughtUp
        }
        await reader.stop()
        return isWhole ? ledger.value : nil
    }
}

/// A ledger that the reader's thread fills.
private final class SharedLedger: Sendable {
    private let ledger = Mutex(SeatLedger())

    var value: SeatLedger { ledger.withLock { $0 } }

    func apply(_ event: Event, at offset: Int64) {
        let entry = LedgerEntry(event)
        ledger.withLock { ledger in
            ledger.apply(
                SeatLedger.Entry(
                    id: event.id,
                    offset: offset,
                    bookingID: entry?.requestID ?? event.id,
                    seats: entry?.seats ?? ["?"],
                    status: entry?.status ?? "unreadable"
                )
            )
        }
    }
}
