internal import Synchronization

/// Whom the writer thread tells what.
final class DatabaseHooks: Sendable {
    let slowWrite: @Sendable (UInt64) -> Void
    let checkpointFailed: @Sendable (DatabaseError) -> Void
    let outboxTail = OutboxTail()
    private let outboxObservers = Mutex<[@Sendable () -> Void]>([])

    init(_ configuration: Database.Configuration) {
        self.slowWrite = configuration.slowWrite
        self.checkpointFailed = configuration.checkpointFailed
    }

    func addOutboxObserver(_ wake: @escaping @Sendable () -> Void) {
        outboxObservers.withLock { observers in observers.append(wake) }
    }

    func outboxGrew(by rows: [OutboxRow]) {
        outboxTail.append(rows)
        for wake in outboxObservers.withLock(\.self) { wake() }
    }
}
