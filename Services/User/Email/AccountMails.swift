import Mailing
import Persistence
import ServiceKit
import System

/// Puts mails about accounts in User's own queue, within the allowance of the address they go to.
struct AccountMails: Sendable {
    /// How long a mail without a secret is worth sending.
    private static let noticeLifetimeSeconds: Int64 = 3 * 86_400

    let queue: MailQueue
    private let work: DueWork
    private let publicURL: String
    private let secret: [UInt8]

    /// `secret` hides addresses in the store of allowances.
    init(queue: MailQueue, work: DueWork, publicURL: String, secret: [UInt8]) {
        (self.queue, self.work, self.publicURL, self.secret) = (queue, work, publicURL, secret)
    }

    /// Tells that a mail was added; after the commit.
    func wake() { work.wake() }

    /// Where a browser hands a secret in. What stands behind the `#` stays in the browser: out of logs and referrers.
    func link(_ secret: String) -> String { "\(publicURL)/#verify-email=\(secret)" }

    /// Adds a mail about an account; beyond the allowance of its address it is left out, and nobody learns that.
    func add(
        _ mail: AccountMail,
        to email: EmailAddress,
        about user: User,
        until end: Timestamp? = nil,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let key = AllowanceKey(.mailsToAddress, of: email.text, secret: secret)
        guard try transaction.use(.mailsToAddress, key, at: now) else { return }
        try queue.add(
            mail.message(to: email, in: user.locale),
            id: .version7(at: now),
            owner: user.id,
            expiresAt: end ?? now.adding(seconds: Self.noticeLifetimeSeconds),
            transaction
        )
    }
}
