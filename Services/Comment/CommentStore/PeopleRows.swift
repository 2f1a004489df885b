import Persistence
import ServiceKit
import System

/// What is shown of an author.
struct Profile: Sendable, Equatable {
    let userID: Identifier
    let handle: String
    let name: String
}

extension Connection {
    func profile(of user: Identifier) throws -> Profile? {
        try first("SELECT user_id, handle, name FROM profiles WHERE user_id = \(user)") {
            Profile(userID: try $0[0], handle: try $0[1], name: try $0[2])
        }
    }

    /// Who has a handle. A handle that changed hands may be known of both for a moment; then the one who took it last,
    /// as far as that can be told.
    func user(withHandle handle: String) throws -> Identifier? {
        try value("SELECT user_id FROM profiles WHERE handle = \(handle) ORDER BY user_id DESC LIMIT 1")
    }

    /// Until when somebody may not comment; nil when they may. A block without end lasts for ever.
    func commentBlock(of user: Identifier, at now: Timestamp) throws -> Timestamp? {
        let until: Timestamp?? = try first("SELECT until FROM comment_blocks WHERE user_id = \(user)") { try $0[0] }
        guard let until else { return nil }
        guard let until else { return Timestamp(milliseconds: .max) }
        return now < until ? until : nil
    }

    /// When somebody's paces are over.
    func paces(of user: Identifier) throws -> (comments: Timestamp?, reports: Timestamp?) {
        try first("SELECT comments_at, reports_at FROM paces WHERE user_id = \(user)") { (try $0[0], try $0[1]) }
            ?? (nil, nil)
    }
}

extension Transaction {
    /// Keeps a profile unless a newer one is known or the account is gone.
    borrowing func save(_ profile: Profile, sequence: Int64) throws {
        guard try !connection.isErased(profile.userID) else { return }
        try execute(
            """
            INSERT INTO profiles (user_id, handle, name, sequence)
            VALUES (\(profile.userID), \(profile.handle), \(profile.name), \(sequence))
            ON CONFLICT (user_id) DO UPDATE SET handle = excluded.handle, name = excluded.name,
                sequence = excluded.sequence WHERE excluded.sequence >= sequence
            """
        )
    }

    borrowing func removeProfile(of user: Identifier) throws {
        try execute("DELETE FROM profiles WHERE user_id = \(user)")
    }

    /// Forbids somebody to comment until an instant, or for good.
    borrowing func blockComments(of user: Identifier, until: Timestamp?) throws {
        try execute(
            """
            INSERT INTO comment_blocks (user_id, until) VALUES (\(user), \(until))
            ON CONFLICT (user_id) DO UPDATE SET until = excluded.until
            """
        )
    }

    borrowing func unblockComments(of user: Identifier) throws {
        try execute("DELETE FROM comment_blocks WHERE user_id = \(user)")
    }

    borrowing func setCommentPace(of user: Identifier, _ emptyAt: Timestamp) throws {
        try execute(
            """
            INSERT INTO paces (user_id, comments_at) VALUES (\(user), \(emptyAt))
            ON CONFLICT (user_id) DO UPDATE SET comments_at = excluded.comments_at
            """
        )
    }

    borrowing func setReportPace(of user: Identifier, _ emptyAt: Timestamp) throws {
        try execute(
            """
            INSERT INTO paces (user_id, reports_at) VALUES (\(user), \(emptyAt))
            ON CONFLICT (user_id) DO UPDATE SET reports_at = excluded.reports_at
            """
        )
    }

    /// Removes what names an account besides what it wrote; false while more is left.
    borrowing func forget(_ user: Identifier, limit: Int) throws -> Bool {
        let mentions = try execute(
            """
            DELETE FROM mentions WHERE (comment_id, user_id) IN
            (SELECT comment_id, user_id FROM mentions WHERE user_id = \(user) LIMIT \(limit))
            """
        )
        let isUnblocked = try forgetBlocks(of: user, limit: limit)
        return mentions < limit && isUnblocked
    }

    /// Forgets how fast somebody wrote, and that they may not.
    borrowing func forgetLimits(of user: Identifier) throws {
        try execute("DELETE FROM paces WHERE user_id = \(user)")
        try unblockComments(of: user)
    }
}
