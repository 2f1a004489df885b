import Reactor
import Security

/// What passwords must be, and the threads that hash them: one hash takes 40 ms of a core and 19 MiB, so they are few and
/// what waits for them is bounded.
struct Passwords: Sendable {
    /// Characters at least where the password is all that is asked (NIST SP 800-63B-4). What was set before stays good.
    static let minimumLength = 15
    /// Characters at least beside a second factor, which cannot end before the password is longer.
    static let minimumLengthBesideFactor = 8
    /// Characters at most: far above what people type, far below what would cost.
    static let maximumLength = 256
    /// The least strength in bits of guessing (zxcvbn): refuses what stands in lists of common passwords.
    static let minimumBits = 20.0
    /// Characters of a name that count as a name: shorter ones are part of many words.
    static let minimumNameLength = 4
    /// Characters that must be left of a password without the names in it.
    static let minimumOwnLength = 8
    /// Hashes that may wait for a thread before callers get `overloaded`.
    static let queueLimit = 64

    /// Threads that hash when nothing is said: 50 log-ins a second.
    static let defaultThreads = 2

    /// Why a password is refused.
    enum Weakness: String, Sendable {
        case tooShort = "too_short"
        case tooLong = "too_long"
        case guessable
        /// It is the address, or little but a name.
        case containsName = "contains_name"
        /// It was stolen elsewhere, and is what guessers try first.
        case breached
    }

    private let pool: WorkerPool
    private let parameters: PasswordHash
    /// What an unknown account's password is checked against, so the answer takes as long as for a known one.
    private let decoy: String

    /// Starts the threads; hashes once. Blocks.
    init(threads: Int, parameters: PasswordHash = .standard) throws {
        pool = try WorkerPool(name: "argon2", threads: threads, queueLimit: Self.queueLimit)
        self.parameters = parameters
        decoy = try parameters.hash(Hexadecimal.encode(SecureRandom.bytes(16)))
    }

    /// Whether the password is good only beside a second factor.
    static func isShort(_ password: String) -> Bool { password.count < minimumLength }

    /// Nil when the password will do for someone with these names.
    static func weakness(of password: String, related: [String], besideFactor: Bool = false) -> Weakness? {
        if password.count < (besideFactor ? minimumLengthBesideFactor : minimumLength) { return .tooShort }
        if password.count > maximumLength || password.utf8.count > PasswordHash.passwordLimit { return .tooLong }
        if PasswordStrength.bits(of: password, related: hints(related)) < minimumBits { return .guessable }
        return isMadeOfNames(password, related) ? .containsName : nil
    }

    /// Whether the whole address is part of the password, or too little is left of it without the names.
    private static func isMadeOfNames(_ password: String, _ names: [String]) -> Bool {
        var rest = password.lowercased()
        for name in hints(names).map({ $0.lowercased() }).sorted(by: { $0.count > $1.count })
        where name.count >= minimumNameLength && rest.contains(name) {
            if name.contains("@") { return true }
            rest = rest.replacing(name, with: "")
        }
        return rest.count < minimumOwnLength
    }

    /// The names, what stands before the `@` of an address, and the words they are made of.
    private static func hints(_ names: [String]) -> [String] {
        let local = names.filter { $0.contains("@") }.map { String($0.prefix { $0 != "@" }) }
        let words = (local + names).flatMap { $0.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
        return ["marquee"] + names + local + words
    }

    /// The PHC string to store.
    func hash(_ password: String) async throws -> String {
        try await pool.run { [parameters] in try parameters.hash(password) }
    }

    /// Whether the password is the one behind the stored string, and a stronger string when that one has become weak.
    /// Without a stored string the same work is done and the answer is no.
    func verify(_ password: String, against stored: String?) async throws -> (isRight: Bool, rehashed: String?) {
        try await pool.run { [parameters, decoy] in
            guard PasswordHash.verify(password, against: stored ?? decoy), let stored else { return (false, nil) }
            return (true, parameters.needsRehash(stored) ? try parameters.hash(password) : nil)
        }
    }

    /// Ends the threads. Blocks.
    func shutdown() { pool.shutdown() }
}
