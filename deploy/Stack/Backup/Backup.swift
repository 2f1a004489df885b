import FoundationEssentials
import Persistence
import System

/// A finished backup in a folder.
struct Backup {
    /// Absolute.
    let folder: String

    var data: String { "\(folder)/data" }

    init(_ path: String) {
        folder = URL(filePath: path).standardizedFileURL.path
    }

    /// Reads and judges all of it. Errors: BackupError.
    func verify() throws -> (manifest: BackupManifest, contents: BackupContents.Findings) {
        let manifest = try BackupManifest.read(from: folder)
        try manifest.checkFiles(in: data)
        if let path = manifest.damagedContents.first {
            throw BackupError(.fileDamaged, "\(data)/\(path) is not what its name says")
        }
        let contents = try BackupContents(data: data).check()
        guard contents.schemas == manifest.schemas, contents.clusterID == manifest.clusterID else {
            throw BackupError(.inconsistent, "\(folder): the files are not those that the manifest is about")
        }
        return (manifest, contents)
    }

    /// Refuses what inboxes would not remember: an event that is sent once more would take effect once more.
    static func checkAge(of manifest: BackupManifest, at now: Timestamp) throws {
        let limit = manifest.createdAt.adding(seconds: Inbox.retentionSeconds)
        guard now <= limit else {
            throw BackupError(
                .tooOld,
                "it is of \(manifest.createdAt) and could be restored until \(limit), it is \(now): inboxes keep what they"
                    + " have applied for \(Inbox.retentionSeconds / 86_400) days"
            )
        }
    }
}
