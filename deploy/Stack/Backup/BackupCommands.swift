import System

/// `stack backup`, `stack verify` and `stack restore`: what is said to the person at the terminal.
enum BackupCommands {
    /// Makes a backup of the running stack.
    static func backup(_ stack: LocalStack, to path: String?) async throws -> Int32 {
        let start = MonotonicClock.nanoseconds
        let run = try BackupRun(stack, to: path, at: WallClock.system.now)
        let outcome = try await run.run(clock: .system)
        let manifest = outcome.manifest
        let seconds = Double((MonotonicClock.nanoseconds - start) / 10_000_000) / 100
        for service in manifest.schemas.keys.sorted() {
            let size = manifest.files.first { $0.path == "\(service)/\(service).sqlite" }?.size ?? 0
            say("  \(service): \(size) bytes")
        }
        let log = manifest.files.filter { $0.path.hasPrefix("broker/") }.reduce(0) { $0 + $1.size }
        say("  log: \(log) bytes")
        let contents = manifest.files.filter { FolderFiles.digest(of: $0.path) != nil }
        say("  contents: \(contents.count) files, \(contents.reduce(0) { $0 + $1.size }) bytes")
        for path in outcome.damaged { say("  left out, for it is not what its name says: \(path)") }
        if let place = run.foreignContents {
            say(
                "  not copied: contents in \(place); back them up there, and keep what is deleted for as long as backups"
            )
        }
        say("\(run.folder): the state of \(manifest.createdAt), \(manifest.size) bytes, after \(seconds) s")
        say("it holds passwords and keys: keep it as you keep the data folder")
        return 0
    }

    /// Reads and judges a backup.
    static func verify(_ path: String) throws -> Int32 {
        let backup = Backup(path)
        let (manifest, contents) = try backup.verify()
        say(
            "\(backup.folder) is good: the state of \(manifest.createdAt), \(manifest.files.count) files,"
                + " \(contents.records) records of cluster \(contents.clusterID)"
        )
        return 0
    }

    /// Puts a backup in the place of the data folder.
    static func restore(_ path: String) throws -> Int32 {
        let restore = Restore(Backup(path), to: Environment.value("MARQUEE_DATA") ?? ".marquee")
        let outcome = try restore.run(clock: .system)
        say("\(restore.root) holds the state of \(outcome.manifest.createdAt)")
        if let before = outcome.before { say("what was there is in \(before)") }
        say("what happened since then is undone; everybody has to log in again")
        return 0
    }

    private static func say(_ line: String) { StandardOutput.writeLine(line) }
}
