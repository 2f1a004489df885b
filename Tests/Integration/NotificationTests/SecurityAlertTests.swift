import Contracts
import System
import TestSupport
import Testing

@testable import NotificationService

@Suite(.serialized) struct SecurityAlertTests {
    private static let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    private static let chrome = """
        Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36
        """

    private func login(_ user: Identifier, _ agent: String, network: String = "203.0.113.0/24") -> LoginSucceeded {
        LoginSucceeded(
            userID: user,
            sessionID: .version7(at: WallClock.system.now),
            addressPrefix: network,
            userAgent: agent,
            timestamp: Timestamp(milliseconds: 1_742_378_400_000)
        )
    }

    @Test(arguments: [
        ("vi", "Tài khoản của bạn vừa đăng nhập từ một thiết bị mới: Chrome, Windows."),
        ("en", "Your account was used from a new device: Chrome, Windows."),
    ])
    func `a log-in from a new device is told, the first after sign-up and known devices are not`(
        locale: String,
        message: String
    ) async throws {
        let mails = try await MailSink()
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        try await rig.register(user, email: "ngoc@example.com", locale: locale)
        try await eventually("the welcome is mailed", within: 20) { mails.messages.count == 1 }
        for agent in [Self.firefox, Self.firefox.replacing("128.0", with: "129.0"), Self.chrome, Self.firefox] {
            try await rig.publish(login(user, agent))
        }
        let token = try rig.token(for: user)
        let items = try await eventually("the alert is in the inbox", within: 20) { () -> [JSON]? in
            let answer = try await Curl.request("GET", "\(service.url)/v1/notifications", token: token)
            return answer.json["items"].array.isEmpty ? nil : answer.json["items"].array
        }
        #expect(items.map { $0["message"].string } == [message])
        try await eventually("the alert is mailed") { mails.messages.count == 2 }
        // A later event of the same person shows that nothing else was on its way.
        try await rig.publish(login(user, Self.firefox, network: "198.51.100.0/24"))
        try await eventually("another network is told") { mails.messages.count == 3 }
        #expect(mails.messages.allSatisfy { $0.recipients == ["ngoc@example.com"] })
    }

    @Test func `a locked account is told to its owner alone`() async throws {
        let mails = try await MailSink()
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        try await rig.register(user, email: "ngoc@example.com", locale: "en")
        let now = WallClock.system.now
        try await rig.publish(AccountLocked(account: "nobody", until: now, timestamp: now))
        try await rig.publish(AccountLocked(userID: user, until: now, timestamp: now))
        try await eventually("welcome and alert are mailed", within: 20) { mails.messages.count == 2 }
        #expect(mails.messages.count { $0.text.contains("Subject: Security alert") } == 1)
        #expect(try await service.stop().isSuccess)
    }

    @Test func `another address, and a second factor that an admin removed, are told in one's language`() async throws {
        let mails = try await MailSink()
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        try await rig.register(user, email: "ngoc@example.com", locale: "vi")
        let now = WallClock.system.now
        try await rig.publish(UserEmailChanged(userID: user, timestamp: now))
        var removed = MFADisabled(userID: user, reason: "removed_by_admin", timestamp: now)
        removed.actorID = .version7(at: now)
        try await rig.publish(removed)
        let token = try rig.token(for: user)
        let told = [
            "Địa chỉ e-mail của tài khoản vừa được thay đổi.",
            "Quản trị viên đã tắt xác thực hai lớp cho tài khoản của bạn.",
        ]
        try await eventually("both are in the inbox", within: 20) {
            let answer = try await Curl.request("GET", "\(service.url)/v1/notifications", token: token)
            return Set(answer.json["items"].array.compactMap { $0["message"].string }) == Set(told)
        }
    }

    @Test func `a device is named by words of ours, whatever the client says`() {
        let names = [
            Self.firefox: "Firefox, Linux", Self.chrome: "Chrome, Windows", "curl/8.5.0": "curl",
            "click https://evil.example": "", "": "",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1":
                "Safari, iPhone",
        ]
        for (agent, name) in names { #expect(Device(userAgent: agent, network: "").name == name) }
    }
}
