import Contracts
import Reactor
public import Security
import Synchronization
public import System

/// Decides whose token a request carries: signature, life and revocation, with a bounded cache of signatures that were
/// good. Any thread.
public final class TokenChecker: Sendable {
    /// Tokens kept in each of two generations.
    public static let cacheGeneration = 8192
    /// Fetches of the key set for unknown key ids: one in so many milliseconds.
    public static let refetchInterval: Int64 = 10_000
    /// The pause after a fetch that failed, in milliseconds.
    public static let retryInterval: Int64 = 1000

    /// A token that was good, as a key. It ends in its signature, so its last bytes tell it from others: to hash all of it
    /// would cost more than the look-up.
    private struct Key: Hashable {
        let text: String

        func hash(into hasher: inout Hasher) {
            var word: UInt64 = 0
            for byte in text.utf8.suffix(16) { word = word &* 0x0100_0000_01B3 ^ UInt64(byte) }
            hasher.combine(word)
        }
    }

    private struct Cache {
        var young: [Key: AccessToken] = [:]
        var old: [Key: AccessToken] = [:]

        mutating func find(_ text: Key) -> AccessToken? {
            if let token = young[text] { return token }
            guard let token = old[text] else { return nil }
            keep(token, for: text)
            return token
        }

        mutating func keep(_ token: AccessToken, for text: Key) {
            if young.count >= TokenChecker.cacheGeneration {
                old = young
                young = [:]
            }
            young[text] = token
        }
    }

    private struct State {
        var verifier: TokenVerifier
        var cache = Cache()
        var lastFetch: Timestamp?
        var hasFetchFailed = false
        var isFetching = false
        /// Those who need what is being fetched.
        var waiting: [Waiter<Void>] = []
    }

    private let state: Mutex<State>
    private let clock: WallClock
    private let fetchKeys: @Sendable () async throws -> JSONWebKeySet
    /// What has been revoked.
    public let revocations: RevocationList

    /// A checker. `fetchKeys` asks Auth for its keys; it is called for an unknown key id, at most every 10 s.
    public init(
        issuer: String,
        audience: String,
        keys: [VerifyingKey] = [],
        revocations: RevocationList,
        clock: WallClock = .system,
        fetchKeys: @escaping @Sendable () async throws -> JSONWebKeySet
    ) {
        state = Mutex(State(verifier: TokenVerifier(keys: keys, issuer: issuer, audience: audience)))
        self.revocations = revocations
        self.clock = clock
        self.fetchKeys = fetchKeys
    }

    /// The content of a good token. Throws ``Problem``: `invalid_token`, `token_expired` or `token_revoked`; `unavailable`
    /// for an unknown key while Auth cannot be asked: the token may be good.
    public func check(_ text: String) async throws(Problem) -> AccessToken {
        let now = clock.now
        let token = try await verified(text, at: now)
        do throws(TokenError) {
            try TokenVerifier.checkLife(of: token, at: now)
        } catch {
            throw Self.problem(for: error)
        }
        guard !revocations.isRevoked(token) else { throw Problem(.tokenRevoked) }
        return token
    }

    /// The token of an `Authorization: Bearer` field. Throws `unauthenticated` when it is absent or of another scheme.
    public func check(authorization: String?) async throws(Problem) -> AccessToken {
        guard let text = authorization?.utf8, let space = text.firstIndex(of: UInt8(ascii: " ")),
            Self.isBearer(text[..<space])
        else { throw Problem(.unauthenticated) }
        return try await check(String(Substring(text[text.index(after: space)...])))
    }

    private static func isBearer(_ scheme: Substring.UTF8View) -> Bool {
        var word: UInt64 = 0
        guard scheme.count == 6 else { return false }
        for byte in scheme { word = word << 8 | UInt64(byte | 0x20) }
        return word == 0x6265_6172_6572
    }

    /// Replaces the keys, for a service that holds them itself.
    public func use(keys: [VerifyingKey]) {
        state.withLock { $0.verifier.keys = Dictionary(keys.map { ($0.keyID, $0) }) { first, _ in first } }
    }

    private func verified(_ text: String, at now: Timestamp) async throws(Problem) -> AccessToken {
        if let known = state.withLock({ $0.cache.find(Key(text: text)) }) { return known }
        do throws(TokenError) {
            return try verifyAndKeep(text, at: now)
        } catch {
            guard case .unknownKey = error, try await hasNewKeys(at: now) else { throw Self.problem(for: error) }
        }
        do throws(TokenError) {
            return try verifyAndKeep(text, at: now)
        } catch {
            throw Self.problem(for: error)
        }
    }

    private func verifyAndKeep(_ text: String, at now: Timestamp) throws(TokenError) -> AccessToken {
        let verifier = state.withLock { $0.verifier }
        let token = try verifier.verify(text, at: now)
        state.withLock { $0.cache.keep(token, for: Key(text: text)) }
        return token
    }

    private enum Fetch {
        case due
        case underWay(Waiter<Void>)
        /// The last answer is fresh.
        case tooSoon
        /// There was no answer a moment ago.
        case failed
    }

    /// Fetches the keys, for Auth may have begun to sign with a new one; requests that come meanwhile wait for the same
    /// fetch. False when the last answer is fresh: the key is none of Auth's.
    private func hasNewKeys(at now: Timestamp) async throws(Problem) -> Bool {
        let unavailable = Problem(.unavailable, "the signing keys cannot be read", retryAfter: 1)
        switch beginFetch(at: now) {
        case .tooSoon: return false
        case .failed: throw unavailable
        case .underWay(let waiter):
            guard (try? await waiter.wait()) != nil else { throw unavailable }
        case .due:
            let fetched = try? await fetchKeys()
            if let fetched { use(keys: fetched.keys) }
            let waiting = state.withLock { state in
                defer { (state.isFetching, state.waiting) = (false, []) }
                state.hasFetchFailed = fetched == nil
                return state.waiting
            }
            for waiter in waiting { waiter.resume(fetched == nil ? .failure(unavailable) : .success(())) }
            guard fetched != nil else { throw unavailable }
        }
        return true
    }

    private func beginFetch(at now: Timestamp) -> Fetch {
        state.withLock { state in
            if state.isFetching {
                let waiter = Waiter<Void>()
                state.waiting.append(waiter)
                return .underWay(waiter)
            }
            let pause = state.hasFetchFailed ? Self.retryInterval : Self.refetchInterval
            // A fetch in the future: the clock was set back since.
            if let last = state.lastFetch, (0..<pause).contains(now.milliseconds - last.milliseconds) {
                return state.hasFetchFailed ? .failed : .tooSoon
            }
            (state.lastFetch, state.isFetching) = (now, true)
            return .due
        }
    }

    private static func problem(for error: TokenError) -> Problem {
        error == .expired ? Problem(.tokenExpired) : Problem(.invalidToken)
    }
}
