import FoundationEssentials
import HTTPCore
import Reactor
import ServiceKit
import System

/// Makes a backup of a running stack. The broker stands still, so that nothing is acknowledged and nobody gets further;
/// each service writes a copy of its file; the broker goes on and copies its log up to where it stood. The hold ends by
/// itself, so that the death of this process holds nobody, and the manifest is written last.
struct BackupRun {
    /// How long the log may stand still: below the 30 s after which clients ask again.
    static let holdMilliseconds: Int32 = 25_000
    /// How long the copy of the log may take.
    static let logCopyTime = Duration.seconds(3600)
    /// Services that others ask while they write: copied last, so that no copy names what theirs does not know.
    static let copiedLast: Set<String> = ["user"]

    let workspace: Workspace
    let services: [Service]
    let folder: String
    private let client: InternalClient

    private var partial: String { folder + ".partial" }
    private var data: String { partial + "/data" }

    /// `path` nil: a folder of the present time beside the data folder.
    init(_ stack: LocalStack, to path: String?, at now: Timestamp) throws {
        workspace = stack.workspace
        services = stack.compose.services
        let chosen = path ?? "\(Self.defaultFolder(of: stack.workspace))/\(Self.name(of: now))"
        folder = URL(filePath: chosen).standardizedFileURL.path
        client = InternalClient(loops: try EventLoopGroup(count: 1))
        if let servers = Environment.value("KAFKA_BOOTSTRAP_SERVERS"), !servers.isEmpty {
            throw BackupError(
                .foreignLog,
                "the events are on \(servers): that log is backed up there, with its own tools"
            )
        }
    }

    /// `.marquee-backups` for `.marquee`.
    static func defaultFolder(of workspace: Workspace) -> String { "\(workspace.root)-backups" }

    /// `20250319T100000Z`
    static func name(of time: Timestamp) -> String {
        "\(time)".prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// What was done.
    struct Outcome {
        var manifest: BackupManifest
        /// Contents that were damaged before and are left out.
        let damaged: [String]
    }

    /// Where contents lie when that is not in the data folder: they are not copied.
    var foreignContents: String? {
        guard let place = services.lazy.compactMap({ $0.environment["BLOB_STORE"] }).first(where: { !$0.isEmpty }),
            place != "file:\(workspace.root)/\(FolderFiles.contents)"
        else { return nil }
        return place
    }

    /// Makes the backup. Errors: BackupError; nothing is left then.
    func run(clock: WallClock) async throws -> Outcome {
        guard try workspace.isSupervised() else { throw BackupError(.notRunning, "start the stack first") }
        let lock = try takeLock()
        defer { withExtendedLifetime(lock) {} }
        try checkFolder()
        try removeLeftOver()
        try File.createDirectory(data)
        do {
            let outcome = try await fill(clock)
            try File.syncFileSystem(of: partial)
            try outcome.manifest.write(to: partial)
            try File.move(partial, to: folder)
            return outcome
        } catch {
            try? FileManager.default.removeItem(atPath: partial)  // The next run removes what stays.
            throw error
        }
    }

    private func takeLock() throws -> FileLock {
        do {
            return try FileLock("\(workspace.root)/stack/backup.lock")
        } catch let error as SystemError where error.isLockHeld {
            throw BackupError(.busy, "another backup is being made")
        }
    }

    private func checkFolder() throws {
        let roots = [workspace.root, workspace.root + "/"]
        guard folder != roots[0], !folder.hasPrefix(roots[1]) else {
            throw BackupError(.badFolder, "\(folder) is in the data folder itself")
        }
        guard !File.exists(folder) else { throw BackupError(.badFolder, "\(folder) exists") }
    }

    /// Of a run that was killed: this folder's own, and all of the default folder, which is ours.
    private func removeLeftOver() throws {
        let parent = File.directory(of: folder)
        if File.exists(partial) { try FileManager.default.removeItem(atPath: partial) }
        guard parent == Self.defaultFolder(of: workspace), File.exists(parent) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: parent) where name.hasSuffix(".partial") {
            try FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }

    private func fill(_ clock: WallClock) async throws -> Outcome {
        guard let health = services.first(where: { $0.name == "broker" })?.environment["HEALTH_PORT"] else {
            throw BackupError(.foreignLog, "the stack has no broker of its own")
        }
        let broker = BrokerControl(
            client: client,
            url: "http://127.0.0.1:\(health)",
            authorization: try PairSecret(BackupRoute.pair, directory: "\(workspace.root)/broker").authorization
        )
        let hold = try await broker.hold(copyingTo: data, milliseconds: Self.holdMilliseconds)
        let time = clock.now
        do {
            try await copyDatabases()
        } catch {
            await broker.cancel(hold)
            throw error
        }
        try await broker.finish(hold, within: Self.logCopyTime)
        // Contents last: an upload that ends meanwhile becomes one. They stay for longer than a copy takes.
        for path in try FolderFiles.beside(databasesOf: workspace.root) { try copy(path) }
        for path in try FolderFiles.contents(of: workspace.root) { try copy(path) }
        for path in try FolderFiles.all(in: data) {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(data)/\(path)")
        }
        let findings = try BackupContents(data: data).check()
        var manifest = try BackupManifest(of: data, at: time, clusterID: findings.clusterID, schemas: findings.schemas)
        let damaged = manifest.damagedContents
        for path in damaged { try File.remove("\(data)/\(path)") }
        manifest.remove(damaged)
        return Outcome(manifest: manifest, damaged: damaged)
    }

    /// Copies a file of the data folder; content when it is gone.
    private func copy(_ path: String) throws {
        let target = "\(data)/\(path)"
        try File.createDirectory(File.directory(of: target))
        do {
            try File.copy("\(workspace.root)/\(path)", to: target)
        } catch let error as SystemError where error.isNotFound {
            try File.remove(target)
        }
    }

    private func copyDatabases() async throws {
        let owners = services.filter { File.exists("\(workspace.root)/\($0.name)/\($0.name).sqlite") }
        for isLast in [false, true] {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in owners where Self.copiedLast.contains(service.name) == isLast {
                    group.addTask { try await copyDatabase(of: service) }
                }
                try await group.waitForAll()
            }
        }
    }

    private func copyDatabase(of service: Service) async throws {
        let secret = try PairSecret(BackupRoute.pair, directory: "\(workspace.root)/secrets")
        let answer: InternalClient.Answer
        do {
            answer = try await client.post(
                "http://127.0.0.1:\(service.port ?? 0)\(BackupRoute.path)",
                json: BackupRoute.Request(directory: data),
                authorization: secret.authorization,
                within: .milliseconds(Int(Self.holdMilliseconds))
            )
        } catch {
            throw BackupError(.serviceFailed, "\(service.name): \(error)")
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        guard answer.head.status == .ok else { throw BackupError(.serviceFailed, "\(service.name): \(text)") }
    }
}
