import System

/// A way to tell somebody something.
enum Channel: String, Sendable, CaseIterable, Codable {
    case inApp = "in_app"
    case email
    case push
    case sms
    case webhook
}

/// How a person wants to be told. What concerns the account's safety is told whatever is said here.
struct Preferences: Sendable, Equatable {
    /// Types and groups of types that one person may say something about.
    static let maximumTypes = 100

    /// When social mails are collected.
    enum Digest: String, Sendable, Codable, CaseIterable {
        case off, hourly, daily
    }

    /// Whole channels that may be switched off.
    var email = true
    var push = true
    var sms = true
    /// Channels by type, such as `comment.replied`, or by group of types, such as `comment`.
    var types: [String: [String: Bool]] = [:]
    /// An IANA name.
    var timeZone = "Asia/Ho_Chi_Minh"
    /// When nothing that makes a noise comes; held back until its end.
    var quietHours: QuietHours?
    var digest = Digest.off

    /// Whether a channel is wanted for a type, and the rule that says so.
    struct Choice: Sendable, Equatable {
        let isWanted: Bool
        let rule: String
    }

    /// The rules in their order: critical, the whole channel, the type, its group, what is usual.
    func choice(_ channel: Channel, for type: String) -> Choice {
        let importance = Importance(template: type)
        if importance == .critical { return Choice(isWanted: true, rule: "critical") }
        guard isOn(channel) else { return Choice(isWanted: false, rule: "channel") }
        if let wanted = types[type]?[channel.rawValue] { return Choice(isWanted: wanted, rule: "type") }
        let group = String(type.prefix { $0 != "." })
        if let wanted = types[group]?[channel.rawValue] { return Choice(isWanted: wanted, rule: "group") }
        return Choice(isWanted: isUsual(channel, importance), rule: "default")
    }

    private func isOn(_ channel: Channel) -> Bool {
        switch channel {
        case .email: email
        case .push: push
        case .sms: sms
        case .inApp, .webhook: true
        }
    }

    private func isUsual(_ channel: Channel, _ importance: Importance) -> Bool {
        switch channel {
        case .inApp, .push, .webhook: true
        case .email: importance == .transactional || digest != .off
        case .sms: importance == .transactional
        }
    }

    /// Switches mails of a type, or of a group of types, off.
    mutating func endMails(of type: String) {
        if type == Template.digest { digest = .off } else { types[type, default: [:]][Channel.email.rawValue] = false }
    }
}

extension Preferences: Codable {
    enum CodingKeys: String, CodingKey {
        case email, push, sms, types, digest
        case timeZone = "time_zone"
        case quietHours = "quiet_hours"
    }

    /// What is left out is as usual.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        email = try values.decodeIfPresent(Bool.self, forKey: .email) ?? true
        push = try values.decodeIfPresent(Bool.self, forKey: .push) ?? true
        sms = try values.decodeIfPresent(Bool.self, forKey: .sms) ?? true
        types = try values.decodeIfPresent([String: [String: Bool]].self, forKey: .types) ?? [:]
        timeZone = try values.decodeIfPresent(String.self, forKey: .timeZone) ?? timeZone
        quietHours = try values.decodeIfPresent(QuietHours.self, forKey: .quietHours)
        digest = try values.decodeIfPresent(Digest.self, forKey: .digest) ?? .off
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(email, forKey: .email)
        try values.encode(push, forKey: .push)
        try values.encode(sms, forKey: .sms)
        try values.encode(types, forKey: .types)
        try values.encode(timeZone, forKey: .timeZone)
        try values.encode(quietHours, forKey: .quietHours)
        try values.encode(digest, forKey: .digest)
    }
}
