import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct TraceTests {
    @Test func `a trace is a tree of requests, events and consumers`() async throws {
        let rig = try await AnalyticsRig()
        let service = try await rig.service()
        let (trace, now) = ("0af7651916cd43dd8448eb211c80319c", WallClock.system.now)
        func span(_ id: String, _ parent: String?, _ kind: String, _ name: String, event: Identifier? = nil)
            -> TraceSpan
        {
            TraceSpan(
                traceID: trace,
                spanID: id,
                parentID: parent,
                kind: kind,
                service: "booking",
                name: name,
                status: kind == "request" ? 202 : nil,
                eventID: event,
                durationMicroseconds: 1500,
                timestamp: now
            )
        }
        var event = try Event(
            UserRegistered(userID: MetricTests.id(1), locale: "vi", role: .user, timestamp: now),
            at: now
        )
        event.traceparent = "00-\(trace)-b7ad6b7169203331-01"
        try await rig.publish([event])
        try await rig.publish(span("b7ad6b7169203331", "00f067aa0ba902b7", "request", "POST /v1/users"))
        try await rig.publish(span("00f067aa0ba902b8", "b7ad6b7169203331", "consumer", "auth", event: event.id))
        let path = "/v1/admin/trace/\(trace)"
        let tree = try await eventually("all three are there") {
            let tree = try await rig.get(service, path).json
            return tree["items"].int == 3 ? tree : nil
        }
        let root = tree["roots"][0]
        #expect(root["name"].string == "POST /v1/users" && root["status"].int == 202)
        #expect(root["children"][0]["name"].string == "user.registered")
        #expect(root["children"][0]["children"][0]["name"].string == "auth")
        #expect(try await rig.get(service, "/v1/admin/trace/nothing").status == 404)
        #expect(try await rig.get(service, "/v1/admin/trace/\(String(repeating: "b", count: 32))").status == 404)
        let user = try rig.mint.token(for: MetricTests.id(1))
        #expect(try await Curl.request("GET", service.url + path, token: user).status == 403)
    }
}
