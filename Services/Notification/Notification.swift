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
    /// When its person put it aside; it has been read then.
    var archivedAt: Timestamp?
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

    /// Why it was told and how, for who asks; JSON of ``DeliveryPlan``.
    var plan: String?

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
    /// In lower case; nil when it was not told.
    var handle: String?
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
