import Contracts
import System

/// A log-in and the family of refresh tokens that grew from it.
struct Session: Sendable, Equatable {
    let id: Identifier
    let userID: Identifier
    var role: Role
    /// The random secret that all tokens of the family derive from.
    let familySecret: [UInt8]
    /// Which token of the family is the present one.
    var generation: Int
    let createdAt: Timestamp
    var refreshedAt: Timestamp
    var expiresAt: Timestamp
    let addressPrefix: String
    let userAgent: String
    /// Whether it began with the second factor, or set one up.
    var hasSecondFactor = false
}

/// What limits sessions and log-ins.
struct SessionPolicy: Sendable {
    /// Old tokens of a family are forgiven for so long after their exchange: tabs that refresh at once, lost answers.
    static let graceMilliseconds: Int64 = 10_000
    /// An ended session is remembered for so long, to tell its user of refreshes that are tried with it.
    static let endedRetentionSeconds: Int64 = 30 * 86_400
    /// Sessions of one user at most.
    static let maximumSessionsPerUser = 50

    /// A session that is not refreshed for so long ends.
    var idleSeconds: Int64
    /// A session ends after so long in any case.
    var absoluteSeconds: Int64
    /// Sessions of one user, at most ``maximumSessionsPerUser``; the one that was idle longest goes for a new one.
    var sessionsPerUser = maximumSessionsPerUser
}

extension Session {
    /// What becomes of a refresh token of this session.
    enum RefreshVerdict: Equatable {
        /// The present token: the family moves on.
        case advance
        /// The one before, within the grace time: its successor is given once more.
        case repeatSuccessor
        /// An old token: somebody has a copy, the family dies.
        case reused
        /// A token of a later generation than any that was made: not ours.
        case unknown
    }

    /// Judges a token whose authenticity has been checked.
    func verdict(generation presented: Int, at now: Timestamp) -> RefreshVerdict {
        if presented == generation { return .advance }
        guard presented < generation else { return .unknown }
        // When the clock was set back, the exchange lies in the future: that is not within the grace time either.
        let age = abs(now.milliseconds - refreshedAt.milliseconds)
        return presented == generation - 1 && age <= SessionPolicy.graceMilliseconds ? .repeatSuccessor : .reused
    }

    /// The end of the refresh life when it is used now.
    func expiry(usedAt now: Timestamp, _ policy: SessionPolicy) -> Timestamp {
        min(now.adding(seconds: policy.idleSeconds), createdAt.adding(seconds: policy.absoluteSeconds))
    }
}
