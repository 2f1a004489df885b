public import Contracts
public import Security
import Synchronization
public import System

/// The sessions and users whose tokens are no longer good, kept for as long as such a token could live. Any thread.
public final class RevocationList: Sendable {
    /// How long an entry matters: the longest life of an access token and the clocks' skew, in seconds.
    public static let retentionSeconds: Int64 = 15 * 60 + 60
    /// Entries between two sweeps.
    private static let sweepInterval = 1024

    private struct Entry {
        var notBefore: Timestamp
        var forgetAt: Timestamp
    }

    private struct State {
        var sessions: [Identifier: Timestamp] = [:]
        var users: [Identifier: Entry] = [:]
        var observers: [UInt64: Observer] = [:]
        var nextObserver: UInt64 = 0
        var sinceSweep = 0
        var silence: @Sendable () -> Duration = { .zero }
    }

    private struct Observer {
        var token: AccessToken
        var onRevoked: @Sendable () -> Void
    }

    private let state = Mutex(State())
    private let clock: WallClock
    private let maximumSilence: Duration

    /// An empty list. It is stale when its feed has been silent for longer than `maximumSilence`.
    public init(clock: WallClock = .system, maximumSilence: Duration = .seconds(30)) {
        self.clock = clock
        self.maximumSilence = maximumSilence
    }

    /// Says how the feed is asked for how long it may have missed something. Any thread; must be quick.
    public func observeSilence(_ silence: @escaping @Sendable () -> Duration) {
        state.withLock { $0.silence = silence }
    }

    /// Whether revocations may have happened that are not in the list yet, for longer than is borne: what only admins may
    /// do is refused then, and all else goes on, as a token lives 15 minutes at most.
    public var isStale: Bool {
        let silence = state.withLock(\.silence)
        return silence() > maximumSilence
    }

    /// Takes a revocation in and tells the open streams it concerns. Repeats do no harm.
    public func apply(_ event: SessionRevoked) {
        let now = clock.now
        let forgetAt = max(event.notBefore, now).adding(seconds: Self.retentionSeconds)
        let concerned = state.withLock { state -> [@Sendable () -> Void] in
            if let session = event.sessionID {
                state.sessions[session] = forgetAt
            } else {
                let known = state.users[event.userID]?.notBefore
                let notBefore = max(known ?? event.notBefore, event.notBefore)
                state.users[event.userID] = Entry(notBefore: notBefore, forgetAt: forgetAt)
            }
            Self.sweep(&state, now)
            let gone = state.observers.filter { Self.covers(state, $0.value.token) }
            for key in gone.keys { state.observers[key] = nil }
            return gone.values.map(\.onRevoked)
        }
        for tell in concerned { tell() }
    }

    /// Whether the token was revoked.
    public func isRevoked(_ token: AccessToken) -> Bool {
        state.withLock { Self.covers($0, token) }
    }

    /// Calls `onRevoked` once when the token is revoked, at once when it already is. Keep the result for as long as the
    /// socket or stream lives; it ends the watch with its own end. `onRevoked` runs on any thread and must not block.
    public func watch(_ token: AccessToken, onRevoked: @escaping @Sendable () -> Void) -> RevocationWatch {
        let key = state.withLock { state -> UInt64? in
            guard !Self.covers(state, token) else { return nil }
            state.nextObserver += 1
            state.observers[state.nextObserver] = Observer(token: token, onRevoked: onRevoked)
            return state.nextObserver
        }
        if key == nil { onRevoked() }
        return RevocationWatch(list: self, key: key)
    }

    /// Entries kept now.
    public var count: Int { state.withLock { $0.sessions.count + $0.users.count } }

    fileprivate func endWatch(_ key: UInt64) {
        state.withLock { $0.observers[key] = nil }
    }

    private static func covers(_ state: State, _ token: AccessToken) -> Bool {
        if state.sessions[token.sessionID] != nil { return true }
        return state.users[token.userID].map { token.issuedAt < $0.notBefore } ?? false
    }

    private static func sweep(_ state: inout State, _ now: Timestamp) {
        state.sinceSweep += 1
        guard state.sinceSweep >= sweepInterval else { return }
        state.sinceSweep = 0
        state.sessions = state.sessions.filter { $0.value > now }
        state.users = state.users.filter { $0.value.forgetAt > now }
    }
}

/// Ends a watch when it goes away.
public final class RevocationWatch: Sendable {
    private let list: RevocationList
    private let key: UInt64?

    init(list: RevocationList, key: UInt64?) {
        self.list = list
        self.key = key
    }

    deinit {
        if let key { list.endWatch(key) }
    }
}
