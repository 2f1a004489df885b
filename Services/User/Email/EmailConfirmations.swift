import Contracts
import Persistence
import Security
import System

/// Proves that addresses are their users', and changes them: the new address confirms, the old one is told.
struct EmailConfirmations: Sendable {
    let accounts: Accounts
    let mails: AccountMails

    // MARK: Asking

    /// Asks a new account's address for its proof, in the transaction that makes the account; then `mails.wake()`.
    func begin(for user: User, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        try ask(user, toConfirm: user.email, at: now, transaction)
    }

    /// Sends a secret again, to the address that waits for its proof; the former secret is worth nothing then.
    func repeatMail(
        of id: Identifier,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> EmailConfirmation {
        guard let user = try transaction.connection.user(id) else { throw UserError.notFound }
        let waiting = try transaction.connection.confirmation(of: id, at: now)
        if waiting == nil, user.emailVerifiedAt != nil { throw UserError.nothingToConfirm }
        try use(.mailsOfAccount, of: id, at: now, transaction)
        return try ask(user, toConfirm: waiting?.email ?? user.email, at: now, transaction)
    }

    /// Asks a new address whether an account shall change to it; its user has shown the password. The answer is the same
    /// when another account has the address; that one is told.
    func requestChange(
        of id: Identifier,
        to email: EmailAddress,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> EmailConfirmation {
        guard let user = try transaction.connection.user(id) else { throw UserError.notFound }
        if email == user.email, user.emailVerifiedAt != nil { throw UserError.nothingToConfirm }
        try use(.mailsOfAccount, of: id, at: now, transaction)
        if email != user.email {
            try mails.add(.changeRequested(to: email.masked), to: user.email, about: user, at: now, transaction)
        }
        return try ask(user, toConfirm: email, at: now, transaction)
    }

    /// Takes back what was asked; without anything, nothing happens.
    func cancel(of id: Identifier) async throws {
        try await accounts.database.write { transaction in try transaction.deleteConfirmation(of: id) }
    }

    @discardableResult
    private func ask(
        _ user: User,
        toConfirm email: EmailAddress,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> EmailConfirmation {
        let secret = SecureRandom.token()
        let end = now.adding(seconds: EmailConfirmation.lifetimeSeconds)
        let confirmation = EmailConfirmation(userID: user.id, email: email, expiresAt: end)
        try transaction.save(confirmation, digest: EmailConfirmation.digest(of: secret))
        if email == user.email {
            let mail = AccountMail.verification(link: mails.link(secret), secret: secret)
            try mails.add(mail, to: email, about: user, until: end, at: now, transaction)
        } else if let owner = try transaction.connection.user(email: email) {
            try mails.add(.taken, to: email, about: owner, at: now, transaction)
        } else {
            let mail = AccountMail.change(link: mails.link(secret), secret: secret)
            try mails.add(mail, to: email, about: user, until: end, at: now, transaction)
        }
        return confirmation
    }

    // MARK: Confirming

    /// Takes a secret for what it was sent: the address is proved, and becomes the account's. One that another account has
    /// got meanwhile violates a constraint; see `UserError.init(_:)`.
    func confirm(
        _ secret: String,
        at now: Timestamp,
        traceparent: String?,
        _ transaction: borrowing Transaction
    ) throws {
        let digest = EmailConfirmation.digest(of: secret)
        guard let confirmation = try transaction.takeConfirmation(digest: digest, at: now),
            let user = try transaction.connection.user(confirmation.userID)
        else { throw UserError.secretIsGone }
        var changed = user
        changed.email = confirmation.email
        changed.emailVerifiedAt = now
        changed.version += 1
        try transaction.update(changed)
        guard changed.email != user.email else {
            let updated = UserUpdated(userID: user.id, timestamp: now)
            return try transaction.publishChange(updated, of: changed, traceparent: traceparent)
        }
        try transaction.forgetResponses(scope: user.email.text)
        try transaction.publishProfile(of: changed, at: now, traceparent: traceparent)
        let event = UserEmailChanged(userID: user.id, timestamp: now)
        try transaction.publishChange(event, of: changed, traceparent: traceparent)
        let notice = AccountMail.changed(to: changed.email.masked)
        try mails.add(notice, to: user.email, about: changed, at: now, transaction)
    }

    /// Forgets what nobody confirmed in time, counts that are old, and which handles rested.
    func prune() async throws {
        let now = accounts.clock.now
        try await accounts.database.write(priority: .background) { transaction in
            try transaction.forgetConfirmations(before: now, limit: 500)
            let old = now.adding(seconds: -Allowance.longestWindowSeconds)
            try transaction.forgetAllowances(before: old, limit: 500)
            try transaction.forgetRetiredHandles(before: now, limit: 500)
        }
    }

    private func use(
        _ allowance: Allowance,
        of id: Identifier,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let key = accounts.key(allowance, of: id)
        guard try !transaction.use(allowance, key, at: now) else { return }
        let seconds = try transaction.connection.wait(allowance, key, at: now) ?? 1
        throw UserError.tooMany(allowance, seconds: seconds)
    }
}
