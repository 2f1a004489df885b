import Contracts
import System
import TestSupport
import Testing

/// What the sending of a file causes is in one trace, over all services.
@Suite struct TraceTests {
    @Test func `from the file that was sent to the pictures made of it, one trace`() async throws {
        let rig = try await BatchRig()
        try await rig.start()
        let lan = try rig.person()
        let photos = try await rig.photos(1)
        let id = try await lan.announce(photos)
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let headers = ["traceparent": "00-\(trace)-00f067aa0ba902b7-01"]
        #expect(try await lan.put(photos[0], 0, of: id, headers).status == 204)
        for (topic, type) in [
            ("batch-events", "batch.part-received"), ("batch-events", "batch.file-stored"),
            ("media-events", "media.uploaded"), ("media-results", "media.job-finished"),
            ("media-events", "media.processed"),
        ] {
            try await eventually("\(type) is in the trace", within: 40) {
                let arguments = ["-C", "-q", "-e", "-o", "beginning", "-t", topic, "-f", "%h\n"]
                let broker = ["-b", "127.0.0.1:\(rig.broker.port)"]
                let lines = try await Command.run("kcat", broker + arguments, within: 20).output.split(separator: "\n")
                return lines.contains { $0.contains("ce_type=\(type),") && $0.contains("traceparent=00-\(trace)-") }
            }
        }
    }
}
