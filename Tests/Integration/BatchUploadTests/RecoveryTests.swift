import Contracts
import System
import TestSupport
import Testing

extension BatchTests {
    @Test func `a kill during a PUT costs what was not answered, and nothing else`() async throws {
        let rig = try await BatchRig(["BATCH_PART_BYTES": "8388608"])
        try await rig.start(["media", "batch-upload"])
        let lan = try rig.person()
        let big = (0..<(20 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let id = try await lan.announce([big])
        let first = Array(big.prefix(8 << 20))
        #expect(try await lan.put(first, 0, part: 0, of: id, contentDigest(first)).status == 204)
        let folder = try TemporaryDirectory()
        try File.write(folder.appending("part"), Array(big.dropFirst(8 << 20).prefix(8 << 20)))
        let arguments = [
            "-sS", "-X", "PUT", "--limit-rate", "4M", "-H", "Authorization: Bearer \(lan.token)", "--data-binary",
            "@\(folder.appending("part"))", "\(rig.url())/v1/batches/\(id)/files/0/parts/1",
        ]
        async let broken = Command.run("curl", arguments, within: 30)
        let path = rig.data.appending("batch-upload/batches/\(id)/0")
        try await eventually("bytes of the second part arrive") { try File.status(path)?.size ?? 0 > 10 << 20 }
        try await rig.kill("batch-upload")
        _ = try? await broken
        try await rig.start(["batch-upload"])
        let missing = try await lan.call("GET", "/v1/batches/\(id)/missing").json
        #expect(missing["items"][0]["parts"].array.map(\.int) == [1, 2])
        #expect(try OpenFile(reading: path).read(at: 9 << 20, count: 4) == [0, 0, 0, 0])
        #expect(try await lan.put(big, 0, of: id, contentDigest(big)).status == 204)
        try await eventually("it is stored") {
            ["stored", "ready", "failed"].contains(try await lan.batch(id)["files"][0]["state"].string)
        }
        let stored = try await rig.events(of: id).filter { $0.type == "batch.file-stored" }
        #expect(stored.count == 1 && stored.first?.payload["size"].int == big.count)
    }

    @Test func `kills between events leave every file in one state and one end of each batch`() async throws {
        let rig = try await BatchRig()
        try await rig.start()
        let (lan, mai) = (try rig.person(), try rig.person())
        let photos = try await rig.photos(12)
        let batches = [try await lan.announce(photos), try await mai.announce(photos)]
        for (index, bytes) in photos.enumerated() {
            for (person, id) in zip([lan, mai], batches) {
                #expect(try await person.put(bytes, index, of: id).status == 204)
            }
            guard index % 4 == 3 else { continue }
            for service in BatchRig.services { try await rig.kill(service) }
            try await rig.start()
        }
        for (person, id) in zip([lan, mai], batches) {
            _ = try await person.call("POST", "/v1/batches/\(id)/complete")
        }
        try await rig.kill("batch-upload")
        try await rig.start(["batch-upload"])
        for (person, id) in zip([lan, mai], batches) {
            let end = try await person.end(of: id, within: 90)
            #expect(end["state"].string == "completed" && end["counts"]["ready"].int == photos.count)
            #expect(try await rig.endings(of: id) == ["batch.completed"])
            let seen = try await eventually("they are shown") {
                let items = try await person.items(seenBy: person.id == lan.id ? mai : lan)
                return items.isEmpty ? nil : items
            }
            #expect(seen.count == photos.count)
        }
    }

    @Test func `a stream tells what happens and goes on where it was cut off`() async throws {
        let rig = try await BatchRig()
        try await rig.start()
        let lan = try rig.person()
        let photos = try await rig.photos(2)
        let id = try await lan.announce(photos)
        let url = "\(rig.url())/v1/batches/\(id)/events"
        let arguments = ["-sSN", "--max-time", "8", "-H", "Authorization: Bearer \(lan.token)"]
        async let reading = Command.run("curl", arguments + [url], within: 20)
        try await lan.send(photos, of: id)
        let end = try await lan.complete(id)
        #expect(end["state"].string == "completed")
        let told = try await reading.output
        let names = told.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
        #expect(names.first == "state")
        for name in ["batch.part-received", "batch.file-stored", "batch.progressed", "batch.completed"] {
            #expect(names.contains(Substring(name)), "\(name)")
        }
        let ids = told.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
        let again = try await Command.run(
            "curl",
            ["-sSN", "--max-time", "2", "-H", "Last-Event-ID: \(ids[ids.count - 2])"] + arguments.suffix(2) + [url],
            within: 20
        ).output
        #expect(
            again.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) } == [ids.last]
        )
    }

    @Test func `a banned account sends nothing, and of an erased one nothing is left`() async throws {
        let rig = try await BatchRig()
        try await rig.start(["media", "batch-upload"])
        let lan = try rig.person()
        let photos = try await rig.photos(2)
        let id = try await lan.announce(photos)
        #expect(try await lan.put(photos[0], 0, of: id).status == 204)
        let now = WallClock.system.now
        try await rig.publish(UserBanned(userID: lan.id, reason: "spam", timestamp: now))
        try await eventually("the ban holds") {
            try await lan.put(photos[1], 1, of: id).json["code"].string == "user_banned"
        }
        #expect(try await lan.call("POST", "/v1/batches", json: #"{"files":[]}"#).status == 422)
        try await rig.publish(UserUnbanned(userID: lan.id, timestamp: now))
        try await eventually("the ban is over") { try await lan.put(photos[1], 1, of: id).status == 204 }
        let erasure = Identifier.version7(at: now)
        try await rig.publish(UserDeleted(userID: lan.id, erasureID: erasure, timestamp: now))
        try await eventually("the batch is gone") { try await lan.call("GET", "/v1/batches/\(id)").status == 404 }
        #expect(try rig.leftovers().isEmpty)
        #expect(try await rig.endings(of: id) == ["batch.cancelled"])
        try await eventually("the receipt is given") {
            let arguments = ["-b", "127.0.0.1:\(rig.broker.port)", "-t", "user-events", "-C", "-e", "-q"]
            let told = try await Command.run("kcat", arguments, within: 20).output
            return told.contains(#""service":"batch-upload""#)
        }
        #expect(try await lan.put(photos[1], 1, of: id).status == 401)
    }
}
