public import Contracts
public import Persistence
import ServiceKit
import System

extension LikeTarget: ColumnValue {}

/// What an event tells about a target; nil leaves it as it is.
struct TargetChange: Sendable {
    let type: LikeTarget
    let id: Identifier
    let ownerID: Identifier
    var mediaID: Identifier?
    var isPublic: Bool?
    var isReady: Bool?
    var isDeleted: Bool?
    /// The version of the target that the event tells of; an older one than is known changes nothing.
    let version: Int64?
}

extension Transaction {
    /// Takes in what an event tells about a target.
    borrowing func save(_ change: TargetChange) throws {
        try execute(
            """
            INSERT INTO targets (id, type, owner_id, media_id, is_public, is_ready, is_deleted, version)
            VALUES (\(change.id), \(change.type), \(change.ownerID), \(change.mediaID), \(change.isPublic ?? false),
                \(change.isReady ?? false), \(change.isDeleted ?? false), \(change.version ?? 0))
            ON CONFLICT DO UPDATE SET is_public = coalesce(\(change.isPublic), is_public),
                is_ready = coalesce(\(change.isReady), is_ready), is_deleted = coalesce(\(change.isDeleted), is_deleted),
                version = max(version, excluded.version)
            WHERE excluded.version >= version OR \(change.version == nil)
            """
        )
    }

    /// Notes that likes of a target are to be removed.
    borrowing func beginRemoval(of target: Identifier) throws {
        try execute("INSERT INTO deleted_targets (target_id) VALUES (\(target)) ON CONFLICT DO NOTHING")
    }

    /// Notes that none is left.
    borrowing func endRemoval(of target: Identifier) throws {
        try execute("DELETE FROM deleted_targets WHERE target_id = \(target)")
    }
}

extension Connection {
    /// A target that events have told of, and of what it is about.
    func target(_ type: LikeTarget, _ id: Identifier) throws -> Target? {
        guard let target = try target(id), target.type == type else { return nil }
        return target
    }

    /// The same, and how an account stands to it: one statement, for each like begins with it.
    func target(_ type: LikeTarget, _ id: Identifier, for user: Identifier) throws -> (Target, LikerStanding)? {
        let found = try first(
            """
            SELECT \(Self.targetColumns), EXISTS (SELECT 1 FROM banned_users WHERE user_id = \(user)),
                EXISTS (SELECT 1 FROM erased_users WHERE user_id = \(user)),
                EXISTS (SELECT 1 FROM blocks WHERE user_id = targets.owner_id AND target_id = \(user))
            FROM \(Self.targetTables) WHERE targets.id = \(id)
            """
        ) { row in
            (
                try Self.target(id, row),
                LikerStanding(isBanned: try row[9], isErased: try row[10], isBlocked: try row[11])
            )
        }
        guard let found, found.0.type == type, found.0.isKnown else { return nil }
        return found
    }

    /// A target of whichever type.
    func target(_ id: Identifier) throws -> Target? {
        let target = try first("SELECT \(Self.targetColumns) FROM \(Self.targetTables) WHERE targets.id = \(id)") {
            row in
            try Self.target(id, row)
        }
        return target.flatMap { $0.isKnown ? $0 : nil }
    }

    private static let targetColumns: SQL = """
        targets.type, targets.owner_id, targets.is_public AND targets.is_ready, targets.is_deleted,
        media.owner_id, media.is_public AND media.is_ready, media.is_deleted, counters.count, counters.version
        """
    private static let targetTables: SQL = """
        targets LEFT JOIN targets AS media ON media.id = targets.media_id
        LEFT JOIN counters ON counters.target_id = targets.id
        """

    private static func target(_ id: Identifier, _ row: borrowing Row) throws -> Target {
        let owner: Identifier? = try row[4]
        return Target(
            type: try row[0],
            id: id,
            sight: Target.Sight(ownerID: try row[1], isPublic: try row[2], isDeleted: try row[3]),
            media: try owner.map { Target.Sight(ownerID: $0, isPublic: try row[5], isDeleted: try row[6]) },
            count: try row[7] ?? 0,
            version: try row[8] ?? 0
        )
    }

    /// A target whose likes are to be removed.
    func deletedTarget() throws -> Identifier? {
        try value("SELECT target_id FROM deleted_targets WHERE target_id > \([UInt8]()) ORDER BY target_id LIMIT 1")
    }
}
