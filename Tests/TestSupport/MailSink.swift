import System

/// An SMTP server (aiosmtpd, in Python) that keeps every message it is sent.
public final class MailSink: Sendable {
    /// One message as it came.
    public struct Message: Sendable {
        /// The envelope's sender.
        public let sender: String
        /// The envelope's recipients.
        public let recipients: [String]
        /// Header fields and body, undecoded.
        public let text: String
    }

    /// The port on 127.0.0.1.
    public let port: UInt16
    /// For `SMTP_URL`.
    public var url: String { "smtp://127.0.0.1:\(port)" }
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Starts the server and waits until it accepts connections.
    public init() async throws {
        directory = try TemporaryDirectory()
        port = try PortProbe.freePort()
        let mails = directory.appending("mails")
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: ["-c", Self.program, String(port), mails],
            environment: Environment.all(),
            output: .append(path: directory.appending("log"))
        )
        let port = port
        try await eventually("the mail sink listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
    }

    deinit {
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
                text: mail["text"].string ?? ""
            )
        }
    }

    private static let program = """
        import json, sys, time
        from aiosmtpd.controller import Controller
        class Sink:
            async def handle_DATA(self, server, session, envelope):
                mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                        "text": envelope.content.decode("utf-8", "replace")}
                with open(sys.argv[2], "a") as file:
                    file.write(json.dumps(mail) + "\\n")
                return "250 OK"
        Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
        while True:
            time.sleep(60)
        """
}
