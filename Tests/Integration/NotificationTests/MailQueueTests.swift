import Contracts
import System
import TestSupport
import Testing

@testable import NotificationService

@Suite(.serialized) struct MailQueueTests {
    private func person() -> Identifier { .version7(at: WallClock.system.now) }

    private func messageID(_ mail: MailSink.Message) -> String {
        mail.text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Message-ID:") }.map(String.init) ?? ""
    }

    @Test func `a mail that is put off or lost on the way goes out again under its Message-ID and is told once`()
        async throws
    {
        let mails = try await MailSink(answers: ["451 4.3.0 later", MailSink.hangUp])
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        try await rig.register(person(), email: "ngoc@example.com")
        try await eventually("the mail is taken", within: 20) { mails.messages.last?.answer == "250 OK" }
        try await eventually("the delivery is told") { rig.mailOutcomes == [NotificationDelivered.type] }
        #expect(mails.messages.count == 3)
        #expect(Set(mails.messages.map(messageID)).count == 1)
        #expect(try await service.stop().isSuccess)
    }

    @Test func `a mail refused for good is put aside with the reason and holds up no other`() async throws {
        let mails = try await MailSink(answers: ["550 5.1.1 no such person"])
        let rig = try await NotificationRig(mailPort: mails.port)
        let service = try await rig.service()
        try await rig.register(person(), email: "nobody@example.com")
        try await eventually("the failure is told", within: 20) { rig.mailOutcomes == [NotificationFailed.type] }
        try await rig.register(person(), email: "ngoc@example.com")
        try await eventually("the next is told") { rig.mailOutcomes.last == NotificationDelivered.type }
        #expect(mails.messages.map(\.recipients) == [["nobody@example.com"], ["ngoc@example.com"]])
        #expect(service.log.contains("email not sent"))
    }

    @Test func `mails wait for a server that is down, across a crash`() async throws {
        let port = try PortProbe.freePort()
        let rig = try await NotificationRig(mailPort: port)
        let service = try await rig.service()
        try await rig.register(person(), email: "ngoc@example.com")
        try await eventually("a try has failed", within: 20) { service.log.contains("email not sent") }
        try await service.kill()
        let mails = try await MailSink(port: port)
        let restarted = try await rig.service()
        try await eventually("the mail has come", within: 20) { mails.messages.count == 1 }
        try await eventually("the delivery is told") { rig.mailOutcomes == [NotificationDelivered.type] }
        #expect(try await restarted.stop().isSuccess)
    }

    @Test func `tries are spaced out from a second to hours and end after twelve`() {
        var mail = Delivery(Notice(id: person(), userID: person(), type: "", data: [:]), on: .email, hasEntry: false)
        let now = Timestamp(milliseconds: 0)
        var waits: [Int64] = []
        while let next = mail.retry(after: now) {
            waits.append(next.milliseconds / 1000)
            mail.attempts += 1
        }
        #expect(waits.count == Delivery.maximumAttempts - 1)
        #expect(waits.first == 1 && waits == waits.sorted() && waits.allSatisfy { $0 <= 4 * 3600 })
    }
}
