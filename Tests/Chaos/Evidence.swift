import System
import TestSupport

/// What is left of a round, gathered from outside: by curl, kcat and from the mail sink.
struct Evidence {
    /// Clients, outboxes, consumers and mails are given this long to come to rest.
    static let settlingSeconds = 90.0

    let stack: RunningStack
    let mails: MailSink
    let journal: Journal
    let showtimes: [String]

    private static var program: String { "\(SourceFile.repository)/Tests/Chaos/judge.py" }

    /// Waits until nothing is under way any more; what still is when the time is over.
    func settle() async throws -> String? {
        var last = ""
        do {
            try await eventually("the system comes to rest", within: Self.settlingSeconds) {
                let rest = try await Command.run(
                    Command.pythonPath,
                    [Self.program, "rest", stack.data, stack.broker],
                    within: 60
                )
                last = rest.output
                return rest.status.isSuccess
            }
            return nil
        } catch let timeout as Timeout { return "\(timeout)\n\(last)" }
    }

    /// Writes everything into a folder and has it judged; the judge's words. Throws with what is wrong.
    func judge(in folder: TemporaryDirectory) async throws -> String {
        let records = try await EventCheck.records(broker: stack.broker)
        try folder.write(records.joined(separator: "\n"), to: "records")
        try folder.write(try journal.text(), to: "journal")
        try folder.write(try await observe().text(), to: "observed")
        try folder.write(try mailLines(), to: "mails")
        let verdict = try await Command.run(Command.pythonPath, [Self.program, "verdict", folder.path])
        guard verdict.status.isSuccess else { throw ChaosFailure(description: verdict.output) }
        let check = try await EventCheck.run(records)
        guard check.status.isSuccess else { throw ChaosFailure(description: check.output) }
        return verdict.output
    }

    private func mailLines() throws -> String {
        try mails.messages.map { mail in
            let members: [String: JSON] = ["to": .array(mail.recipients.map(JSON.string)), "text": .string(mail.text)]
            return try JSON.object(members).text()
        }.joined(separator: "\n")
    }

    /// What everybody sees in the end.
    private func observe() async throws -> Journal {
        let client = Client(stack: stack, journal: journal)
        let seen = Journal()
        func look(_ what: String, _ id: String, _ path: String, _ token: String?, _ expect: Set<Int> = [200])
            async throws
        {
            let answer = try await client.send("GET", path, token: token, expect: expect)
            seen.add(
                .object([
                    "what": .string(what), "id": .string(id), "status": .number(Double(answer.status)),
                    "json": answer.json,
                ])
            )
        }
        let admin = try await stack.administrator()
        for showtime in showtimes {
            try await look("seats", showtime, "/v1/showtimes/\(showtime)/seats", nil)
            try await look("audit", showtime, "/v1/admin/showtimes/\(showtime)/audit", admin)
        }
        for session in journal.entries("session") where session["number"].string == "0" {
            let (user, token) = (try session.text("user"), try session.text("token"))
            try await look("me", user, "/v1/users/me", token)
            try await look("mutes", user, "/v1/users/me/mutes", token)
            try await look("bookings", user, "/v1/bookings?limit=200", token)
            try await look("inbox", user, "/v1/notifications?limit=200", token)
        }
        for upload in journal.entries("upload") {
            let (media, token) = (try upload.text("media"), try upload.text("token"))
            try await look("media", media, "/v1/media/\(media)", token)
            seen.note("content", ["id": media, "sha256": try await digest(of: media, token)])
            try await look("likes", media, "/v1/media/\(media)/likes?limit=200", token)
            try await look("comments", media, "/v1/media/\(media)/comments?limit=200", token)
        }
        let talks = Dictionary(journal.entries("said").map { ($0["room"].string ?? "", $0) }) { first, _ in first }
        for (room, said) in talks {
            try await look(
                "talk",
                room,
                "/v1/chat/rooms/\(room)/messages?after_seq=0&limit=200",
                try said.text("token")
            )
        }
        for ended in journal.entries("logged-out") {
            try await look("ended", try ended.text("user"), "/v1/bookings", try ended.text("token"), [401])
        }
        return seen
    }

    /// SHA-256 of what a person gets back.
    private func digest(of media: String, _ token: String) async throws -> String {
        let path = "\(stack.url)/v1/media/\(media)/content"
        let script = #"curl -sSf -H "Authorization: Bearer $0" "$1" | sha256sum"#
        return String(try await Command.run("bash", ["-o", "pipefail", "-c", script, token, path]).output.prefix(64))
    }
}

/// What is wrong with a round.
struct ChaosFailure: Error, CustomStringConvertible {
    let description: String
}
