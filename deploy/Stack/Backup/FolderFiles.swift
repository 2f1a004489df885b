import FoundationEssentials
import System

/// Files below a folder, by relative path.
enum FolderFiles {
    /// Every regular file.
    static func all(in folder: String) throws -> [String] {
        try walk(folder, "", excluding: { _ in false })
    }

    /// What of a data folder goes into a backup besides databases and the log: secrets and keys, and files of services.
    /// Not: what services make anew (key sets, locks), logs, and the keys of Auth, so that no token of before is good after
    /// a restore.
    static func beside(databasesOf data: String) throws -> [String] {
        try walk(data, "", excluding: isLeftOut)
    }

    /// Whether a path of a manifest stays below its folder.
    static func isInside(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.isEmpty && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static let folders: Set<String> = ["broker", "logs", "stack", "auth/keys"]
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
            let type = try files.attributesOfItem(atPath: "\(root)/\(path)")[.type] as? FileAttributeType
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
