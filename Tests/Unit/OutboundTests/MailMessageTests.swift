import System
import Testing

@testable import Outbound

@Suite struct MailMessageTests {
    func message(subject: String = "Vé của bạn", name: String = "Ngọc") -> MailMessage {
        MailMessage(
            from: MailAddress(name: "Marquee", address: "no-reply@marquee.example"),
            to: MailAddress(name: name, address: "ngoc@example.com"),
            subject: subject,
            text: "Xin chào",
            html: "<p>Xin chào</p>",
            messageID: "1@marquee.example",
            date: Timestamp(milliseconds: 1_742_378_400_000)
        )
    }

    @Test func `a subject of any script is written as encoded words`() throws {
        let text = String(decoding: try message().bytes(), as: UTF8.self)
        #expect(text.contains("Subject: =?UTF-8?B?VsOpIGPhu6dhIGLhuqFu?=\r\n"))
        #expect(text.contains("Date: Wed, 19 Mar 2025 10:00:00 +0000\r\n"))
        #expect(text.contains("Message-ID: <1@marquee.example>\r\n"))
        #expect(text.utf8.allSatisfy { $0 < 128 })
    }

    @Test func `no header line is longer than 78 characters`() throws {
        let subject = String(repeating: "đặt vé thành công ", count: 30)
        let text = String(decoding: try message(subject: subject).bytes(), as: UTF8.self)
        #expect(text.split(separator: "\r\n").allSatisfy { $0.count <= 90 })
    }

    @Test func `line breaks cannot make up headers`() {
        for bad in ["a\r\nBcc: x@example.com", "a\nb", "a\u{0}b"] {
            #expect(throws: OutboundError.self) { try message(subject: bad).bytes() }
            #expect(throws: OutboundError.self) { try message(name: bad).bytes() }
        }
    }

    @Test func `a server's URL gives its credentials and never without TLS`() throws {
        let server = try #require(SMTPServer("smtp://me%40x:p%3Aw@mail.example:587"))
        #expect(server.user == "me@x")
        #expect(server.password == "p:w")
        #expect(server.requiresTLS)
        #expect(server.url == "smtp://mail.example:587")
        #expect(SMTPServer("http://x") == nil)
        #expect(SMTPServer("smtp://127.0.0.1:2525")?.requiresTLS == false)
    }
}

@Suite struct OutboundClientTests {
    @Test func `private addresses are refused however they are written`() async throws {
        let client = try OutboundClient()
        for host in ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1"] {
            let error = await #expect(throws: OutboundError.self) {
                try await client.send(OutboundRequest("GET", "http://\(host):9/", deadlineMilliseconds: 2000))
            }
            // For good: another try would be refused as well.
            #expect(error?.code == .refused && error?.isRetriable == false, "\(host): \(error as Any)")
        }
        client.close()
    }

    @Test func `other protocols and line breaks are refused`() async throws {
        let client = try OutboundClient()
        for url in ["file:///etc/passwd", "gopher://127.0.0.1/", "http://x/\r\nHost: y"] {
            await #expect(throws: OutboundError.self) { try await client.send(OutboundRequest("GET", url)) }
        }
        client.close()
    }

    @Test func `a closed client refuses`() async throws {
        let client = try OutboundClient()
        client.close()
        await #expect(throws: OutboundError(.closed, "the client is closed or has too much to do")) {
            try await client.send(OutboundRequest("GET", "http://example.com/"))
        }
    }
}
