import FoundationEssentials
import System

/// Files below a folder, by relative path.
enum FolderFiles {
    /// Every regular file.
    static func all(in folder: String) throws -> [String] {
        try walk(folder, "", excluding: { _ in false })
    }

    /// What of a data folder goes into a backup besides databases and the log: secrets and keys, and files of services, such
    /// as unfinished uploads, but not contents. Not: what services make anew (key sets, locks, the folders of jobs), logs, and
    /// the keys of Auth, so that no token of before is good after a restore.
    static func beside(databasesOf data: String) throws -> [String] {
        try walk(data, "") { isLeftOut($0) || $0.path == contents }
    }

    /// Contents, each under its SHA-256.
    static func contents(of data: String) throws -> [String] {
        guard File.exists("\(data)/\(contents)") else { return [] }
        return try walk(data, contents) { !$0.isFolder && digest(of: $0.path) == nil }
    }

    /// The digest that a content's path names; nil for all other files.
    static func digest(of path: String) -> Substring? {
        guard path.hasPrefix(contents + "/"), let name = path.split(separator: "/").last else { return nil }
        return name.utf8.count == 64 ? name : nil
    }

    /// The folder that `BLOB_STORE` names unless it is set.
    static let contents = "blobs"

    /// Whether a path of a manifest stays below its folder.
    static func isInside(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.isEmpty && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static let folders: Set<String> = ["broker", "logs", "stack", "auth/keys", "media-worker"]
    /// Of the data folder itself only these; the rest are people's notes.
    private static let rootFiles: Set<String> = ["secrets.json", "admin.json"]
    private static let suffixes = [".sqlite", "-wal", "-shm", "-journal", ".lock", ".tmp", ".rebuild", "/jwks.json"]

    static func isLeftOut(_ path: String, isFolder: Bool) -> Bool {
        if isFolder { return folders.contains(path) }
        if !path.contains("/") { return !rootFiles.contains(path) }
        return suffixes.contains { path.hasSuffix($0) } || path.contains(".sqlite.")
    }

    private static func isLeftOut(_ entry: (path: String, isFolder: Bool)) -> Bool {
        isLeftOut(entry.path, isFolder: entry.isFolder)
    }

    private static func walk(
        _ root: String,
        _ folder: String,
        excluding isExcluded: ((path: String, isFolder: Bool)) -> Bool
    ) throws -> [String] {
        let files = FileManager.default
        var found: [String] = []
        for name in try files.contentsOfDirectory(atPath: folder.isEmpty ? root : "\(root)/\(folder)") {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            // What is gone since is nobody's: uploads end, and files that are being replaced have other names.
            guard let status = try? files.attributesOfItem(atPath: "\(root)/\(path)") else { continue }
            let type = status[.type] as? FileAttributeType
            let isFolder = type == .typeDirectory
            if isExcluded((path, isFolder)) { continue }
            if isFolder {
                found += try walk(root, path, excluding: isExcluded)
            } else if type == .typeRegular {
                found.append(path)
            }
        }
        return found
    }
}
