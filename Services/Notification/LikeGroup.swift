import Contracts
import System

/// The likes of one target that are told of by one notification: it grows for as long as the group is open, and shrinks
/// when likes are taken back.
struct LikeGroup: Sendable, Equatable {
    /// For how long after its first like a group takes more.
    static let windowSeconds: Int64 = 24 * 3600
    /// The pause between two changes of its notification, whatever number of likes comes: 100,000 likes in a minute are
    /// some thirty changes.
    static let pauseMilliseconds: Int64 = 2000
    /// For how long after its opening likes that are taken back still count.
    static let retentionSeconds: Int64 = 30 * 24 * 3600

    var number: Int64
    var notificationID: Identifier
    var targetType: LikeTarget
    var targetID: Identifier
    var ownerID: Identifier
    var openedAt: Timestamp
    /// Who likes it, those included whom the owner does not want to hear of.
    var likers: Int
    /// How many were told of last; 0 when the notification has been taken back.
    var told: Int
    /// When that was; nil before the first time.
    var toldAt: Timestamp?
    /// Whether it came back as unread after it had been read, which it does once.
    var hasReopened: Bool

    /// Whether a like belongs to it.
    func takes(at now: Timestamp) -> Bool { now < openedAt.adding(seconds: Self.windowSeconds) }

    /// When the next change may be told.
    func nextChange(at now: Timestamp) -> Timestamp {
        toldAt.map { max(now, $0.adding(milliseconds: Self.pauseMilliseconds)) } ?? now
    }

    /// What the template fills in when so many are told of.
    func data(_ count: Int, isFilm: Bool) -> [String: String] {
        [
            "target_type": targetType.rawValue, "target_id": targetID.description, "count": String(count),
            "others": String(count - 1), "target": isFilm ? "video" : targetType.rawValue,
        ]
    }
}
