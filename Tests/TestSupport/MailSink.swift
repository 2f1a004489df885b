import FoundationEssentials
import System

/// An SMTP server (aiosmtpd, in Python) that keeps every message it is sent, and answers as it is told.
public final class MailSink: Sendable {
    /// One message as it came.
    public struct Message: Sendable {
        /// The envelope's sender.
        public let sender: String
        /// The envelope's recipients.
        public let recipients: [String]
        /// Header fields and body, undecoded.
        public let text: String
        /// What the server answered.
        public let answer: String

        /// The body as it is read; empty when it is not Base64, as Marquee's are.
        public var body: String {
            let parts = text.replacing("\r\n", with: "\n").split(separator: "\n\n", maxSplits: 1)
            let data = parts.last.flatMap { Data(base64Encoded: String($0), options: .ignoreUnknownCharacters) }
            return String(decoding: data ?? Data(), as: UTF8.self)
        }

        /// The secret behind the `#` of the link in the body, such as of `verify-email`.
        public func secret(of link: String) -> String? {
            let parts = body.split(separator: "#\(link)=", maxSplits: 1)
            return parts.count == 2
                ? String(parts[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) : nil
        }
    }

    /// The port on 127.0.0.1.
    public let port: UInt16
    /// For `SMTP_URL`.
    public var url: String { "smtp://127.0.0.1:\(port)" }
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// The answer that is none: the connection ends instead, as when a server dies with the mail.
    public static let hangUp = "hang up"

    /// Starts the server, on a free port unless one is given, and waits until it accepts connections. The first messages
    /// get the given answers, such as `451 later`, and all others `250 OK`.
    public init(port: UInt16? = nil, answers: [String] = []) async throws {
        directory = try TemporaryDirectory()
        self.port = try port ?? PortProbe.freePort()
        let port = self.port
        let mails = directory.appending("mails")
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: ["-c", Self.program, String(port), mails, Self.hangUp] + answers,
            environment: Environment.all(),
            output: .append(path: directory.appending("log"))
        )
        try await eventually("the mail sink listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
    }

    deinit { stop() }

    /// Ends the server; what it got stays to be looked at.
    public func stop() {
        // The child may have ended by itself; nothing is left to do then.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// The messages so far, in order of arrival.
    public var messages: [Message] {
        directory.read("mails").split(separator: "\n").compactMap { line in
            guard let mail = try? JSON(parsing: String(line)), let sender = mail["from"].string else { return nil }
            return Message(
                sender: sender,
                recipients: mail["to"].array.compactMap(\.string),
                text: mail["text"].string ?? "",
                answer: mail["answer"].string ?? ""
            )
        }
    }

    private static let program = """
        import json, sys, time
        from aiosmtpd.controller import Controller
        answers = sys.argv[4:]
        class Sink:
            async def handle_DATA(self, server, session, envelope):
                answer = answers.pop(0) if answers else "250 OK"
                mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                        "text": envelope.content.decode("utf-8", "replace"), "answer": answer}
                with open(sys.argv[2], "a") as file:
                    file.write(json.dumps(mail) + "\\n")
                if answer == sys.argv[3]:
                    server.transport.abort()
                return answer
        Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
        while True:
            time.sleep(60)
        """
}
