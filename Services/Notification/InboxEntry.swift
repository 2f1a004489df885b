import Contracts
import EventBus
import FoundationEssentials
import System

/// A notification as clients see it, in lists, streams and sockets.
struct InboxEntry: Encodable, Sendable {
    /// Its place in the inbox; not written.
    let number: Int64
    private let notification: Notification

    init(_ notification: Notification) {
        self.number = notification.number
        self.notification = notification
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, message, data
        case createdAt = "created_at"
        case readAt = "read_at"
        case archivedAt = "archived_at"
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(notification.id, forKey: .id)
        try values.encode(notification.type, forKey: .type)
        try values.encode(notification.text, forKey: .message)
        try values.encode(notification.data, forKey: .data)
        try values.encode(notification.createdAt, forKey: .createdAt)
        try values.encode(notification.readAt, forKey: .readAt)
        try values.encode(notification.archivedAt, forKey: .archivedAt)
    }

    /// As JSON text.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension NotificationRoutes {
    /// That a person has read a notification.
    static func readEvent(_ entry: Notification, at now: Timestamp, traceparent: String?) throws -> Event {
        let read = NotificationRead(
            notificationID: entry.id,
            userID: entry.userID,
            channel: "in_app",
            template: entry.type,
            timestamp: now
        )
        return try Event(read, at: now, traceparent: traceparent)
    }
}
