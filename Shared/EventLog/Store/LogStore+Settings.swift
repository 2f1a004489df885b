import System
import Telemetry

/// What is built on the store keeps bytes of its own beside the logs: quotas, credentials, settings of the broker.
extension LogStore {
    /// The file of these bytes, behind `ChecksummedFile`'s header.
    static let settingsName = "settings"
    private static let settingsKind = ChecksummedFile.Kind.settings

    /// The bytes last written; nil when there were none or they are damaged, which is logged. Blocks.
    /// Errors: readFailed.
    public func settings() throws(LogError) -> [UInt8]? {
        do throws(SystemError) {
            guard let file = try context.fileSystem.contents(of: "\(directory)/\(Self.settingsName)") else {
                return nil
            }
            if let body = ChecksummedFile.decode(file, kind: Self.settingsKind) { return body }
            context.logger.critical("settings are damaged: quotas, credentials and settings made by clients are gone")
            return nil
        } catch {
            throw .readFailed(error)
        }
    }

    /// Replaces the bytes; durable on return. They belong to copies of the store. Blocks: run it with `background`.
    /// Errors: storageFull, storageFailed.
    public func replaceSettings(_ bytes: [UInt8]) throws(LogError) {
        do throws(SystemError) {
            let file = ChecksummedFile.encode(bytes, kind: Self.settingsKind)
            try context.fileSystem.replace(Self.settingsName, in: directory, with: file)
        } catch {
            throw error.isStorageFull ? .storageFull : .storageFailed(error)
        }
    }
}
