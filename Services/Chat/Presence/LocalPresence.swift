import System

/// The people whose sockets are open at this process, over all their devices: online while one of them does something,
/// away when all have been idle for a while, offline without one. A state machine; the clock comes in.
struct LocalPresence: Sendable {
    /// Idle time in milliseconds after which a person is away.
    static let awayAfterMilliseconds: Int64 = 300_000
    /// The shortest time between two changes of one person that others are told of: what comes faster is told as one.
    static let intervalMilliseconds: Int64 = 1000
    /// How often a state is told again, so that others believe it on, and know it when they start or have missed it.
    static let repeatMilliseconds: Int64 = 30_000
    /// How often is looked for people who have become idle or are to be told of again.
    static let sweepMilliseconds: Int64 = 5000

    private struct Person {
        var sockets = 0
        var activeAt: Timestamp
        var told = PresenceState.offline
        var toldAt: Timestamp?

        func state(at now: Timestamp) -> PresenceState {
            guard sockets > 0 else { return .offline }
            return now.isPast(activeAt, by: awayAfterMilliseconds) ? .away : .online
        }

        func isToBeTold(at now: Timestamp) -> Bool {
            let state = state(at: now)
            guard state == told else { return true }
            return state != .offline && toldAt.map { now.isPast($0, by: repeatMilliseconds) } ?? true
        }
    }

    private var people: [Identifier: Person] = [:]
    private var changed: Set<Identifier> = []
    private var sweptAt = Timestamp(milliseconds: 0)

    /// A person has opened a socket.
    mutating func open(_ user: Identifier, at now: Timestamp) {
        people[user, default: Person(activeAt: now)].sockets += 1
        people[user]?.activeAt = now
        changed.insert(user)
    }

    /// One of a person's sockets has ended.
    mutating func close(_ user: Identifier) {
        guard let sockets = people[user]?.sockets, sockets > 0 else { return }
        people[user]?.sockets = sockets - 1
        if sockets == 1 { changed.insert(user) }
    }

    /// A person did something.
    mutating func act(_ user: Identifier, at now: Timestamp) {
        guard let place = people.index(forKey: user) else { return }
        people.values[place].activeAt = now
        if people.values[place].told != .online { changed.insert(user) }
    }

    /// Forgets an erased person.
    mutating func forget(_ user: Identifier) {
        people[user] = nil
        changed.remove(user)
    }

    /// What others are to be told, of each person at most once a second.
    mutating func step(at now: Timestamp) -> [PresenceUpdate] {
        if now.isPast(sweptAt, by: Self.sweepMilliseconds) {
            sweptAt = now
            for (user, person) in people where person.isToBeTold(at: now) { changed.insert(user) }
        }
        var updates: [PresenceUpdate] = []
        for user in changed {
            guard var person = people[user], isFree(person, at: now) else { continue }
            changed.remove(user)
            if person.isToBeTold(at: now) {
                (person.told, person.toldAt) = (person.state(at: now), now)
                updates.append(PresenceUpdate(userID: user, state: person.told, seenAt: person.activeAt))
                // Who is gone is forgotten with the next step, when there might be another word about them.
                if person.told == .offline { changed.insert(user) }
                people[user] = person
            } else if person.sockets == 0 {
                people[user] = nil
            }
        }
        return updates
    }

    /// When there is something to do next; nil while nobody is there.
    var due: Timestamp? {
        let change = changed.lazy.compactMap { people[$0].map(earliest) }.min()
        let sweep = people.isEmpty ? nil : sweptAt.adding(milliseconds: Self.sweepMilliseconds)
        return [change, sweep].compactMap { $0 }.min()
    }

    /// When the next word about a person may be said.
    private func earliest(of person: Person) -> Timestamp {
        person.toldAt?.adding(milliseconds: Self.intervalMilliseconds) ?? Timestamp(milliseconds: 0)
    }

    private func isFree(_ person: Person, at now: Timestamp) -> Bool {
        person.toldAt.map { now.isPast($0, by: Self.intervalMilliseconds) } ?? true
    }
}
