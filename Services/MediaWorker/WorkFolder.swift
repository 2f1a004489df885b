import FoundationEssentials
import System

/// The folder of this process below the service's, and its end: several workers may share a disk, and what a killed one
/// left behind is removed by the next that starts.
final class WorkFolder: Sendable {
    private static let lockFile = "lock"

    let path: String
    private let lock: FileLock

    /// Removes what dead workers left in `parent`, and makes a folder there. Blocks.
    init(in parent: String, id: Identifier) throws {
        try File.createDirectory(parent)
        for name in try File.names(in: parent) {
            // A worker that lives holds its lock.
            guard let held = try? FileLock("\(parent)/\(name)/\(Self.lockFile)") else { continue }
            try FileManager.default.removeItem(atPath: "\(parent)/\(name)")
            withExtendedLifetime(held) {}
        }
        path = "\(parent)/\(id)"
        try File.createDirectory(path)
        lock = try FileLock("\(path)/\(Self.lockFile)")
    }

    /// Removes the folder. Blocks.
    func remove() throws { try FileManager.default.removeItem(atPath: path) }
}
