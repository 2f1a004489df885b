import System

/// What all Chat processes say of people, this one included: each claims a state for those whose sockets it has and repeats
/// it, so the claims of a process that has died end by themselves. A person's state is the best that is claimed. A state
/// machine; the clock comes in.
struct PresenceTable: Sendable {
    /// How long a claim holds in milliseconds: two repetitions may be lost.
    static let lifetimeMilliseconds: Int64 = 75_000
    /// Who is gone for less than this has only opened another socket, perhaps at another process.
    static let graceMilliseconds: Int64 = 5000

    private struct Claim {
        var state: PresenceState
        var expiresAt: Timestamp
    }

    private struct Person {
        var claims: [Identifier: Claim] = [:]
        var shown = PresenceState.offline
        var seenAt = Timestamp(milliseconds: 0)
        /// When the last claim ended.
        var goneAt: Timestamp?

        var state: PresenceState { claims.values.lazy.map(\.state).max() ?? .offline }
    }

    private var people: [Identifier: Person] = [:]
    private var changed: Set<Identifier> = []
    private var sweptAt = Timestamp(milliseconds: 0)

    /// A process says how one of its users is, and until when that is to be believed.
    mutating func hear(_ update: PresenceUpdate, from process: Identifier, until limit: Timestamp, at now: Timestamp) {
        let user = update.userID
        let expiresAt = min(limit, now.adding(milliseconds: Self.lifetimeMilliseconds))
        let isClaim = update.state != .offline && expiresAt > now
        guard isClaim || people[user] != nil else { return }
        var person = people[user] ?? Person()
        person.claims[process] = isClaim ? Claim(state: update.state, expiresAt: expiresAt) : nil
        person.seenAt = max(person.seenAt, min(update.seenAt, now))
        keep(person, of: user, at: now)
    }

    /// Who has become something else; who is gone only after a grace.
    mutating func step(at now: Timestamp) -> [PresenceUpdate] {
        if now.isPast(sweptAt, by: LocalPresence.sweepMilliseconds) { sweep(at: now) }
        var updates: [PresenceUpdate] = []
        for user in changed {
            guard var person = people[user], isFree(person, at: now) else { continue }
            changed.remove(user)
            if person.state != person.shown {
                person.shown = person.state
                updates.append(PresenceUpdate(userID: user, state: person.shown, seenAt: person.seenAt))
            }
            people[user] = person.claims.isEmpty ? nil : person
        }
        return updates
    }

    /// When there is something to do next; nil while nobody is there.
    var due: Timestamp? {
        let change = changed.lazy.compactMap { people[$0].map(earliest) }.min()
        let sweep = people.isEmpty ? nil : sweptAt.adding(milliseconds: LocalPresence.sweepMilliseconds)
        return [change, sweep].compactMap { $0 }.min()
    }

    /// How a person is shown to be; nil when offline.
    func state(of user: Identifier) -> PresenceUpdate? {
        guard let person = people[user], person.shown != .offline else { return nil }
        return PresenceUpdate(userID: user, state: person.shown, seenAt: person.seenAt)
    }

    /// Forgets an erased person.
    mutating func forget(_ user: Identifier) {
        people[user] = nil
        changed.remove(user)
    }

    private mutating func keep(_ person: Person, of user: Identifier, at now: Timestamp) {
        var person = person
        person.goneAt = person.claims.isEmpty ? person.goneAt ?? now : nil
        if person.state != person.shown || person.claims.isEmpty { changed.insert(user) }
        people[user] = person
    }

    /// When a change may be shown.
    private func earliest(of person: Person) -> Timestamp {
        person.goneAt?.adding(milliseconds: Self.graceMilliseconds) ?? Timestamp(milliseconds: 0)
    }

    private func isFree(_ person: Person, at now: Timestamp) -> Bool {
        person.goneAt.map { now.isPast($0, by: Self.graceMilliseconds) } ?? true
    }

    /// Ends the claims of processes that have said nothing for too long.
    private mutating func sweep(at now: Timestamp) {
        sweptAt = now
        for (user, person) in people where person.claims.values.contains(where: { $0.expiresAt <= now }) {
            var person = person
            person.claims = person.claims.filter { $0.value.expiresAt > now }
            keep(person, of: user, at: now)
        }
    }
}
