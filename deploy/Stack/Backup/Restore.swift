import FoundationEssentials
import System

/// Puts a backup in the place of a data folder: all of it, in one step, or nothing. What was there is kept beside it.
struct Restore {
    let backup: Backup
    /// The data folder.
    let root: String

    init(_ backup: Backup, to path: String) {
        self.backup = backup
        root = URL(filePath: path).standardizedFileURL.path
    }

    /// What was done.
    struct Outcome {
        let manifest: BackupManifest
        /// Where the data folder of before is; nil when there was none.
        let before: String?
    }

    /// Verifies and restores. Errors: BackupError.
    func run(clock: WallClock) throws -> Outcome {
        guard !backup.folder.hasPrefix(root + "/") else {
            throw BackupError(.badFolder, "\(backup.folder) is in the data folder itself")
        }
        let exists = File.exists(root)
        let locks = exists ? try takeLocks() : []
        defer { withExtendedLifetime(locks) {} }
        // The age first: it costs nothing.
        try Backup.checkAge(of: BackupManifest.read(from: backup.folder), at: clock.now)
        let manifest = try backup.verify().manifest
        let stamp = BackupRun.name(of: clock.now)
        let staging = "\(root).restoring-\(stamp)"
        let before = "\(root).before-\(stamp)"
        guard !File.exists(staging), !File.exists(before) else {
            throw BackupError(.badFolder, "\(staging) or \(before) exists")
        }
        do {
            try fill(staging, manifest)
            if exists {
                try File.exchange(staging, root)
                try File.move(staging, to: before)
            } else {
                try File.move(staging, to: root)
            }
        } catch {
            // Before the one step nothing has changed, and the copy is of no use.
            if !File.exists(before) { try? FileManager.default.removeItem(atPath: staging) }
            throw error
        }
        return Outcome(manifest: manifest, before: exists ? before : nil)
    }

    private func fill(_ staging: String, _ manifest: BackupManifest) throws {
        try File.createDirectory(staging)
        for file in manifest.files {
            let target = "\(staging)/\(file.path)"
            try File.createDirectory(File.directory(of: target))
            try File.copy("\(backup.data)/\(file.path)", to: target)
        }
        try manifest.checkFiles(in: staging)
        try File.syncFileSystem(of: staging)
    }

    /// Nobody serves the data folder, and nobody begins to.
    private func takeLocks() throws -> [FileLock] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root)
        let paths = names.map { "\($0)/\($0).sqlite" }.filter { File.exists("\(root)/\($0)") }.map { $0 + ".lock" }
        return try (["stack/lock", "broker/.lock"] + paths).compactMap { path in
            guard File.exists(File.directory(of: "\(root)/\(path)")) else { return nil }
            do {
                return try FileLock("\(root)/\(path)")
            } catch let error as SystemError where error.isLockHeld {
                throw BackupError(.stackRunning, "\(root)/\(path) is held: stop the stack first")
            }
        }
    }
}
