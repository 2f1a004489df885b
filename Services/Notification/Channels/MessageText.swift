import Persistence
import System

/// A delivery's template, in its person's language, with all that is filled in now.
struct MessageText: Sendable {
    let profile: Profile
    let template: Template
    let data: [String: String]

    var title: String { template.renderSubject(data) }
    var body: String { template.renderMessage(data) }

    /// Nil while the person is not known, whose profile travels on another topic; `name` is who is told.
    init?(_ delivery: Delivery, _ connection: Connection) throws {
        guard let profile = try NotificationStore.profile(of: delivery.userID, connection),
            let template = Template.named(delivery.template, in: profile.locale)
        else { return nil }
        var data = delivery.data
        data["name"] = profile.name
        if let actor = delivery.actorID {
            let name = try NotificationStore.profile(of: actor, connection)?.name
            data["actor"] = name.map(TemplateText.shown) ?? Terms.someone(in: profile.locale)
        }
        if delivery.template == Template.digest {
            let entries = try NotificationStore.unread(in: delivery.notificationID, of: delivery.userID, connection)
            data["count"] = String(entries.count)
            data["lines"] = entries.suffix(Digest.maximumLines).map { "– \($0.text)" }.joined(separator: "\n")
        }
        (self.profile, self.template, self.data) = (profile, template, data)
    }
}
