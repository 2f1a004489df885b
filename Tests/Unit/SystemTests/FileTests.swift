import System
import Testing

@Suite struct FileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/marquee-file-\(Identifier.version7(at: WallClock.system.now))"
        try File.createDirectory(path + "/a/b")
        try body(path + "/a/b")
    }

    @Test func `a replaced file holds exactly the new bytes`() throws {
        try withFolder { folder in
            let path = folder + "/key"
            try File.replace(path, with: [1, 2, 3, 4])
            try File.replace(path, with: [9, 8])
            #expect(try File.read(path) == [9, 8])
            #expect(!File.exists(path + ".tmp"))
            try File.remove(path)
            #expect(!File.exists(path))
        }
    }

    @Test func `reading stops at the limit`() throws {
        try withFolder { folder in
            try File.replace(folder + "/big", with: [UInt8](repeating: 7, count: 200_000))
            #expect(try File.read(folder + "/big").count == 200_000)
            #expect(throws: SystemError.self) { try File.read(folder + "/big", limit: 1000) }
        }
    }

    @Test func `what is discarded reads as zeros and holds no room`() throws {
        try withFolder { folder in
            let path = folder + "/holes"
            let file = try OpenFile(writing: path, creating: true)
            try file.write([UInt8](repeating: 7, count: 3 << 16), at: 0)
            try file.discard(1 << 16..<2 << 16)
            #expect(try file.size == 3 << 16)
            #expect(try file.read(at: (1 << 16) - 1, count: 3) == [7, 0, 0])
            #expect(try file.read(at: 2 << 16, count: 1) == [7])
        }
    }

    @Test func `a folder goes with its files, and may be gone already`() throws {
        try withFolder { folder in
            try File.replace(folder + "/one", with: [1])
            try File.removeFolder(folder)
            #expect(!File.exists(folder))
            try File.removeFolder(folder)
        }
    }

    @Test func `a folder is locked by one holder at a time`() throws {
        try withFolder { folder in
            var lock: FileLock? = try FileLock(folder + "/lock")
            #expect(throws: SystemError.self) { try FileLock(folder + "/lock") }
            #expect(lock != nil)
            lock = nil
            _ = try FileLock(folder + "/lock")
        }
    }

    @Test func `a lock let go is free while other threads start processes`() async throws {
        async let children: Void = Self.startChildren(300)
        try withFolder { folder in
            for _ in 0..<20_000 { _ = try FileLock(folder + "/lock") }
        }
        try await children
    }

    @concurrent private static func startChildren(_ count: Int) async throws {
        for _ in 0..<count {
            let child = try ChildProcess.start("true", environment: ["PATH": "/usr/bin:/bin"])
            #expect(try child.wait().isSuccess)
        }
    }
}

@Suite struct TimeZoneRulesTests {
    @Test func `Ho Chi Minh City is seven hours ahead`() throws {
        let zone = try TimeZoneRules("Asia/Ho_Chi_Minh")
        #expect(zone.offsetSeconds(at: Timestamp(milliseconds: 1_760_000_000_000)) == 25_200)
    }

    @Test func `summer time begins and ends`() throws {
        let zone = try TimeZoneRules("Europe/Paris")
        let winter = try #require(Timestamp(rfc3339: "2025-01-15T12:00:00Z"))
        let summer = try #require(Timestamp(rfc3339: "2025-07-15T12:00:00Z"))
        #expect(zone.offsetSeconds(at: winter) == 3600)
        #expect(zone.offsetSeconds(at: summer) == 7200)
    }

    @Test func `a name that leaves the folder is refused`() {
        #expect(throws: TimeZoneRules.ReadError.invalidIdentifier("../etc/passwd")) {
            try TimeZoneRules("../etc/passwd")
        }
    }
}
