import System
import TestSupport
import Testing

/// What people find behind the links in their mails, in a real browser (`make web-test`).
@Suite struct MailedLinkTests {
    private static let browser = Environment.value("MARQUEE_BROWSER")

    @Test(.enabled(if: browser != nil, "MARQUEE_BROWSER is not set"))
    func `an address is confirmed and a password set anew by the links of the mails`() async throws {
        let browser = try #require(Self.browser)
        let mails = try await MailSink()
        try await RunningStack.with(["SMTP_URL": mails.url]) { stack in
            let email = "lan@example.com"
            _ = try await Cinema(stack).visitor("lan")
            let forgot = #"{"email":"\#(email)"}"#
            _ = try await stack.call("POST", "/v1/auth/password/forgot", forgot, status: 202)
            let secrets = try await eventually("both mails have come", within: 20) {
                let links = ["verify-email", "reset-password"]
                let found = links.compactMap { link in mails.messages.compactMap { $0.secret(of: link) }.first }
                return found.count == links.count ? found : nil
            }
            let script = "\(SourceFile.repository)/Tests/Web/mailed_links.py"
            let seen = try await Command.run(
                Command.pythonPath,
                [script, stack.url, browser, email] + secrets,
                within: 90
            )
            #expect(seen.status.isSuccess, "\(seen.output)")
        }
    }
}
