import Contracts
import Persistence
import System

/// Who likes what, in the groups that are told of together.
extension NotificationStore {
    private static let columns: SQL = """
        number, notification_id, target_type, target_id, owner_id, opened_at, likers, told, told_at, has_reopened
        """

    static func openGroup(of target: Identifier, _ connection: Connection) throws -> LikeGroup? {
        try connection.rows(
            "SELECT \(columns) FROM like_groups WHERE target_id = \(target) AND is_open = 1",
            decode
        ).first
    }

    static func group(_ number: Int64, _ connection: Connection) throws -> LikeGroup? {
        try connection.rows("SELECT \(columns) FROM like_groups WHERE number = \(number)", decode).first
    }

    /// Opens a group in the place of the target's last one; says its number.
    static func open(_ group: LikeGroup, _ transaction: borrowing Transaction) throws -> Int64 {
        try transaction.execute(
            "UPDATE like_groups SET is_open = 0 WHERE target_id = \(group.targetID) AND is_open = 1"
        )
        return try transaction.value(
            """
            INSERT INTO like_groups (notification_id, target_type, target_id, owner_id, opened_at, is_open, likers,
            told, has_reopened) VALUES (\(group.notificationID), \(group.targetType.rawValue), \(group.targetID),
            \(group.ownerID), \(group.openedAt), 1, 0, 0, 0) RETURNING number
            """
        ) ?? 0
    }

    /// Adds a like to a group; false when that person's like of the target is there.
    static func addLiker(
        _ user: Identifier,
        of target: Identifier,
        to group: Int64,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO likers (target_id, user_id, group_number, liked_at)
            VALUES (\(target), \(user), \(group), \(now))
            """
        ) == 1
    }

    /// Takes a like back; says from which group, nil when there is none.
    static func removeLiker(
        _ user: Identifier,
        of target: Identifier,
        _ transaction: borrowing Transaction
    ) throws -> Int64? {
        try transaction.value(
            "DELETE FROM likers WHERE target_id = \(target) AND user_id = \(user) RETURNING group_number"
        )
    }

    /// Counts a like, or one taken back, and has the change told when it is time.
    static func count(
        _ change: Int,
        in group: Int64,
        tellAt due: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE like_groups SET likers = likers + \(change), due_at = coalesce(due_at, \(due))
            WHERE number = \(group)
            """
        )
    }

    static func dueGroups(at now: Timestamp, limit: Int, _ connection: Connection) throws -> [Int64] {
        try connection.rows(
            "SELECT number FROM like_groups WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit)"
        ) { try $0[0] }
    }

    static func nextGroup(_ connection: Connection) throws -> Timestamp? {
        try connection.value("SELECT due_at FROM like_groups WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1")
    }

    /// Who of a group the owner is not to hear of; as many look-ups as there are people whom that concerns.
    static func hiddenLikers(of group: LikeGroup, _ connection: Connection) throws -> Set<Identifier> {
        let (owner, target) = (group.ownerID, group.targetID)
        let found: [Identifier] = try connection.rows(
            """
            SELECT l.user_id FROM relations r
            CROSS JOIN likers l ON l.target_id = \(target) AND l.user_id = r.other_id
            WHERE r.user_id = \(owner) AND l.group_number = \(group.number)
            UNION ALL SELECT l.user_id FROM relations r
            CROSS JOIN likers l ON l.target_id = \(target) AND l.user_id = r.user_id
            WHERE r.other_id = \(owner) AND r.kind = \(Relation.blocked.rawValue)
            AND l.group_number = \(group.number)
            """
        ) { try $0[0] }
        return Set(found)
    }

    /// The last who liked it and is none of the hidden.
    static func lastLiker(
        of group: LikeGroup,
        hidden: Set<Identifier>,
        _ connection: Connection
    ) throws -> Identifier? {
        let last: [Identifier] = try connection.rows(
            """
            SELECT user_id FROM likers WHERE group_number = \(group.number)
            ORDER BY liked_at DESC LIMIT \(hidden.count + 1)
            """
        ) { try $0[0] }
        return last.first { !hidden.contains($0) }
    }

    /// Notes what was told.
    static func saveTold(_ group: LikeGroup, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE like_groups SET told = \(group.told), told_at = \(group.toldAt),
            has_reopened = \(group.hasReopened), due_at = NULL WHERE number = \(group.number)
            """
        )
    }

    /// Lets go of somebody's groups. Who liked them goes with age; what the person liked is taken back by Like.
    static func forgetGroups(of owner: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE like_groups SET owner_id = zeroblob(16), is_open = 0, due_at = NULL WHERE owner_id = \(owner)
            """
        )
    }

    /// Drops likes of groups opened before, at most so many; true when none is left.
    static func pruneGroups(openedBefore limit: Timestamp, count: Int, _ transaction: borrowing Transaction) throws
        -> Bool
    {
        let oldest: Int64? = try transaction.value(
            "SELECT number FROM like_groups WHERE opened_at < \(limit) ORDER BY opened_at LIMIT 1"
        )
        guard let oldest else { return true }
        let removed = try transaction.execute(
            """
            DELETE FROM likers WHERE (target_id, user_id) IN
            (SELECT target_id, user_id FROM likers WHERE group_number = \(oldest) LIMIT \(count))
            """
        )
        if removed < count { try transaction.execute("DELETE FROM like_groups WHERE number = \(oldest)") }
        return false
    }

    // MARK: Films

    static func noteFilm(_ media: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("INSERT OR IGNORE INTO films (media_id) VALUES (\(media))")
    }

    static func forgetFilm(_ media: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM films WHERE media_id = \(media)")
    }

    static func isFilm(_ media: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists("SELECT 1 FROM films WHERE media_id = \(media)")
    }

    private static func decode(_ row: borrowing Row) throws -> LikeGroup {
        LikeGroup(
            number: try row[0],
            notificationID: try row[1],
            targetType: LikeTarget(rawValue: try row[2]) ?? .media,
            targetID: try row[3],
            ownerID: try row[4],
            openedAt: try row[5],
            likers: try row[6],
            told: try row[7],
            toldAt: try row[8],
            hasReopened: try row[9]
        )
    }
}
