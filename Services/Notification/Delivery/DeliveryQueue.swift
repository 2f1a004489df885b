import Contracts
import EventBus
import Persistence
import System
import Telemetry

/// Sends what is queued on one channel: tried again with back-off, put aside when it is refused for good, dropped when it has
/// been read meanwhile. A crash between the receiver's answer and its record sends once more, under the same id.
struct DeliveryQueue: Sendable {
    private static let batch = 32
    /// Messages on their way at once, so that one slow receiver does not hold up all.
    private static let lanes = 8

    let channel: Channel
    let database: Database
    let clock: WallClock
    let logger: Logger
    /// Tries once.
    let send: @Sendable (Delivery) async throws -> DeliveryOutcome

    /// Sends what is due, and says when the next message is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let channel = channel
        let due = try await database.read {
            try NotificationStore.dueDeliveries(on: channel, at: now, limit: Self.batch, $0)
        }
        for start in stride(from: 0, to: due.count, by: Self.lanes) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for delivery in due[start..<min(start + Self.lanes, due.count)] {
                    group.addTask { try await attempt(delivery) }
                }
                try await group.waitForAll()
            }
        }
        return try await database.read { try NotificationStore.nextDelivery(on: channel, $0) }
    }

    private func attempt(_ delivery: Delivery) async throws {
        let outcome: DeliveryOutcome
        if let unwanted = try await reasonToCancel(delivery) {
            outcome = unwanted
        } else {
            outcome = try await send(delivery)
        }
        switch outcome {
        case .sent(let answer): try await end(delivery, .sent, answer)
        case .cancelled(let reason): try await end(delivery, .cancelled, reason)
        case .refused(let reason), .gone(let reason):
            if case .gone = outcome { try await forget(delivery) }
            try await end(delivery, .failed, reason)
        case .later(let reason, let seconds):
            let now = clock.now
            guard let retry = delivery.retry(after: now) else { return try await end(delivery, .failed, reason) }
            let due = seconds.map { max(retry, now.adding(seconds: min($0, 24 * 3600))) } ?? retry
            try await database.write { try NotificationStore.postpone(delivery, reason, until: due, at: now, $0) }
            warn(delivery, reason)
        }
    }

    /// What is read in the inbox, or taken back, is not sent any more.
    private func reasonToCancel(_ delivery: Delivery) async throws -> DeliveryOutcome? {
        guard delivery.hasEntry, Importance(template: delivery.template) != .critical else { return nil }
        let (id, user) = (delivery.notificationID, delivery.userID)
        guard let entry = try await database.read({ try NotificationStore.find(id, of: user, $0) }) else {
            return .cancelled("taken back")
        }
        return entry.readAt == nil ? nil : .cancelled("read")
    }

    private func end(_ delivery: Delivery, _ state: DeliveryState, _ answer: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            guard try NotificationStore.end(delivery, state, answer, at: now, transaction) else { return }
            switch state {
            case .sent: try transaction.publish(event(NotificationDelivered(delivery, at: now), delivery, at: now))
            case .failed:
                let failed = NotificationFailed(delivery, at: now, reason: answer)
                try transaction.publish(event(failed, delivery, at: now))
            case .cancelled: break
            }
        }
        guard state != .failed else { return warn(delivery, answer) }
        let metadata: Logger.Metadata = ["notification": "\(delivery.notificationID)", "state": "\(state.rawValue)"]
        logger.info("\(channel.rawValue) \(state.rawValue)", metadata: metadata)
    }

    private func forget(_ delivery: Delivery) async throws {
        guard let endpoint = delivery.endpointID else { return }
        let user = delivery.userID
        try await database.write { transaction in
            _ = try NotificationStore.removeSubscription(endpoint, of: user, transaction)
            _ = try NotificationStore.removeWebhook(endpoint, of: user, transaction)
        }
    }

    private func warn(_ delivery: Delivery, _ reason: String) {
        let metadata: Logger.Metadata = ["notification": "\(delivery.notificationID)", "error": "\(reason)"]
        logger.warning("\(channel.rawValue) not sent", metadata: metadata)
    }

    private func event(_ outcome: some EventPayload, _ delivery: Delivery, at now: Timestamp) throws -> Event {
        try Event(outcome, id: .derived(source: "/notification", cause: delivery.id, index: 2), at: now)
    }
}

/// What became of a delivery.
enum DeliveryState: String, Sendable {
    case sent, failed, cancelled
}

extension NotificationOutcome {
    /// The outcome of a delivery.
    init(_ delivery: Delivery, at now: Timestamp, reason: String? = nil) {
        self.init(
            notificationID: delivery.notificationID,
            userID: delivery.userID,
            channel: delivery.channel.rawValue,
            template: delivery.template,
            timestamp: now,
            reason: reason
        )
    }
}
