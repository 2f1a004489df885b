import EventLog
import Reactor
import Synchronization

/// A copy of a broker's log that is being made: first the broker stands still, then, released, it copies.
///
/// Any thread.
public final class BrokerCopy: Sendable {
    private let hold: LogHold
    fileprivate let finished = Waiter<Void>()
    /// The cluster that it is a copy of, as clients are told it.
    public let clusterID: String

    fileprivate init(_ hold: LogHold, clusterID: String) {
        self.hold = hold
        self.clusterID = clusterID
    }

    /// Lets the broker go on and waits for the copy. Call once. Errors: LogCopyError; `expired` when the broker had gone on
    /// before, so that the copy and what was to go with it are not of one instant.
    public func finish() async throws {
        guard hold.release() else { throw LogCopyError.expired }
        try await finished.wait()
    }

    /// Lets the broker go on; there will be no copy.
    public func cancel() { hold.cancel() }
}

extension Broker {
    /// Stands still, for so long at most, and begins a copy of the whole log in a directory (`LogStore.copy`); returns when
    /// it does. Producers and who commits offsets wait meanwhile, readers get what there is, topics stay as they are until
    /// the copy is made. Errors: LogCopyError, LogError.closed.
    public func hold(milliseconds: Int32, copyingTo directory: String) async throws -> BrokerCopy {
        let hold = try LogHold(milliseconds: milliseconds)
        let copy = BrokerCopy(hold, clusterID: core.store.clusterID.kafkaText)
        let (store, held) = (core.store, Waiter<Void>())
        let isAccepted = store.background {
            do {
                try store.copy(to: directory, during: hold) { held.resume(.success(())) }
                copy.finished.resume(.success(()))
            } catch {
                // Whichever is waited for; the other stays unread.
                held.resume(.failure(error))
                copy.finished.resume(.failure(error))
            }
        }
        guard isAccepted else { throw LogError.closed }
        try await held.wait()
        return copy
    }
}
