import Persistence
import System

extension Comment.State: ColumnValue {}

private let columns: SQL = """
    number, id, target_id, parent_id, author_id, depth, body, html, state, version, created_at, edited_at, likes, reports,
    replies, is_pinned, rank
    """

private func decode(_ row: borrowing Row) throws -> Comment {
    Comment(
        number: try row[0],
        id: try row[1],
        targetID: try row[2],
        parentID: try row[3],
        authorID: try row[4],
        depth: try row[5],
        body: try row[6],
        html: try row[7],
        state: try row[8],
        version: try row[9],
        createdAt: try row[10],
        editedAt: try row[11],
        likes: try row[12],
        reports: try row[13],
        replies: try row[14],
        isPinned: try row[15],
        listedRank: try row[16]
    )
}

/// Where a page of comments begins: behind the last of the page before.
struct CommentPlace: Sendable, Equatable {
    let rank: Int64
    let number: Int64
}

extension Connection {
    func comment(_ id: Identifier) throws -> Comment? {
        try first("SELECT \(columns) FROM comments WHERE id = \(id)", decode)
    }

    /// Comments of one level, a range of an index in every order.
    func comments(
        at level: Identifier,
        sort: CommentSort,
        after place: CommentPlace?,
        limit: Int
    ) throws -> [Comment] {
        let (highest, lowest) = (place?.number ?? .max, place?.number ?? 0)
        let order: SQL =
            switch sort {
            case .new: "AND number < \(highest) ORDER BY number DESC"
            case .old: "AND number > \(lowest) ORDER BY number"
            case .top: "AND (rank, number) < (\(place?.rank ?? .max), \(highest)) ORDER BY rank DESC, number DESC"
            }
        return try rows(
            "SELECT \(columns) FROM comments WHERE level_id = \(level) \(order) LIMIT \(limit)",
            decode
        )
    }

    /// The last comments of somebody on a target, newest first.
    func lastComments(of author: Identifier, on target: Identifier, limit: Int) throws -> [Comment] {
        try rows(
            """
            SELECT \(columns) FROM comments WHERE author_id = \(author) AND target_id = \(target)
            ORDER BY number DESC LIMIT \(limit)
            """,
            decode
        )
    }

    /// Comments of somebody, on whatever.
    func comments(of author: Identifier, limit: Int) throws -> [Comment] {
        try rows("SELECT \(columns) FROM comments WHERE author_id = \(author) LIMIT \(limit)", decode)
    }

    /// Comments that somebody reported and nobody decided on, the longest waiting first.
    func reportedComments(after place: (at: Timestamp, number: Int64)?, limit: Int) throws -> [(Comment, Timestamp)] {
        let (at, number) = (place?.at ?? Timestamp(milliseconds: 0), place?.number ?? 0)
        return try rows(
            """
            SELECT \(columns), reported_at FROM comments
            WHERE reported_at IS NOT NULL AND (reported_at, number) > (\(at), \(number))
            ORDER BY reported_at, number LIMIT \(limit)
            """
        ) { row in (try decode(row), try row[17]) }
    }

    /// Whom a comment mentions.
    func mentions(in comment: Identifier) throws -> [Identifier] {
        try rows("SELECT user_id FROM mentions WHERE comment_id = \(comment) ORDER BY user_id") { try $0[0] }
    }

    /// Earlier texts of a comment, newest first.
    func revisions(of comment: Identifier, before version: Int, limit: Int) throws -> [Revision] {
        try rows(
            """
            SELECT version, body, created_at FROM revisions WHERE comment_id = \(comment) AND version < \(version)
            ORDER BY version DESC LIMIT \(limit)
            """
        ) { Revision(version: try $0[0], body: try $0[1], createdAt: try $0[2]) }
    }
}

/// A text that a comment had.
struct Revision: Sendable, Equatable {
    let version: Int
    let body: String
    /// Since when.
    let createdAt: Timestamp
}

extension Transaction {
    /// Adds a comment, counts it, and gives it its number.
    borrowing func insert(_ comment: Comment, mentioning users: [Identifier]) throws -> Comment {
        var comment = comment
        comment.number =
            try value(
                """
                INSERT INTO comments (id, target_id, parent_id, level_id, author_id, depth, body, html, state, version,
                    created_at, likes, reports, replies, is_pinned, rank)
                VALUES (\(comment.id), \(comment.targetID), \(comment.parentID), \(comment.levelID), \(comment.authorID),
                    \(comment.depth), \(comment.body), \(comment.html), \(comment.state), \(comment.version),
                    \(comment.createdAt), 0, 0, 0, 0, 0)
                RETURNING number
                """
            ) ?? 0
        try execute(
            """
            INSERT INTO threads (target_id, comments) VALUES (\(comment.targetID), 1)
            ON CONFLICT (target_id) DO UPDATE SET comments = comments + 1
            """
        )
        if let parent = comment.parentID {
            try execute("UPDATE comments SET replies = replies + 1 WHERE id = \(parent)")
        }
        try add(mentions: users, in: comment.id)
        return comment
    }

    borrowing func add(mentions users: [Identifier], in comment: Identifier) throws {
        for user in users {
            try execute(
                "INSERT INTO mentions (comment_id, user_id) VALUES (\(comment), \(user)) ON CONFLICT DO NOTHING"
            )
        }
    }

    /// Whom a comment mentions from now on.
    borrowing func replace(mentions users: [Identifier], in comment: Identifier) throws {
        try execute("DELETE FROM mentions WHERE comment_id = \(comment)")
        try add(mentions: users, in: comment)
    }

    /// Stores what may change of a comment, and where it is listed.
    borrowing func update(_ comment: Comment) throws {
        try execute(
            """
            UPDATE comments SET author_id = \(comment.authorID), body = \(comment.body), html = \(comment.html),
                state = \(comment.state), version = \(comment.version), edited_at = \(comment.editedAt),
                likes = \(comment.likes), reports = \(comment.reports),
                reported_at = CASE WHEN \(comment.reports > 0) THEN reported_at END, is_pinned = \(comment.isPinned),
                rank = \(comment.rank)
            WHERE number = \(comment.number)
            """
        )
    }

    /// Keeps the text that a comment had until now.
    borrowing func keepRevision(of comment: Comment) throws {
        guard let body = comment.body else { return }
        try execute(
            """
            INSERT INTO revisions (comment_id, version, body, created_at) VALUES (\(comment.id), \(comment.version),
                \(body), \(comment.editedAt ?? comment.createdAt)) ON CONFLICT DO NOTHING
            """
        )
    }

    /// Stores a tombstone: nothing that was written stays.
    borrowing func bury(_ comment: Comment) throws {
        try update(comment)
        try execute("DELETE FROM revisions WHERE comment_id = \(comment.id)")
        try execute("DELETE FROM mentions WHERE comment_id = \(comment.id)")
        try closeReports(of: comment.id)
        if comment.state == .deleted {
            try execute("UPDATE threads SET comments = max(0, comments - 1) WHERE target_id = \(comment.targetID)")
        }
    }

    /// Removes a comment without replies, whose target is gone.
    borrowing func remove(_ comment: Comment) throws {
        try bury(comment)
        try execute("DELETE FROM reports WHERE comment_id = \(comment.id)")
        try execute("DELETE FROM comments WHERE number = \(comment.number)")
        if let parent = comment.parentID {
            try execute("UPDATE comments SET replies = max(0, replies - 1) WHERE id = \(parent)")
        }
    }
}
