import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// A like as lists have it.
struct Like: Sendable, Equatable {
    let targetID: Identifier
    let userID: Identifier
    let likedAt: Timestamp
}

extension Transaction {
    /// Has somebody like a target; once is enough. Throws ``UnknownTarget`` or why they may not.
    borrowing func like(
        _ type: LikeTarget,
        _ id: Identifier,
        by user: Identifier,
        at now: Timestamp,
        traceparent: String?
    ) throws -> LikeState {
        guard let (target, standing) = try connection.target(type, id, for: user) else { throw UnknownTarget() }
        guard target.isVisible(to: user) else { throw Problem(.targetNotFound) }
        try standing.check()
        let added = try execute(
            "INSERT INTO likes (target_id, user_id, liked_at) VALUES (\(id), \(user), \(now)) ON CONFLICT DO NOTHING"
        )
        guard added == 1 else { return LikeState(isLiked: true, count: target.count, version: target.version) }
        let state = LikeState(isLiked: true, count: target.count + 1, version: target.version + 1)
        try store(state, of: id)
        let event = LikeAdded(
            targetType: type,
            targetID: id,
            targetOwnerID: target.ownerID,
            userID: user,
            count: state.count,
            timestamp: now
        )
        try publish(event, at: now, sequence: state.version, traceparent: traceparent)
        return state
    }

    /// Removes a like of a target as it is in this transaction, if it is there; nil when it is not.
    borrowing func unlike(
        _ target: Target,
        by user: Identifier,
        _ reason: LikeRemovalReason,
        at now: Timestamp,
        traceparent: String? = nil
    ) throws -> LikeState? {
        let removed = try execute("DELETE FROM likes WHERE target_id = \(target.id) AND user_id = \(user)")
        guard removed == 1 else { return nil }
        let state = LikeState(isLiked: false, count: target.count - 1, version: target.version + 1)
        try store(state, of: target.id)
        let event = LikeRemoved(
            targetType: target.type,
            targetID: target.id,
            targetOwnerID: target.ownerID,
            userID: user,
            count: state.count,
            reason: reason,
            timestamp: now
        )
        try publish(event, at: now, sequence: state.version, traceparent: traceparent)
        return state
    }

    /// Sets a target's counter, in the transaction that has read it and changes the rows it counts.
    private borrowing func store(_ state: LikeState, of target: Identifier) throws {
        try execute(
            """
            INSERT INTO counters (target_id, count, version, is_reported)
            VALUES (\(target), \(state.count), \(state.version), 0)
            ON CONFLICT DO UPDATE SET count = excluded.count, version = excluded.version, is_reported = 0
            """
        )
    }

    /// Notes that the present count of a target has been reported.
    borrowing func markReported(_ target: Identifier) throws {
        try execute("UPDATE counters SET is_reported = 1 WHERE target_id = \(target)")
    }
}

extension Connection {
    /// Whether somebody likes a target.
    func isLiked(_ target: Identifier, by user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM likes WHERE target_id = \(target) AND user_id = \(user)")
    }

    /// Who likes a target, the latest first, after one of them.
    func likes(of target: Identifier, before last: (time: Timestamp, user: Identifier)?, limit: Int) throws -> [Like] {
        let (time, user) = (last?.time.milliseconds ?? .max, last?.user.bytes ?? [])
        return try rows(
            """
            SELECT user_id, liked_at FROM likes INDEXED BY likes_of_target
            WHERE target_id = \(target) AND (liked_at, user_id) < (\(time), \(user))
            ORDER BY liked_at DESC, user_id DESC LIMIT \(limit)
            """
        ) { Like(targetID: target, userID: try $0[0], likedAt: try $0[1]) }
    }

    /// What somebody likes, the latest first, after one of these.
    func likes(by user: Identifier, before last: (time: Timestamp, target: Identifier)?, limit: Int) throws -> [Like] {
        let (time, target) = (last?.time.milliseconds ?? .max, last?.target.bytes ?? [])
        return try rows(
            """
            SELECT target_id, liked_at FROM likes INDEXED BY likes_of_user
            WHERE user_id = \(user) AND (liked_at, target_id) < (\(time), \(target))
            ORDER BY liked_at DESC, target_id DESC LIMIT \(limit)
            """
        ) { Like(targetID: try $0[0], userID: user, likedAt: try $0[1]) }
    }

    /// What has changed since the last report, after a target, in order of ids, without time and offsets.
    func unreportedCounts(after target: Identifier?, limit: Int) throws -> [LikeCountsReported] {
        try rows(
            """
            SELECT counters.target_id, targets.type, counters.count, counters.version
            FROM counters INDEXED BY counters_unreported JOIN targets ON targets.id = counters.target_id
            WHERE counters.is_reported = 0 AND counters.target_id > \(target?.bytes ?? [])
            ORDER BY counters.target_id LIMIT \(limit)
            """
        ) { row in
            let (count, version): (Int64, Int64) = (try row[2], try row[3])
            return LikeCountsReported(
                targetType: try row[1],
                targetID: try row[0],
                count: count,
                added: (version + count) / 2,
                removed: (version - count) / 2,
                timestamp: Timestamp(milliseconds: 0),
                offsets: [:]
            )
        }
    }
}
