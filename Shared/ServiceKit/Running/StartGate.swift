import Synchronization

/// Opens once, when as many have come as were awaited.
final class StartGate: Sendable {
    private let awaited: Mutex<Int>
    private let open: @Sendable () -> Void

    /// Opens at once when nobody is awaited.
    init(awaiting count: Int, _ open: @escaping @Sendable () -> Void) {
        awaited = Mutex(count)
        self.open = open
        if count == 0 { open() }
    }

    /// One has come. Any thread.
    func arrive() {
        let isLast = awaited.withLock { awaited in
            awaited -= 1
            return awaited == 0
        }
        if isLast { open() }
    }
}
