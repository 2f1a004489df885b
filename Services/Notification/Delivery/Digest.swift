import Persistence
import ServiceKit
import System

/// Notifications that are mailed together. A person has at most one that is open; what comes after it was closed goes into
/// the next, so nothing is in two and nothing is lost between them.
struct Digest: Sendable, Equatable {
    /// Lines that a mail shows; it says how many there are in all.
    static let maximumLines = 20

    var id: Identifier
    var userID: Identifier
    var dueAt: Timestamp
}

/// Closes the digests that are due and queues their mails, each in one transaction.
struct DigestWork: Sendable {
    private static let batch = 32

    let database: Database
    let mails: DueWork

    func step(at now: Timestamp) async throws -> Timestamp? {
        let due = try await database.read { try NotificationStore.dueDigests(at: now, limit: Self.batch, $0) }
        for digest in due {
            try await database.write(priority: .background) { transaction in
                guard try NotificationStore.close(digest, transaction) else { return }
                let notice = Notice(id: digest.id, userID: digest.userID, type: Template.digest, data: [:])
                let delivery = Delivery(notice, on: .email, hasEntry: false)
                try NotificationStore.enqueue(delivery, at: now, due: now, transaction)
                transaction.afterCommit { mails.wake() }
            }
        }
        return try await database.read(NotificationStore.nextDigest)
    }
}
