import System
import TestSupport
import Testing

/// A stream whose reader hangs while much is to be told.
@Suite(.serialized) struct SlowStreamTests {
    @Test func `who reads slowly what was missed gets all of it`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let id = user.description.replacing("-", with: "")
        // More than the kernel and the service keep for a stream.
        let count = 10_000
        _ = try await rig.rows(
            """
            WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT \(count))
            INSERT INTO notifications (id, user_id, type, message, data, created_at)
            SELECT randomblob(16), x'\(id)', 'test', hex(zeroblob(400)), '{}', number FROM numbers RETURNING 1
            """
        )
        let url = "\(service.url)/v1/notifications/stream"
        let stream = try EventStreamReader(url, token: try rig.token(for: user), lastEventID: "0")
        try await eventually("the stream has begun", within: 20) { !stream.text.isEmpty }
        try stream.pause()
        // What the service would have waiting by then would be too much.
        try await service.expectIdle()
        try stream.proceed()
        try await eventually("the last has come") { stream.text.contains("id: \(count)\n") }
        let numbers = stream.text.split(separator: "\n").filter { $0.hasPrefix("id:") }
        #expect(numbers.map { Int($0.dropFirst(3).drop { $0 == " " }) } == Array(1...count))
        #expect(try !stream.hasEnded)
    }
}

extension ServiceProcess {
    /// Waits until the process has used little time for a while.
    fileprivate func expectIdle() async throws {
        var (used, same) = (-1, 0)
        try await eventually("it waits for the reader") {
            let text = String(decoding: try File.read("/proc/\(self.processID)/stat"), as: UTF8.self)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            let now = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
            same = now <= used + 1 ? same + 1 : 0
            used = now
            return same >= 10
        }
    }
}
