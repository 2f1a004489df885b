import System
import Telemetry

/// Reads a data directory when a store is opened.
struct StoreOpening {
    let directory: String
    let configuration: LogStoreConfiguration
    let fileSystem: any FileSystem
    let clock: WallClock
    let logger: Logger

    /// The metadata with the leader epoch of this start, written back before anything is appended in it.
    func metadata() throws -> StoreMetadata {
        var metadata = try load() ?? rebuild()
        metadata.leaderEpoch += 1
        try fileSystem.replace(StoreMetadata.fileName, in: directory, with: metadata.encoded)
        return metadata
    }

    private func load() throws(SystemError) -> StoreMetadata? {
        guard let file = try fileSystem.contents(of: "\(directory)/\(StoreMetadata.fileName)") else { return nil }
        if let metadata = StoreMetadata(file, defaults: configuration.topicDefaults) {
            for setting in metadata.refusedSettings {
                logger.error("a stored setting is not allowed, the default holds", metadata: ["setting": "\(setting)"])
            }
            return metadata
        }
        logger.critical("metadata is damaged: topics come back from their directories, with default settings")
        return nil
    }

    /// A new store, or the topics whose directories are there when the file is damaged.
    private func rebuild() throws -> StoreMetadata {
        var metadata = StoreMetadata(clusterID: .version7(at: clock.now), leaderEpoch: -1)
        let defaults = try TopicConfiguration(defaults: configuration.topicDefaults)
        for name in try fileSystem.names(in: directory) {
            guard let (topic, index) = PartitionLog.parse(directoryName: name), let id = try topicID(of: name) else {
                continue
            }
            var entry = metadata.topics[topic] ?? Topic(name: topic, id: id, partitions: 0, configuration: defaults)
            entry.partitions = max(entry.partitions, index + 1)
            metadata.topics[topic] = entry
            let epochs = try fileSystem.contents(of: "\(directory)/\(name)/\(LeaderEpochs.fileName)")
            let last = epochs.flatMap(LeaderEpochs.init)?.entries.last?.epoch ?? -1
            metadata.leaderEpoch = max(metadata.leaderEpoch, last)
        }
        return metadata
    }

    /// The id in a directory's `partition.metadata`.
    private func topicID(of name: String) throws(SystemError) -> Identifier? {
        let path = "\(directory)/\(name)/\(PartitionLog.metadataName)"
        guard let file = try fileSystem.contents(of: path) else { return nil }
        let lines = String(decoding: file, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("topic_id: ") }) else { return nil }
        return Identifier(kafkaText: line.dropFirst("topic_id: ".count))
    }

    func recover(
        _ metadata: StoreMetadata,
        context: LogContext,
        pool: SyncPool
    ) throws(SystemError) -> LogStore.State {
        let file = try fileSystem.contents(of: "\(directory)/\(Checkpoint.fileName)")
        var checkpoint = file.flatMap(Checkpoint.init)
        if file != nil, checkpoint == nil {
            logger.critical("checkpoint is damaged: logs are scanned from their start")
        }
        try removeLeftovers(metadata, checkpoint)
        var state = LogStore.State(metadata: metadata)
        for topic in metadata.topics.values { state.names[topic.id] = topic.name }
        try replay(metadata, &checkpoint, pool)
        for topic in metadata.topics.values {
            state.partitions[topic.name] = []
            for index in 0..<topic.partitions {
                let log = try open(topic, index, checkpoint: checkpoint, isFirstStart: file == nil, context: context)
                state.partitions[topic.name]?.append(log)
            }
        }
        return state
    }

    /// Brings the ring's rounds into the segments and notes how far that makes the logs durable.
    private func replay(
        _ metadata: StoreMetadata,
        _ checkpoint: inout Checkpoint?,
        _ pool: SyncPool
    ) throws(SystemError) {
        if checkpoint?.isClean == true { return }
        let replay = RingReplay(
            directory: directory,
            fileSystem: fileSystem,
            logger: logger,
            topics: Dictionary(uniqueKeysWithValues: metadata.topics.values.map { ($0.id, $0) }),
            checkpoint: checkpoint
        )
        let outcome = try replay.run()
        try pool.synchronize(outcome.changes)
        for (key, end) in outcome.durableEnds { checkpoint?.raise(key, to: end) }
    }

    /// The ring for this start; nil when the settings want none or the disk has no room. What an older one held is in
    /// the segments by now.
    func ring(pool: SyncPool) throws -> WriteAheadRing? {
        guard configuration.durability == .synchronized, configuration.ringBytes > 0 else {
            try WriteAheadRing.remove(from: directory, fileSystem: fileSystem)
            return nil
        }
        do {
            let size = configuration.ringBytes
            return try WriteAheadRing(directory: directory, size: size, fileSystem: fileSystem, pool: pool)
        } catch let error as SystemError where error.isStorageFull {
            logger.warning("no room for the write-ahead ring: each round syncs its segments")
            try WriteAheadRing.remove(from: directory, fileSystem: fileSystem)
            return nil
        }
    }

    private func open(
        _ topic: Topic,
        _ index: Int32,
        checkpoint: Checkpoint?,
        isFirstStart: Bool,
        context: LogContext
    ) throws(SystemError) -> PartitionLog {
        let name = "\(topic.name)-\(index)"
        var entry = checkpoint?.entries[Checkpoint.Key(topic: topic.id, partition: index)]
        // A log that no checkpoint names is new: nothing of it was durable when the last one was written.
        if entry == nil, checkpoint != nil || isFirstStart { entry = .init(durableEnd: 0, logStart: 0) }
        let recovery = LogRecovery(
            directory: "\(directory)/\(name)",
            name: name,
            configuration: topic.configuration,
            checkpoint: entry,
            isClean: checkpoint?.isClean ?? false,
            context: context
        )
        return PartitionLog(
            topic: topic.name,
            id: topic.id,
            index: index,
            directory: "\(directory)/\(name)",
            context: context,
            state: try recovery.open()
        )
    }

    /// Removes directories of topics that were deleted when the process ended.
    private func removeLeftovers(_ metadata: StoreMetadata, _ checkpoint: Checkpoint?) throws(SystemError) {
        for name in try fileSystem.names(in: directory) {
            guard let (topic, index) = PartitionLog.parse(directoryName: name) else { continue }
            let known = metadata.topics[topic]
            // After a clean stop nothing is left over of a topic that is there again.
            if let known, index < known.partitions, checkpoint?.isClean == true { continue }
            let id = try topicID(of: name)
            if let known, index < known.partitions {
                if id == nil || id == known.id { continue }
                // The known topic has records: they are here, so the id is what is wrong.
                let entry = checkpoint?.entries[Checkpoint.Key(topic: known.id, partition: index)]
                if let entry, entry.durableEnd > entry.logStart {
                    logger.critical("the topic id of a directory was damaged", metadata: ["directory": .string(name)])
                    let text = PartitionLog.metadata(of: known.id)
                    try fileSystem.replace(PartitionLog.metadataName, in: "\(directory)/\(name)", with: text)
                    continue
                }
            }
            logger.notice("removing the directory of a deleted topic", metadata: ["directory": .string(name)])
            try PartitionLog.removeDirectory("\(directory)/\(name)", fileSystem: fileSystem)
        }
    }
}

extension PartitionLog {
    /// Kafka's file with the id of the topic that a directory belongs to.
    static let metadataName = "partition.metadata"

    /// What stands in it.
    static func metadata(of topic: Identifier) -> [UInt8] { Array("version: 0\ntopic_id: \(topic.kafkaText)\n".utf8) }

    /// Topic and partition of a directory's name.
    static func parse(directoryName name: String) -> (topic: String, index: Int32)? {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex,
            let index = Int32(name[name.index(after: dash)...]), index >= 0
        else { return nil }
        return (String(name[..<dash]), index)
    }

    static func removeDirectory(_ path: String, fileSystem: any FileSystem) throws(SystemError) {
        do throws(SystemError) {
            for name in try fileSystem.names(in: path) { try fileSystem.remove("\(path)/\(name)") }
            try fileSystem.removeDirectory(path)
        } catch {
            guard error.isNotFound else { throw error }
        }
    }
}
