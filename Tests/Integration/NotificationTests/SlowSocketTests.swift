import System
import TestSupport
import Testing

/// A socket whose reader hangs while much is to be told.
@Suite(.serialized) struct SlowSocketTests {
    private static let path = "/v1/notifications/ws"

    private func ids(_ reader: SlowReader) -> [Int] {
        reader.frames.filter { $0["type"].string == "notification" }.compactMap {
            $0["event_id"].string.flatMap { Int($0) }
        }
    }

    @Test func `who does not read is closed with 4408, others feel nothing, and who comes back misses nothing`()
        async throws
    {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let (user, other) = (
            Identifier.version7(at: WallClock.system.now), Identifier.version7(at: WallClock.system.now)
        )
        let token = try rig.token(for: user)
        let slow = try SlowReader(service.port, Self.path, protocol: "notifications.v1", token: token)
        let reader = try SocketReader(
            service.url + Self.path,
            protocol: "notifications.v1",
            token: try rig.token(for: other)
        )
        try await eventually("it hears") { slow.frames.contains { $0["type"].string == "ready" } }
        _ = try await reader.first("others hear") { $0["type"].string == "ready" }
        try slow.pause()
        let count = try await rig.fillInbox(of: user)
        let before = try service.residentBytes()
        // Wakes whoever watches the inbox.
        try await rig.publish(rig.booked(user))
        try await rig.publish(rig.booked(other))
        _ = try await reader.first("others are told") { $0["type"].string == "notification" }
        try await service.expectIdle()
        #expect(try service.residentBytes() - before < 48 << 20)
        try slow.proceed()
        try await eventually("the socket ends") { slow.frames.last?["type"].string == "end" }
        #expect(slow.frames.first { $0["type"].string == "close" }?["code"].int == 4408)
        let seen = ids(slow)
        let last = try #require(seen.last)
        #expect(seen == Array(1...last) && last < count, "\(last) of \(count)")

        let again = try SlowReader(
            service.port,
            "\(Self.path)?last_event_id=\(last)",
            protocol: "notifications.v1",
            token: token
        )
        let missed = try await rig.numbers(of: user, after: last)
        #expect(missed.count == count + 1 - last)
        try await eventually("what was missed comes", within: 20) { ids(again).last == missed.last }
        #expect(ids(again) == missed)
        #expect(again.frames.first { $0["type"].string == "ready" }?["event_id"].string == "\(last)")
        try await rig.publish(rig.booked(user))
        try await eventually("what is new comes", within: 20) { ids(again).count == missed.count + 1 }
        #expect(!again.frames.contains { $0["type"].string == "close" })
    }

    @Test func `a socket goes on behind an id of this inbox, and refuses what is none`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let token = try rig.token(for: user)
        for id in ["x", "-1", "1.5", "99999999999999999999"] {
            let url = "\(service.url)\(Self.path)?last_event_id=\(id)"
            let answer = try await Curl.request("GET", url, token: token)
            #expect(answer.status == 422 && answer.json["code"].string == "invalid_request", "\(id): \(answer.body)")
        }
        // An id that is still to come hides nothing.
        let url = "\(service.url)\(Self.path)?last_event_id=1000"
        let ahead = try SocketReader(url, protocol: "notifications.v1", token: token)
        _ = try await ahead.first("it is ready") { $0["type"].string == "ready" && $0["event_id"].string == "0" }
        try await rig.publish(rig.booked(user))
        _ = try await ahead.first("it comes") { $0["type"].string == "notification" && $0["event_id"].string == "1" }
    }
}

extension NotificationRig {
    /// Puts more into somebody's inbox than the kernel and the service keep for a stream; says how much.
    func fillInbox(of user: Identifier) async throws -> Int {
        let (id, count) = (user.description.replacing("-", with: ""), 10_000)
        _ = try await rows(
            """
            WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT \(count))
            INSERT INTO notifications (id, user_id, type, message, data, created_at)
            SELECT randomblob(16), x'\(id)', 'test', hex(zeroblob(400)), '{}', number FROM numbers RETURNING 1
            """
        )
        return count
    }
}

extension NotificationRig {
    /// The numbers of what is in somebody's inbox after one of them.
    fileprivate func numbers(of user: Identifier, after last: Int) async throws -> [Int] {
        let id = user.description.replacing("-", with: "")
        let query = "SELECT number FROM notifications WHERE user_id = x'\(id)' AND number > \(last) ORDER BY number"
        return try await rows(query).split(separator: "\n").compactMap { Int($0) }
    }
}

extension ServiceProcess {
    /// Resident memory of the process in bytes.
    fileprivate func residentBytes() throws -> Int {
        let fields = String(decoding: try File.read("/proc/\(processID)/statm"), as: UTF8.self).split(separator: " ")
        return (Int(fields[1]) ?? 0) * 4096
    }

    /// Waits until the process has used next to no time for two seconds: on a busy machine it gets little when it has much
    /// to do, too.
    func expectIdle() async throws {
        var (used, same) = (-1, 0)
        try await eventually("it waits for the reader", within: 120) {
            try await Task.sleep(for: .milliseconds(200))
            let text = String(decoding: try File.read("/proc/\(self.processID)/stat"), as: UTF8.self)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            let now = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
            same = now <= used + 1 ? same + 1 : 0
            used = now
            return same >= 10
        }
    }
}
