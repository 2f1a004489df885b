import System
import TestSupport
import Testing

/// A stream whose reader hangs while much is to be told.
@Suite(.serialized) struct SlowStreamTests {
    @Test func `who reads slowly what was missed gets all of it`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        let user = Identifier.version7(at: WallClock.system.now)
        let count = try await rig.fillInbox(of: user)
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
