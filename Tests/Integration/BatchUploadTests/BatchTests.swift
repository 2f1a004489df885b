import Contracts
import Security
import System
import TestSupport
import Testing

/// Batches over HTTP, with the real broker, Media and a media worker.
@Suite(.serialized) struct BatchTests {
    @Test func `files sent in pieces, out of order and twice, are shown all at once`() async throws {
        let rig = try await BatchRig()
        try await rig.start()
        let (lan, mai) = (try rig.person(), try rig.person())
        let photos = try await rig.photos(4)
        let id = try await lan.announce(photos, digests: true)
        let parts = (photos[0].count - 1) / 4096 + 1
        for part in (1..<parts).reversed() {
            let bytes = Array(photos[0].dropFirst(part * 4096).prefix(4096))
            #expect(try await lan.put(bytes, 0, part: part, of: id, contentDigest(bytes)).status == 204)
        }
        let last = Array(photos[0].dropFirst((parts - 1) * 4096))
        #expect(try await lan.put(last, 0, part: parts - 1, of: id).status == 204)
        #expect(try await lan.put(last.reversed(), 0, part: parts - 1, of: id).json["code"].string == "part_differs")
        var missing = try await lan.call("GET", "/v1/batches/\(id)/missing").json
        #expect(missing["part_size"].int == 4096)
        #expect(missing["items"].array.map { $0["index"].int } == [0, 1, 2, 3])
        #expect(missing["items"][0]["parts"].array.map(\.int) == [0])
        // The whole file again: what is there is compared, what is missing written.
        try await lan.send(photos, of: id)
        missing = try await lan.call("GET", "/v1/batches/\(id)/missing").json
        #expect(missing["items"].array.isEmpty)
        try await eventually("all are processed", within: 60) {
            try await lan.batch(id)["counts"]["ready"].int == 4
        }
        // Nobody sees a thing before the end.
        #expect(try await lan.items(seenBy: mai).isEmpty)
        #expect(try await rig.endings(of: id).isEmpty)
        let end = try await lan.complete(id)
        #expect(end["state"].string == "completed")
        #expect(end["files"].array.map { $0["state"].string } == ["ready", "ready", "ready", "ready"])
        let seen = try await eventually("others see them") {
            let items = try await lan.items(seenBy: mai)
            return items.isEmpty ? nil : items
        }
        #expect(seen.count == 4)
        #expect(Set(seen.map { $0["id"].string }) == Set(end["files"].array.map { $0["media_id"].string }))
        #expect(try await rig.endings(of: id) == ["batch.completed"])
        #expect(try await lan.put(photos[0], 0, of: id).json["code"].string == "batch_not_open")
        try await eventually("no bytes are left") { try rig.leftovers().isEmpty }
        try await Self.expectValidEvents(rig, id)
    }

    private static func expectValidEvents(_ rig: BatchRig, _ id: String) async throws {
        let arguments = ["-b", "127.0.0.1:\(rig.broker.port)", "-t", "batch-events", "-C", "-e", "-q", "-J"]
        let records = try await Command.run("kcat", arguments, within: 20).output.split(separator: "\n")
        let judged = try await EventCheck.run(records.filter { $0.contains(id) }.map(String.init))
        #expect(judged.status.isSuccess, "\(judged.output)")
    }

    @Test func `poison fails alone, and what fails is told with its reason`() async throws {
        let rig = try await BatchRig()
        try await rig.start()
        let lan = try rig.person()
        let photos = try await rig.photos(2)
        let program = try File.read("/bin/true")
        let script = Array("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".utf8)
        let files = [photos[0], Array(photos[1].prefix(photos[1].count / 2)), program, [], script, photos[1]]
        let id = try await lan.announce(files)
        try await lan.send(Array(files.dropLast()), of: id)
        let end = try await lan.complete(id)
        #expect(end["state"].string == "completed")
        #expect(end["counts"]["ready"].int == 1 && end["counts"]["failed"].int == 5)
        let reasons = end["files"].array.map { $0["failure"]["reason"].string ?? "" }
        #expect(reasons[0].isEmpty && reasons[1...4].allSatisfy { !$0.isEmpty } && reasons[5] == "incomplete")
        let events = try await rig.events(of: id)
        #expect(events.count { $0.type == "batch.item-failed" } == 5)
        #expect(events.count { $0.type == "batch.completed" } == 1)
        let completed = try #require(events.first { $0.type == "batch.completed" }?.payload)
        #expect(completed["failures"].array.count == 5 && completed["files"].array.count == 1)
        let items = try await lan.items()
        #expect(items.count { $0["state"].string == "ready" } == 1)
    }

    @Test func `a digest that does not fit changes nothing, and a manifest's digest binds`() async throws {
        let rig = try await BatchRig()
        try await rig.start()
        let lan = try rig.person()
        let photos = try await rig.photos(2)
        let id = try await lan.announce(photos, digests: true)
        let wrong = try await lan.put(photos[0], 0, of: id, contentDigest(photos[1]))
        #expect(wrong.status == 400 && wrong.json["code"].string == "digest_mismatch")
        var other = photos[0]
        other[other.count / 2] ^= 1
        #expect(try await lan.put(other, 0, of: id).json["code"].string == "digest_mismatch")
        #expect(try await lan.batch(id)["received_bytes"].int == 0)
        #expect(try await lan.put(photos[0], 0, of: id, ["Content-Digest": "sha-256=nonsense"]).status == 400)
        // By parts nobody sees it before the worker does.
        for part in 0...((other.count - 1) / 4096) {
            let bytes = Array(other.dropFirst(part * 4096).prefix(4096))
            #expect(try await lan.put(bytes, 0, part: part, of: id).status == 204)
        }
        let reason = try await eventually("the file has failed", within: 30) {
            try await lan.batch(id)["files"][0]["failure"]["reason"].string
        }
        #expect(reason == "digest_mismatch")
        #expect(try await lan.put(photos[1] + [0], 1, of: id).status == 413)
        #expect(try await lan.put(photos[1].dropLast(), 1, of: id).status == 422)
        #expect(try await lan.put(photos[1], 1, of: id).status == 204)
        #expect(try await lan.complete(id)["counts"]["ready"].int == 1)
    }

    @Test func `a manifest that asks for too much or for paths is refused`() async throws {
        let rig = try await BatchRig([
            "MEDIA_MAX_BYTES": "1000000", "MEDIA_QUOTA_BYTES": "1500000", "OPEN_BATCHES": "1",
        ])
        try await rig.start(["media", "batch-upload"])
        let (lan, mai) = (try rig.person(), try rig.person())
        func file(_ name: String, _ size: String = "1", type: String = "image/png") -> String {
            #"{"name":"\#(name)","size":\#(size),"content_type":"\#(type)"}"#
        }
        func announce(_ files: [String]) async throws -> Curl.Response {
            try await lan.call("POST", "/v1/batches", json: #"{"files":[\#(files.joined(separator: ","))]}"#)
        }
        for name in [
            "../x", "a/b", #"a\\b"#, "..", ".", "", "a\\u0000b", "a\\u202eb", String(repeating: "x", count: 256),
        ] {
            #expect(try await announce([file(name)]).status == 422, "\(name)")
        }
        #expect(try await announce([]).status == 422)
        #expect(try await announce(Array(repeating: file("a"), count: 1001)).status == 422)
        for size in ["-1", "9223372036854775808", "1.5", "\"1\""] {
            #expect(try await announce([file("a", size)]).status == 422, "\(size)")
        }
        #expect(try await announce([file("a", "9223372036854775807")]).status == 413)
        #expect(try await announce([file("a", type: "image")]).status == 422)
        let full = try await announce(Array(repeating: file("a", "1000000"), count: 2))
        #expect(full.status == 413 && full.json["code"].string == "quota_exceeded")
        // What was refused holds nothing: one batch is open at a time.
        let made = try await announce([file("a", "1000000")])
        #expect(made.status == 201 && made.json["state"].string == "open")
        #expect(try await announce([file("a")]).json["code"].string == "too_many_uploads")
        let id = try made.json.text("id")
        for place in [
            "1", "-1", "99999999999999999999", "x", "0/parts/245", "0/parts/9223372036854775807", "0/parts/-1",
        ] {
            let answer = try await lan.call("PUT", "/v1/batches/\(id)/files/\(place)")
            #expect(answer.status == 404, "\(place)")
        }
        // Another's batch is none.
        for (method, path) in [
            ("GET", ""), ("DELETE", ""), ("GET", "/missing"), ("POST", "/complete"), ("GET", "/events"),
        ] {
            #expect(try await mai.call(method, "/v1/batches/\(id)\(path)").status == 404, "\(method) \(path)")
        }
        #expect(try await mai.put([1], 0, of: id).status == 404)
        #expect(try await mai.call("GET", "/v1/batches").json["items"].array.isEmpty)
        #expect(try await lan.call("GET", "/v1/batches").json["items"].array.count == 2)
    }

    @Test func `a batch that is cancelled or forgotten leaves nothing`() async throws {
        let rig = try await BatchRig(["BATCH_SECONDS": "300"])
        try await rig.start()
        let lan = try rig.person()
        let photos = try await rig.photos(3)
        let cancelled = try await lan.announce(photos, ["Idempotency-Key": "one"])
        #expect(try await lan.announce(photos, ["Idempotency-Key": "one"]) == cancelled)
        try await lan.send(Array(photos.prefix(2)), of: cancelled)
        try await eventually("two items") { try await lan.items().count == 2 }
        #expect(try await lan.call("DELETE", "/v1/batches/\(cancelled)").status == 204)
        #expect(try await lan.call("DELETE", "/v1/batches/\(cancelled)").status == 204)
        #expect(try await lan.call("POST", "/v1/batches/\(cancelled)/complete").status == 409)
        try await eventually("no items are left") { try await lan.items().isEmpty }
        let forgotten = try await lan.announce(photos)
        try await lan.send(Array(photos.prefix(2)), of: forgotten)
        try rig.clock.set(ahead: 400)
        #expect(try await lan.end(of: forgotten)["state"].string == "expired")
        try await eventually("nothing is left") {
            let (items, files) = (try await lan.items(), try rig.leftovers())
            return items.isEmpty && files.isEmpty
        }
        #expect(try await rig.endings(of: cancelled) == ["batch.cancelled"])
        #expect(try await rig.endings(of: forgotten) == ["batch.expired"])
    }
}
