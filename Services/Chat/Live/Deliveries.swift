import Contracts
import Synchronization
import System

/// What has reached people's devices, by their sockets: written to the log once a second, one mark a person and room, for
/// there is one for every message and member. Marks of the last second are lost with the process; the next message of the
/// room brings others. Any thread.
final class Deliveries: Sendable {
    /// Between two writings.
    static let period = Duration.seconds(1)

    private let marks = Mutex(RoomMarks())
    private let log: ChatLog
    private let clock: WallClock

    init(log: ChatLog, clock: WallClock) {
        self.log = log
        self.clock = clock
    }

    /// Messages have reached somebody up to one.
    func note(_ user: Identifier, in room: Identifier, upTo seq: Int64) {
        marks.withLock { $0.note(user, in: room, upTo: seq) }
    }

    /// Writes what came since the last time.
    func write() {
        let now = clock.now
        for (place, seq) in marks.withLock({ $0.step() }) {
            log.write(ChatDelivered(roomID: place.roomID, userID: place.userID, seq: seq, timestamp: now)) { _, _ in
                // Nobody waits: what is refused, or lost, changes nothing.
            }
        }
    }
}
