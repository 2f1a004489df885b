import System

/// What a person was told, as it stands in the in-app inbox.
struct Notification: Sendable, Equatable {
    /// Orders a person's notifications; the `id:` of streams.
    var number: Int64
    var id: Identifier
    var userID: Identifier
    /// The template's name, such as `booking.booked`.
    var type: String
    /// The text in the person's locale.
    var message: String
    var data: [String: String]
    var createdAt: Timestamp
    var readAt: Timestamp?
    /// Who did what it tells of; `{actor}` in the message stands for the name.
    var actorID: Identifier?
    /// What it is about, such as a comment: taken back with it.
    var subjectID: Identifier?
    /// The actor's name as it is now, found when the notification is read.
    var actorName: String?
    /// The reader's language, for an actor whose name is not known.
    var locale = Locale.vietnamese

    /// The message with the actor's name.
    var text: String {
        guard actorID != nil else { return message }
        let name = actorName.map(TemplateText.shown) ?? Terms.someone(in: locale)
        return message.replacing(Self.actorPlace, with: name)
    }

    /// Where the actor's name goes.
    static let actorPlace = "{actor}"
}

/// How somebody stands to another whom they do not want to hear of.
enum Relation: String, Sendable {
    case blocked
    case muted
}

/// How a person may be reached.
struct Profile: Sendable, Equatable {
    var userID: Identifier
    var email: String
    var name: String
    var locale: Locale
}

/// A language that templates exist in.
enum Locale: String, Sendable, CaseIterable {
    case vietnamese = "vi"
    case english = "en"

    /// The language of a BCP 47 tag; Vietnamese when there are no templates in it.
    init(tag: String) {
        self = Locale(rawValue: tag.prefix { $0 != "-" && $0 != "_" }.lowercased()) ?? .vietnamese
    }
}

/// What a person wants to hear. Security alerts cannot be switched off.
struct Preferences: Sendable, Equatable {
    var email = true
}

/// A mail on its way: one a notification, tried until the server takes or refuses it.
struct QueuedMail: Sendable, Equatable {
    /// The limit of tries; the last is about eight hours after the first.
    static let maximumAttempts = 12
    private static let firstRetrySeconds: Int64 = 1
    private static let longestRetrySeconds: Int64 = 4 * 3600

    /// The notification's id: also the mail's Message-ID, so receivers drop repeats.
    var id: Identifier
    var userID: Identifier
    var template: String
    var data: [String: String]
    /// Tries so far.
    var attempts: Int

    /// When to try again after one more failure; nil when it was the last.
    func retry(after now: Timestamp) -> Timestamp? {
        guard attempts + 1 < Self.maximumAttempts else { return nil }
        let doubled = Self.firstRetrySeconds << Int64(min(attempts, 12) * 3 / 2)
        return now.adding(seconds: min(doubled, Self.longestRetrySeconds))
    }
}
