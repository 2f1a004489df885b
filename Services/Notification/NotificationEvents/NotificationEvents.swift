import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Notification makes of others' events: notices to people and what is known of them, in the consumer's transaction.
struct NotificationEvents: Sendable {
    static let group = "notification"
    static let topics: [Topic] = [
        .notifications, .userEvents, .userProfiles, .authEvents, .mediaEvents, .batchEvents, .likeEvents,
        .commentEvents,
    ]
    /// What comes for each log-in many times.
    static let ignored: Set<String> = [TokenRefreshed.type]
    /// Tables whose rows follow from events alone.
    static let projections = ["devices", "films", "profiles", "relations"]

    let teller: Teller
    /// Woken when likes are to be told of.
    let likes: DueWork?

    var clock: WallClock { teller.clock }

    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.topic {
        case Topic.mediaEvents.name, Topic.batchEvents.name: return try handleUpload(event, transaction)
        case Topic.likeEvents.name: return try handleLike(event, transaction)
        case Topic.commentEvents.name: return try handleComment(event, transaction)
        case Topic.userEvents.name, Topic.userProfiles.name: return try handlePerson(event, transaction)
        case Topic.authEvents.name: return try handleSecurity(event, transaction)
        default: break
        }
        guard event.type == NotificationRequested.type else { return }
        let request = try event.decode(NotificationRequested.self)
        var notice = notice(request.template, to: request.userID, request.data, event)
        notice.fallback = request.message
        try teller.tell(notice, cause: event, transaction)
    }

    /// The one notice that an event makes.
    func notice(_ type: String, to user: Identifier, _ data: [String: String], _ event: Event) -> Notice {
        let id = Identifier.derived(source: "/notification", cause: event.id, index: 1)
        return Notice(id: id, userID: user, type: type, data: data)
    }

    /// One of several notices that an event makes: one a person.
    func notice(among type: String, to user: Identifier, _ data: [String: String], _ event: Event) -> Notice {
        let id = Identifier.derived(source: "/notification/\(user)", cause: event.id, index: 1)
        return Notice(id: id, userID: user, type: type, data: data)
    }
}
