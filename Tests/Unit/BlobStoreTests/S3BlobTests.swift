import System
import TestSupport
import Testing

@testable import BlobStore

/// What an object store can do to one.
struct S3BlobTests {
    @Test func `refusals that pass are tried again, and all the rest too`() async throws {
        let (rig, server) = (try await BlobRig(.objects), try await ObjectStore.shared.value)
        let file = try rig.file("a", Array("tried again".utf8))
        let name = file.digest.description
        try await server.fail("PUT", name, times: 2, .status(503, "SlowDown"))
        try await server.fail("HEAD", name, .status(500, ""))
        try await server.fail("PUT", name, .lost)
        try await rig.store.put(file: file.path, digest: file.digest, size: file.size)
        try await server.fail("GET", name, .status(500, "InternalError"))
        #expect(try await rig.content(file.digest, 0..<file.size) == Array("tried again".utf8))
        #expect(try await server.requests(name).filter { $0.hasPrefix("PUT") }.count == 4)
    }

    @Test func `a store that goes on refusing is unavailable, the file stays`() async throws {
        let (rig, server) = (try await BlobRig(.objects), try await ObjectStore.shared.value)
        let file = try rig.file("a", Array("refused".utf8))
        try await server.fail("PUT", file.digest.description, times: 5, .status(503, "SlowDown"))
        await #expect(throws: BlobError.unavailable("503 SlowDown")) {
            try await rig.store.put(file: file.path, digest: file.digest, size: file.size)
        }
        #expect(File.exists(file.path))
        try await rig.store.put(file: file.path, digest: file.digest, size: file.size)
        #expect(try await rig.store.size(of: file.digest) == file.size)
    }

    @Test func `wrong credentials and a missing bucket make the store unavailable, and nothing missing`() async throws {
        let absent = try #require(ContentDigest(String(repeating: "0", count: 64)))
        let rig = try await BlobRig(.objects, environment: ["AWS_SECRET_ACCESS_KEY": "wrong"])
        let other = try BlobStore(
            "s3:no-such-bucket",
            environment: try await ObjectStore.shared.value.environment,
            limits: BlobRig.quick
        )
        let file = try rig.file("a", [1])
        for store in [rig.store, other] {
            await #expect(throws: BlobError.self) { try await store.put(file: file.path, digest: file.digest, size: 1) }
            for call in [
                { _ = try await store.size(of: absent) }, { _ = try await store.read(absent, 0..<1) },
                { _ = try await store.read(absent, 0..<0) }, { _ = try await store.list(limit: 1) },
                { _ = try await store.remove(absent, unlessTouchedSince: BlobRig.later) },
                { try await store.fetch(absent, to: rig.directory.appending("x")) },
            ] as [@Sendable () async throws -> Void] {
                let error = await #expect(throws: BlobError.self) { try await call() }
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
        #expect(File.exists(file.path))
    }

    @Test func `a store that is down, or does not answer, is unavailable in bounded time`() async throws {
        var limits = BlobRig.quick
        (limits.attempts, limits.stallSeconds) = (2, 1)
        let absent = try #require(ContentDigest(String(repeating: "0", count: 64)))
        let free = try PortProbe.freePort()
        let down = try await BlobRig(
            .objects,
            limits: limits,
            environment: ["AWS_ENDPOINT_URL": "http://127.0.0.1:\(free)"]
        )
        await #expect(throws: BlobError.self) { try await down.store.size(of: absent) }
        let (slow, server) = (try await BlobRig(.objects, limits: limits), try await ObjectStore.shared.value)
        let digest = try await slow.put(Array("slow".utf8))
        let start = MonotonicClock.nanoseconds
        try await server.fail("GET", digest.description, times: 2, .delay(8))
        await #expect(throws: BlobError.self) { _ = try await slow.store.read(digest, 0..<4) }
        #expect(MonotonicClock.nanoseconds - start < 8_000_000_000)
    }

    @Test func `a body that is cut goes on where it ended`() async throws {
        let (rig, server) = (try await BlobRig(.objects), try await ObjectStore.shared.value)
        let bytes = BlobRig.bytes(3 << 20)
        let digest = try await rig.put(bytes)
        try await server.fail("GET", digest.description, times: 2, .cut(1_000_000))
        #expect(try await rig.content(digest, 0..<Int64(bytes.count)) == bytes)
        try await server.fail("GET", digest.description, .cut(0))
        try await rig.store.fetch(digest, to: rig.directory.appending("copy"))
        #expect(try File.read(rig.directory.appending("copy")) == bytes)
    }

    @Test func `content that is not what its digest says is neither taken nor fetched`() async throws {
        let (rig, server) = (try await BlobRig(.objects), try await ObjectStore.shared.value)
        let small = try rig.file("small", [1, 2, 3])
        let large = try rig.file("large", BlobRig.bytes(11 << 20))
        for file in [small, large] {
            let other = try #require(ContentDigest(bytes: file.digest.bytes.reversed()))
            await #expect(throws: BlobError.digestMismatch) {
                try await rig.store.put(file: file.path, digest: other, size: file.size)
            }
            #expect(File.exists(file.path))
            #expect(try await rig.store.size(of: other) == nil)
        }
        try await rig.store.put(file: small.path, digest: small.digest, size: 3)
        try await server.fail("GET", small.digest.description, .corrupt)
        let copy = rig.directory.appending("copy")
        await #expect(throws: BlobError.digestMismatch) { try await rig.store.fetch(small.digest, to: copy) }
        #expect(!File.exists(copy))
    }

    @Test func `a large file is sent in parts, each again when it has to be, and one that fails leaves none`()
        async throws
    {
        let (rig, server) = (try await BlobRig(.objects), try await ObjectStore.shared.value)
        let bytes = BlobRig.bytes(11 << 20)
        let file = try rig.file("a", bytes)
        let name = file.digest.description
        try await server.fail("PUT", "\(name)?partNumber=2", times: 5, .status(500, "InternalError"))
        await #expect(throws: BlobError.self) {
            try await rig.store.put(file: file.path, digest: file.digest, size: file.size)
        }
        #expect(try await server.requests(name).last?.hasPrefix("DELETE") == true)
        try await server.fail("PUT", "\(name)?partNumber=3", .lost)
        try await server.fail("POST", "\(name)?uploadId", .lost)
        try await rig.store.put(file: file.path, digest: file.digest, size: file.size)
        #expect(try await rig.content(file.digest, 0..<file.size) == bytes)
    }

    @Test func `a blob that is put while it is being removed is there afterwards`() async throws {
        let (rig, server) = (try await BlobRig(.objects), try await ObjectStore.shared.value)
        let digest = try await rig.put(Array("wanted again".utf8))
        let limit = try #require(try await rig.store.list(limit: 1).first).touchedAt
        // The remover has looked twice and is on its way.
        try await server.fail("DELETE", "/\(digest.description.prefix(2))/", .delay(1))
        async let isGone = rig.store.remove(digest, unlessTouchedSince: limit)
        try await eventually("the removal is under way") {
            try await server.requests(digest.description).contains { $0.hasPrefix("DELETE") }
        }
        try await rig.put(Array("wanted again".utf8))
        #expect(try await isGone)
        #expect(try await rig.content(digest, 0..<6) == Array("wanted".utf8))
    }

    @Test func `a removal that was announced and never came holds nobody for long`() async throws {
        var limits = BlobRig.quick
        limits.removalSeconds = 2
        let (rig, server) = (try await BlobRig(.objects, limits: limits), try await ObjectStore.shared.value)
        let digest = try await rig.put(Array("announced".utf8))
        try await server.fail("DELETE", "/\(digest.description.prefix(2))/", .status(403, "AccessDenied"))
        await #expect(throws: BlobError.unavailable("403 AccessDenied")) {
            try await rig.store.remove(digest, unlessTouchedSince: BlobRig.later)
        }
        try await rig.put(Array("announced".utf8))
        #expect(try await rig.store.size(of: digest) == 9)
        #expect(try await rig.store.remove(digest, unlessTouchedSince: BlobRig.later))
    }

    @Test func `a bucket is found by its name at Amazon and by the path elsewhere`() throws {
        let keys = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
        func url(_ location: String, _ more: [String: String] = [:]) throws -> String {
            let place = try S3Location(location, environment: keys.merging(more) { $1 })
            return "\(place.url)/\(place.prefix)"
        }
        #expect(try url("s3:films") == "https://films.s3.us-east-1.amazonaws.com/")
        #expect(
            try url("s3:my.films/x", ["AWS_REGION": "eu-west-1"]) == "https://s3.eu-west-1.amazonaws.com/my.films/x/"
        )
        #expect(
            try url("s3://films/a/b/", ["AWS_ENDPOINT_URL": "http://minio:9000/"]) == "http://minio:9000/films/a/b/"
        )
        #expect(throws: BlobError.invalidLocation("AWS_ENDPOINT_URL minio")) {
            try url("s3:films", ["AWS_ENDPOINT_URL": "minio"])
        }
        #expect(throws: BlobError.self) { try S3Location("s3:films", environment: [:]) }
    }

    @Test func `texts of answers are found, whatever stands around them`() {
        let text = XMLText(
            Array("<?xml version='1.0'?>\n<A x='1'><B>1 &amp;&quot;2&quot; &x;</B><C><B/></C><B>3</B></A>".utf8)
        )
        #expect(text.root == "A")
        #expect(text.first("B") == "1 &\"2\" &x;")
        #expect(text.all("B").count == 2)
        #expect(text.first("D") == nil)
        for broken in ["", "<", "<?", "<A", "</A>", "<B>", "<B></C>", "&", "<?xml?>"] {
            #expect(XMLText(Array(broken.utf8)).first("B") == nil)
        }
    }
}
