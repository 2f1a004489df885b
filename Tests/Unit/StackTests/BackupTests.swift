import Persistence
import System
import TestSupport
import Testing

@testable import Stack

@Suite struct BackupTests {
    @Test(arguments: [
        ("secrets/auth-user.secret", false), ("booking/ticket-key.pem", false), ("secrets.json", false),
        ("media/blobs/ab/cd", false), ("auth/keys/auth.secret", true), ("user/user.sqlite", true),
        ("user/user.sqlite-wal", true), ("user/user.sqlite.before-3", true), ("gateway/jwks.json", true),
        ("broker/metadata", true), ("logs/user.log", true), ("bench.json", true), ("user/user.sqlite.lock", true),
        ("media/uploads/0198", false), ("media-worker/jobs/0198/0/in/source", true), ("blobs/ab/cd/x", true),
    ])
    func `what a service makes anew and what would keep people signed in stays out`(path: String, isOut: Bool) throws {
        let directory = try TemporaryDirectory()
        let parent = File.directory(of: directory.appending(path))
        try File.createDirectory(parent)
        try directory.write("x", to: path)
        #expect(try FolderFiles.beside(databasesOf: directory.path) == (isOut ? [] : [path]))
    }

    @Test func `contents are known by their digests, and one that is not what its name says is told`() throws {
        let directory = try TemporaryDirectory()
        let good = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        let bad = String(good.reversed())
        for name in [good, bad, "x"] {
            try File.createDirectory(directory.appending("blobs/\(name.prefix(2))"))
            try directory.write("hello", to: "blobs/\(name.prefix(2))/\(name)")
        }
        let paths = ["blobs/2c/\(good)", "blobs/42/\(bad)"]
        #expect(try FolderFiles.contents(of: directory.path).sorted() == paths)
        var manifest = try BackupManifest(of: directory.path, at: WallClock.system.now, clusterID: "c", schemas: [:])
        #expect(manifest.damagedContents == [paths[1]])
        manifest.remove([paths[1]])
        #expect(manifest.damagedContents.isEmpty && manifest.files.count == 2)
    }

    @Test func `a path of a manifest cannot lead out of its folder`() {
        #expect(FolderFiles.isInside("user/user.sqlite"))
        for path in ["../x", "a/../../x", "/etc/passwd", "", "a//b", "./a"] { #expect(!FolderFiles.isInside(path)) }
    }

    @Test func `a backup may be restored for as long as inboxes remember`() throws {
        let made = try #require(Timestamp(rfc3339: "2025-03-19T10:00:00Z"))
        let directory = try TemporaryDirectory()
        let manifest = try BackupManifest(of: directory.path, at: made, clusterID: "c", schemas: [:])
        try Backup.checkAge(of: manifest, at: made.adding(seconds: Inbox.retentionSeconds))
        let late = made.adding(seconds: Inbox.retentionSeconds + 1)
        let error = #expect(throws: BackupError.self) { try Backup.checkAge(of: manifest, at: late) }
        #expect(error?.code == .tooOld)
        #expect(error?.message.contains("\(made)") == true && error?.message.contains("\(late)") == true)
    }

    @Test func `a manifest is read as it was written`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("content", to: "file")
        let manifest = try BackupManifest(
            of: directory.path,
            at: Timestamp(milliseconds: 1_742_378_400_000),
            clusterID: "c",
            schemas: ["user": 3]
        )
        try manifest.write(to: directory.path)
        #expect(try BackupManifest.read(from: directory.path) == manifest)
        try manifest.checkFiles(in: directory.path)
        try directory.write("contenT", to: "file")
        let error = #expect(throws: BackupError.self) { try manifest.checkFiles(in: directory.path) }
        #expect(error?.code == .fileDamaged)
    }

    @Test func `a folder is named after the instant`() {
        #expect(BackupRun.name(of: Timestamp(milliseconds: 1_742_378_400_000)) == "20250319T100000Z")
    }
}
