import Contracts
import EventBus
import Persistence
import Security
import System
import Telemetry

/// What can be done with accounts. Each change is one transaction of state and events; what it returns is durable.
struct Accounts: Sendable {
    /// Handles proposed for somebody who chose none, before giving up.
    static let maximumProposals = 50

    let database: Database
    let passwords: Passwords
    let clock: WallClock
    /// Hides in the store whose allowances it counts.
    let secret: [UInt8]
    /// Where known passwords are asked for; nil asks nobody.
    var breached: BreachedPasswords?

    /// The trace of the present task, for the events it causes.
    static var traceparent: String? { TraceContext.current?.traceparent }

    /// What somebody who signs up has said.
    struct Registration: Sendable {
        var email: EmailAddress
        var password: Secret
        var displayName: DisplayName
        var handle: Handle?
        var locale: Locale = .standard
        var role: Role = .user
        /// Whether the address needs no proof.
        var isVerified = false

        /// What proves later that it is they.
        enum Secret: Sendable {
            case password(String)
            /// Of a password that another program has hashed.
            case hash(String)
        }
    }

    // MARK: Account

    /// A registration whose password has been judged and hashed; ``Transaction/register(_:at:traceparent:)`` makes the account.
    struct PreparedRegistration: Sendable {
        let registration: Registration
        let passwordHash: String
    }

    /// Judges and hashes the password, outside any transaction. One that another program has hashed cannot be judged.
    func prepare(_ registration: Registration) async throws -> PreparedRegistration {
        switch registration.password {
        case .hash(let hash):
            guard PasswordHash.canVerify(hash) else { throw UserError.unknownHash }
            return PreparedRegistration(registration: registration, passwordHash: hash)
        case .password(let password):
            let names = [registration.email.text, registration.displayName.text, registration.handle?.text ?? ""]
            try await judge(password, related: names)
            return PreparedRegistration(registration: registration, passwordHash: try await passwords.hash(password))
        }
    }

    /// Refuses a new password that will not do for someone with these names.
    private func judge(_ password: String, related names: [String], besideFactor: Bool = false) async throws {
        if let weakness = Passwords.weakness(of: password, related: names, besideFactor: besideFactor) {
            throw UserError.weakPassword(weakness)
        }
        if try await breached?.contain(password) == true { throw UserError.weakPassword(.breached) }
    }

    /// Makes an account.
    func register(_ registration: Registration) async throws -> User {
        let (prepared, now, traceparent) = (try await prepare(registration), clock.now, Self.traceparent)
        return try await writing { transaction in
            try transaction.register(prepared, at: now, secret: secret, traceparent: traceparent)
        }
    }

    /// Changes a profile that still has the given version.
    func change(
        _ id: Identifier,
        _ change: ProfileChange,
        ifVersion version: @escaping @Sendable (Int64) -> Bool
    ) async throws -> User {
        let (now, traceparent) = (clock.now, Self.traceparent)
        return try await writing { transaction in
            guard let user = try transaction.connection.user(id) else { throw UserError.notFound }
            guard version(user.version) else { throw UserError.changedMeanwhile }
            let changed = change.applied(to: user)
            guard changed != user else { return user }
            try transaction.update(changed)
            if changed.handle.key != user.handle.key {
                try transaction.exchange(user.handle, for: changed.handle, of: id, secret: secret, at: now)
            }
            try transaction.publishProfile(of: changed, at: now, traceparent: traceparent)
            try transaction.publishChange(
                UserUpdated(userID: id, timestamp: now),
                of: changed,
                traceparent: traceparent
            )
            return changed
        }
    }

    /// Deletes an account and says how its erasure everywhere can be followed.
    func delete(_ id: Identifier) async throws -> (Erasure, token: String) {
        let (now, traceparent) = (clock.now, Self.traceparent)
        let token = SecureRandom.token()
        let erasure = Erasure(id: .version7(at: now), userID: id, requestedAt: now, receipts: [:])
        try await database.write { transaction in
            guard let user = try transaction.connection.user(id) else { throw UserError.notFound }
            if user.role == .admin, try !transaction.connection.hasAdmin(besides: id) { throw UserError.lastAdmin }
            guard try transaction.delete(user, at: now, secret: secret) else { throw UserError.notFound }
            try transaction.insert(erasure, token: token)
            try transaction.publishDeletion(of: user, erasure, at: now, traceparent: traceparent)
        }
        return (erasure, token)
    }

    // MARK: Credentials

    /// Whose the address and password are. An unknown address costs as much time as a wrong password.
    func verify(email: String, password: String) async throws -> User {
        let address = EmailAddress(email)
        let found = try await database.read { connection -> (User, String?)? in
            guard let address, let user = try connection.user(email: address) else { return nil }
            return (user, try connection.passwordHash(of: user.id))
        }
        let (isRight, rehashed) = try await passwords.verify(password, against: found?.1)
        guard let (user, hash) = found, isRight else { throw UserError.invalidCredentials(of: found?.0.id) }
        guard user.ban == nil else { throw UserError.banned(user.id) }
        if let rehashed, let hash {
            try await database.write { transaction in
                try transaction.renewPasswordHash(rehashed, of: user.id, replacing: hash)
            }
        }
        return user
    }

    /// Makes sure that somebody who is logged in knows the password; says what is stored of it. Wrong ones are counted.
    @discardableResult
    func prove(_ id: Identifier, password: String) async throws -> String {
        let (now, key) = (clock.now, key(.passwordGuesses, of: id))
        let (stored, wait) = try await database.read { connection in
            (try connection.passwordHash(of: id), try connection.wait(.passwordGuesses, key, at: now))
        }
        guard let stored else { throw UserError.notFound }
        if let wait { throw UserError.tooMany(.passwordGuesses, seconds: wait) }
        guard try await passwords.verify(password, against: stored).isRight else {
            _ = try await database.write { transaction in try transaction.use(.passwordGuesses, key, at: now) }
            throw UserError.invalidCredentials(of: id)
        }
        return stored
    }

    /// Whose allowance it is.
    func key(_ allowance: Allowance, of id: Identifier) -> AllowanceKey {
        AllowanceKey(allowance, of: id.description, secret: secret)
    }

    /// Changes a password whose owner knows it.
    func changePassword(of id: Identifier, from current: String, to new: String)
        async throws
    {
        let hash = try await prove(id, password: current)
        try await setPassword(of: id, to: new, replacing: hash)
    }

    /// Sets a password, after Auth has made sure whose wish it is. Every session ends by the event.
    func setPassword(
        of id: Identifier,
        to new: String,
        replacing old: String? = nil
    ) async throws {
        let (user, hasFactor) = try await database.read { connection in
            (try connection.user(id), try connection.hasSecondFactor(id))
        }
        guard let user else { throw UserError.notFound }
        let names = [user.email.text, user.displayName.text, user.handle.text]
        try await judge(new, related: names, besideFactor: hasFactor)
        let isShort = Passwords.isShort(new)
        let hash = try await passwords.hash(new)
        let (now, traceparent) = (clock.now, Self.traceparent)
        try await database.write { transaction in
            guard var user = try transaction.connection.user(id) else { throw UserError.notFound }
            if isShort, try !transaction.connection.hasSecondFactor(id) { throw UserError.weakPassword(.tooShort) }
            guard try transaction.setPasswordHash(hash, of: id, replacing: old, isShort: isShort) else {
                throw UserError.changedMeanwhile
            }
            user.version += 1
            try transaction.update(user)
            try transaction.publishChange(
                UserPasswordChanged(userID: id, timestamp: now),
                of: user,
                traceparent: traceparent
            )
        }
    }

    // MARK: People

    /// Blocks or mutes somebody; a repeat changes nothing.
    func add(_ kind: Relation, of id: Identifier, to target: Identifier) async throws {
        guard id != target else { throw UserError.targetIsSelf }
        let (now, traceparent) = (clock.now, Self.traceparent)
        try await database.write { transaction in
            guard let user = try transaction.connection.user(id), try transaction.connection.user(target) != nil else {
                throw UserError.notFound
            }
            guard try transaction.connection.countTargets(of: id, kind) < Relation.limit else {
                throw UserError.tooManyRelations
            }
            guard try transaction.insert(kind, of: id, to: target, at: now) else { return }
            try transaction.publishRelation(kind, exists: true, of: user, to: target, at: now, traceparent: traceparent)
        }
    }

    /// Ends a block or a mute; without one, nothing happens.
    func remove(_ kind: Relation, of id: Identifier, to target: Identifier) async throws {
        let (now, traceparent) = (clock.now, Self.traceparent)
        try await database.write { transaction in
            guard let user = try transaction.connection.user(id) else { throw UserError.notFound }
            guard try transaction.delete(kind, of: id, to: target) else { return }
            try transaction.publishRelation(
                kind,
                exists: false,
                of: user,
                to: target,
                at: now,
                traceparent: traceparent
            )
        }
    }

    /// Runs a write and says which name is taken when one is.
    private func writing<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.write(body)
        } catch let error as DatabaseError {
            throw UserError(error) ?? error
        }
    }
}

extension Transaction {
    /// Makes an account. An address or handle that is taken violates a constraint; see `UserError.init(_:)`. `secret` is
    /// the one of ``Accounts``.
    borrowing func register(
        _ prepared: Accounts.PreparedRegistration,
        at now: Timestamp,
        secret: [UInt8],
        traceparent: String?
    ) throws -> User {
        let registration = prepared.registration
        if let handle = registration.handle, try connection.isRetired(handle, secret: secret, at: now) {
            throw UserError.handleTaken
        }
        let user = User(
            id: .version7(at: now),
            email: registration.email,
            emailVerifiedAt: registration.isVerified ? now : nil,
            handle: try registration.handle ?? freeHandle(for: registration.displayName, secret: secret, at: now),
            displayName: registration.displayName,
            locale: registration.locale,
            role: registration.role,
            createdAt: now,
            version: 1
        )
        try insert(user, passwordHash: prepared.passwordHash)
        try publishRegistration(of: user, at: now, traceparent: traceparent)
        return user
    }

    /// A handle made of the display name that nobody has. Never of the address: handles are public.
    private borrowing func freeHandle(
        for name: DisplayName,
        secret: [UInt8],
        at now: Timestamp
    ) throws -> Handle {
        for attempt in 0..<Accounts.maximumProposals {
            let number = attempt == 0 ? 0 : Int.random(in: 100...(attempt < 10 ? 9999 : 99_999_999))
            let handle = Handle(proposedFrom: name.text, number: number)
            let isFree = try !connection.isTaken(handle) && !connection.isRetired(handle, secret: secret, at: now)
            if isFree { return handle }
        }
        throw UserError.handleTaken
    }
}
