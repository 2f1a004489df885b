import System
import Telemetry

/// The directory of a partition, and to which topic it belongs.
struct PartitionDirectory {
    /// Kafka's file with the id of the topic.
    static let metadataName = "partition.metadata"

    let path: String
    private let fileSystem: any FileSystem

    init(_ path: String, _ fileSystem: any FileSystem) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Topic and partition of a directory's name.
    static func parse(_ name: String) -> (topic: String, index: Int32)? {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex,
            let index = Int32(name[name.index(after: dash)...]), index >= 0
        else { return nil }
        return (String(name[..<dash]), index)
    }

    /// Names in it; none when it does not exist.
    func names() throws(SystemError) -> [String] {
        do throws(SystemError) {
            return try fileSystem.names(in: path)
        } catch {
            guard error.isNotFound else { throw error }
            return []
        }
    }

    /// The topic it belongs to; nil when it does not say.
    func topicID() throws(SystemError) -> Identifier? {
        guard let file = try fileSystem.contents(of: "\(path)/\(Self.metadataName)") else { return nil }
        let lines = String(decoding: file, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("topic_id: ") }) else { return nil }
        return Identifier(kafkaText: line.dropFirst("topic_id: ".count))
    }

    /// Notes the topic; durable on return.
    func mark(_ topic: Identifier) throws(SystemError) {
        let text = "version: 0\ntopic_id: \(topic.kafkaText)\n"
        try fileSystem.replace(Self.metadataName, in: path, with: Array(text.utf8))
    }

    /// Makes sure that nothing in it is of a deleted topic that had the same name. `hasRecords`: what the topic has of its
    /// own is there, so that an id that is another was damaged.
    func claim(for topic: Identifier, hasRecords: Bool, logger: Logger) throws(SystemError) {
        guard let id = try topicID(), id != topic else { return }
        if hasRecords {
            logger.critical("the topic id of a directory was damaged", metadata: ["directory": .string(path)])
            return try mark(topic)
        }
        logger.notice("removing the directory of a deleted topic", metadata: ["directory": .string(path)])
        try remove()
    }

    /// Removes it with all that is in it; nothing happens when it does not exist. The topic's id goes when all else has gone
    /// for good: what a crash leaves is known to be of a deleted topic, and no new one of the name takes it for its own.
    func remove() throws(SystemError) {
        let names = try names()
        for name in names where name != Self.metadataName { try fileSystem.remove("\(path)/\(name)") }
        if names.contains(Self.metadataName) {
            try fileSystem.synchronizeDirectory(path)
            try fileSystem.remove("\(path)/\(Self.metadataName)")
        }
        try fileSystem.removeDirectory(path)
    }
}
