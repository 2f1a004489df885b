import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Hands what happens at sockets to the hub, and wakes it.
struct PresenceObserver: LiveObserver {
    let hub: PresenceHub
    let work: DueWork

    func opened(_ listener: Listener) {
        hub.note { $0.open(listener.userID, at: $1) }
        work.wake()
    }

    func closed(_ listener: Listener) {
        hub.note { machine, _ in machine.close(listener.userID) }
        work.wake()
    }

    /// That somebody is back is noticed with the next step: it is no hurry, and frames are many.
    func acted(_ listener: Listener) { hub.note { $0.act(listener.userID, at: $1) } }

    func typed(_ listener: Listener, in room: Identifier) {
        hub.note { $0.type(listener.userID, in: room, at: $1) }
        work.wake()
    }

    func sent(_ listener: Listener, in room: Identifier) {
        var hasStopped = false
        hub.note { machine, _ in hasStopped = machine.stopTyping(listener.userID, in: room) }
        if hasStopped { work.wake() }
    }

    func seen(_ user: Identifier, _ seq: Int64, in room: Identifier) {
        hub.note { machine, _ in machine.read(user, in: room, upTo: seq) }
        work.wake()
    }
}

extension ServiceBuilder {
    /// Presence in this process: told to the others by the log, and heard from them, what still holds included.
    func presence(_ database: Database, _ live: Live) throws -> PresenceObserver {
        let producer = try LossyProducer(configuration.kafka, logger: logger)
        onStop { producer.stop() }
        let hub = PresenceHub(database: database, live: live, clock: clock, logger: logger) { producer.send($0) }
        let work = whenDue("presence", hub.step)
        let start = clock.now.adding(milliseconds: -PresenceTable.lifetimeMilliseconds)
        try broadcast(topics: [.presenceEvents], from: .time(start)) { event, _ in
            hub.hear(event)
            work.wake()
        }
        return PresenceObserver(hub: hub, work: work)
    }
}
