import Persistence
import Security
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

@testable import Mailing
@testable import Outbound

@Suite struct MailQueueTests {
    /// A queue whose server answers as it is told, and whose clock stands.
    private struct Rig {
        private final class Server: Sendable {
            let errors: Mutex<[OutboundError]>
            let sent = Mutex<[MailMessage]>([])

            init(_ errors: [OutboundError]) { self.errors = Mutex(errors) }
        }

        private let directory: TemporaryDirectory
        private let server: Server
        let database: Database
        let queue: MailQueue
        let now = Timestamp(milliseconds: 1_742_378_400_000)
        let owner = Identifier.version7(at: Timestamp(milliseconds: 1))
        var sent: [MailMessage] { server.sent.withLock(\.self) }

        init(failing errors: [OutboundError] = [], key: [UInt8] = .init(repeating: 7, count: 32)) throws {
            directory = try TemporaryDirectory()
            let (server, now) = (Server(errors), now)
            self.server = server
            database = try Database.open(
                Database.Configuration(path: directory.appending("x.sqlite")),
                migrations: [Migration(1, "mails", MailQueue.schema)]
            )
            queue = try MailQueue(
                database: database,
                key: key,
                sender: MailAddress(address: "from@example.org"),
                clock: WallClock { now },
                logger: Logger(label: "test", level: .error)
            ) { mail in
                if let error = server.errors.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
                server.sent.withLock { $0.append(mail) }
            }
        }

        func add(lasting seconds: Int64 = 900) async throws {
            let (queue, owner, now) = (queue, owner, now)
            let mail = SecretMail(name: "Lan", address: "lan@example.org", subject: "s", text: "the secret is 4711")
            try await database.write {
                let id = Identifier.version7(at: now)
                try queue.add(mail, id: id, owner: owner, expiresAt: now.adding(seconds: seconds), $0)
            }
        }

        func waiting() async throws -> Int {
            try await database.read { try $0.value("SELECT count(*) FROM secret_mails", as: Int.self) } ?? 0
        }
    }

    @Test func `a mail is sent and kept no longer`() async throws {
        let rig = try Rig()
        try await rig.add()
        #expect(try await rig.queue.step(at: rig.now) == nil)
        #expect(rig.sent.map(\.to.address) == ["lan@example.org"])
        #expect(rig.sent.map(\.text) == ["the secret is 4711"])
        #expect(try await rig.waiting() == 0)
    }

    @Test func `what waits is not readable in the file`() async throws {
        let rig = try Rig()
        try await rig.add()
        let sealed = try await rig.database.read { try $0.value("SELECT sealed FROM secret_mails", as: [UInt8].self) }
        let text = String(decoding: try #require(sealed), as: UTF8.self)
        #expect(!text.contains("4711") && !text.contains("lan@example.org"))
    }

    @Test func `a server that is busy is tried again, under one id`() async throws {
        let busy = OutboundError(.temporary, "busy")
        let rig = try Rig(failing: [busy, busy])
        try await rig.add()
        let next = try #require(try await rig.queue.step(at: rig.now))
        #expect(next == rig.now.adding(seconds: 1) && rig.sent.isEmpty)
        let last = try #require(try await rig.queue.step(at: next))
        #expect(try await rig.queue.step(at: last) == nil)
        #expect(rig.sent.count == 1)
    }

    @Test func `a refused mail and one that has expired are dropped`() async throws {
        let rig = try Rig(failing: [OutboundError(.rejected, "no such user")])
        try await rig.add()
        #expect(try await rig.queue.step(at: rig.now) == nil)
        try await rig.add(lasting: 10)
        #expect(try await rig.queue.step(at: rig.now.adding(seconds: 10)) == nil)
        #expect(rig.sent.isEmpty)
        #expect(try await rig.waiting() == 0)
    }

    @Test func `nothing is sent to somebody who is gone`() async throws {
        let rig = try Rig()
        try await rig.add()
        let owner = rig.owner
        try await rig.database.write { try MailQueue.forget(owner, $0) }
        #expect(try await rig.queue.step(at: rig.now) == nil)
        #expect(rig.sent.isEmpty)
    }
}
