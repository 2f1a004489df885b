import Contracts
import System

/// Targets whose likes are asked for.
struct CountsBody: Decodable, Sendable {
    static let maximumTargets = 200

    struct Asked: Decodable, Sendable {
        let type: LikeTarget
        let id: Identifier
    }

    let targets: [Asked]
}

/// The count of one target.
struct CountView: Encodable, Sendable {
    let type: LikeTarget
    let id: Identifier
    let count: Int64
    /// Whether the caller is among them; absent for strangers.
    let liked: Bool?
}

/// Somebody who likes a target.
struct LikerView: Encodable, Sendable {
    let userID: Identifier
    let likedAt: Timestamp

    init(_ like: Like) {
        userID = like.userID
        likedAt = like.likedAt
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case likedAt = "liked_at"
    }
}

/// A page of those who like a target, with how many they are.
struct LikersView: Encodable, Sendable {
    let count: Int64
    let items: [LikerView]
    let nextCursor: String?

    enum CodingKeys: String, CodingKey {
        case count, items
        case nextCursor = "next_cursor"
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(count, forKey: .count)
        try values.encode(items, forKey: .items)
        try values.encode(nextCursor, forKey: .nextCursor)
    }
}

/// Something that one likes.
struct OwnLikeView: Encodable, Sendable {
    let type: LikeTarget?
    let id: Identifier
    let likedAt: Timestamp

    init(like: Like, target: Target?) {
        type = target?.type
        id = like.targetID
        likedAt = like.likedAt
    }

    enum CodingKeys: String, CodingKey {
        case type, id
        case likedAt = "liked_at"
    }
}
