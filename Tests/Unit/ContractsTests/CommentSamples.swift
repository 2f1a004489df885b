import Contracts
import System

extension Sample {
    /// One of each type about comments.
    static func comments() throws -> [Sample] {
        [
            try Sample(
                comment(CommentChangeName.Added.self, mentioning: [.sample(15)], excerpt: "Phim hay quá, @lan!")
            ),
            try Sample(comment(CommentChangeName.Edited.self, version: 2, excerpt: "Phim hay quá!")),
            try Sample(comment(CommentChangeName.Deleted.self, version: 5, reason: "author")),
            try Sample(comment(CommentChangeName.Reported.self, version: 2, by: 16, reason: "spam")),
            try Sample(comment(CommentChangeName.Hidden.self, version: 3, by: 17, reason: "spam")),
            try Sample(comment(CommentChangeName.Restored.self, version: 4, excerpt: "Phim hay quá!", by: 17)),
        ]
    }

    private static func comment<Name: EventName>(
        _ name: Name.Type,
        version: Int = 1,
        mentioning mentioned: [Identifier] = [],
        excerpt: String? = nil,
        by actor: UInt8 = 14,
        reason: String? = nil
    ) -> CommentChange<Name> {
        CommentChange(
            commentID: .sample(12),
            targetID: .sample(9),
            targetOwnerID: .sample(1),
            authorID: .sample(14),
            parentID: .sample(13),
            parentAuthorID: .sample(1),
            mentionedIDs: mentioned,
            depth: 1,
            version: version,
            excerpt: excerpt,
            actorID: .sample(actor),
            reason: reason,
            timestamp: .sample
        )
    }
}
