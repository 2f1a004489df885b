import Persistence
import System
import TestSupport
import Testing

@testable import NotificationService

struct PreferenceRuleTests {
    private func choice(_ preferences: Preferences, _ channel: Channel, _ type: String) -> String {
        let choice = preferences.choice(channel, for: type)
        return "\(choice.isWanted ? "on" : "off") \(choice.rule)"
    }

    @Test func `the first rule that says something decides`() {
        var preferences = Preferences()
        #expect(choice(preferences, .email, "booking.booked") == "on default")
        #expect(choice(preferences, .email, "like.added") == "off default")
        #expect(choice(preferences, .sms, "like.added") == "off default")
        #expect(choice(preferences, .push, "like.added") == "on default")
        preferences.types = ["comment": ["push": false, "email": true], "comment.replied": ["push": true]]
        #expect(choice(preferences, .push, "comment.added") == "off group")
        #expect(choice(preferences, .push, "comment.replied") == "on type")
        #expect(choice(preferences, .email, "comment.replied") == "on group")
        preferences.email = false
        #expect(choice(preferences, .email, "comment.replied") == "off channel")
        preferences.types["security"] = ["email": false, "in_app": false]
        #expect(choice(preferences, .email, "security.new-device") == "on critical")
        #expect(choice(preferences, .inApp, "security.new-device") == "on critical")
    }

    @Test func `a link ends mails of its type alone, and only ours does`() throws {
        let tokens = UnsubscribeTokens(publicURL: "https://marquee.example", key: [1, 2, 3])
        let user = Identifier.version7(at: Timestamp(milliseconds: 1))
        let token = tokens.token(for: user, type: "comment.added")
        let read = try #require(tokens.read(token))
        #expect(read.user == user && read.type == "comment.added")
        for wrong in ["", "A", token + "AAAA", String(token.dropLast(4)), String(token.reversed())] {
            #expect(tokens.read(wrong) == nil)
        }
        #expect(UnsubscribeTokens(publicURL: "", key: [1]).read(token) == nil)
        var preferences = Preferences(digest: .daily)
        preferences.endMails(of: "comment.added")
        #expect(!preferences.choice(.email, for: "comment.added").isWanted)
        #expect(preferences.choice(.email, for: "comment.replied").isWanted)
        preferences.endMails(of: Template.digest)
        #expect(preferences.digest == .off)
    }
}

struct QuietHoursTests {
    private func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    @Test(arguments: [
        // Across midnight, in summer and winter.
        ("Europe/Berlin", "22:00", "07:00", "2025-07-01T20:30:00Z", "2025-07-02T05:00:00.000Z"),
        ("Europe/Berlin", "22:00", "07:00", "2025-01-01T21:30:00Z", "2025-01-02T06:00:00.000Z"),
        ("Europe/Berlin", "22:00", "07:00", "2025-07-01T04:59:59Z", "2025-07-01T05:00:00.000Z"),
        // The night in which clocks are set forward, and the one in which they are set back.
        ("Europe/Berlin", "22:00", "07:00", "2025-03-29T22:00:00Z", "2025-03-30T05:00:00.000Z"),
        ("Europe/Berlin", "22:00", "07:00", "2025-10-25T21:00:00Z", "2025-10-26T06:00:00.000Z"),
        // Within a day, and no change of clocks.
        ("Asia/Ho_Chi_Minh", "12:00", "13:30", "2025-03-19T05:10:00Z", "2025-03-19T06:30:00.000Z"),
    ])
    func `quiet hours end by the person's own clock`(
        zone: String,
        start: String,
        end: String,
        now: String,
        expected: String
    ) throws {
        let rules = try #require(TimeZones().rules(zone))
        let ends = QuietHours(start: start, end: end).end(at: try instant(now), in: rules)
        #expect(ends?.description == expected)
    }

    @Test func `outside of them it is not quiet`() throws {
        let rules = try #require(TimeZones().rules("Europe/Berlin"))
        let hours = QuietHours(start: "22:00", end: "07:00")
        for now in ["2025-07-01T05:00:00Z", "2025-07-01T19:59:59Z", "2025-01-01T06:00:00Z"] {
            #expect(hours.end(at: try instant(now), in: rules) == nil)
        }
    }

    @Test func `an end is never before now, whatever clocks do`() throws {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"] {
            let rules = try #require(TimeZones().rules(zone))
            for hours in [("22:00", "07:00"), ("01:00", "02:30"), ("23:30", "00:30"), ("02:15", "02:45")] {
                let quiet = QuietHours(start: hours.0, end: hours.1)
                var now = try instant("2025-01-01T00:00:00Z")
                for _ in 0..<35_000 {
                    now = now.adding(seconds: 900)
                    guard let end = quiet.end(at: now, in: rules) else { continue }
                    #expect(end > now && end < now.adding(seconds: 26 * 3600))
                }
            }
        }
    }
}
