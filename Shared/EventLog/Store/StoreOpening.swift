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
            guard let (topic, index) = PartitionDirectory.parse(name),
                let id = try PartitionDirectory("\(directory)/\(name)", fileSystem).topicID()
            else {
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

    func recover(
        _ metadata: StoreMetadata,
        context: LogContext,
        pool: SyncPool
    ) throws -> LogStore.State {
        let file = try fileSystem.contents(of: "\(directory)/\(Checkpoint.fileName)")
        var checkpoint = file.flatMap(Checkpoint.init)
        if file != nil, checkpoint == nil {
            logger.critical("checkpoint is damaged: logs are scanned from their start")
        }
        try removeLeftovers(metadata)
        var state = LogStore.State(metadata: metadata)
        for topic in metadata.topics.values { state.names[topic.id] = topic.name }
        try replay(metadata, &checkpoint, pool)
        for topic in metadata.topics.values {
            state.partitions[topic.name] = (0..<topic.partitions).map { index in
                let entry = checkpoint?.entries[Checkpoint.Key(topic: topic.id, partition: index)]
                return log(topic, index, entry, checkpoint: checkpoint, isFirstStart: file == nil, context: context)
            }
        }
        guard file != nil, checkpoint == nil else { return state }
        // The next checkpoint has to say how far each of them is durable.
        for log in state.partitions.values.joined() { try log.open() }
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
            return try WriteAheadRing(
                directory: directory,
                size: configuration.ringBytes,
                largestRound: configuration.ringRoundBytes,
                fileSystem: fileSystem,
                pool: pool
            )
        } catch let error as SystemError where error.isStorageFull {
            logger.warning("no room for the write-ahead ring: each round syncs its segments")
            try WriteAheadRing.remove(from: directory, fileSystem: fileSystem)
            return nil
        }
    }

    /// A log that opens itself at its first use.
    private func log(
        _ topic: Topic,
        _ index: Int32,
        _ entry: Checkpoint.Entry?,
        checkpoint: Checkpoint?,
        isFirstStart: Bool,
        context: LogContext
    ) -> PartitionLog {
        // A log that no checkpoint names is new: nothing of it was durable when the last one was written.
        let isNew = entry == nil && (checkpoint != nil || isFirstStart)
        let isClean = checkpoint?.isClean ?? false && entry?.isClean ?? true
        let state = PartitionState(
            closed: topic.configuration,
            isNew ? Checkpoint.Entry(durableEnd: 0, logStart: 0) : entry,
            isClean: isClean
        )
        return PartitionLog(topic: topic, index: index, context: context, state: state)
    }

    /// Removes directories of topics that were deleted when the process ended; where a topic has the name again, its log
    /// does so when it is opened.
    private func removeLeftovers(_ metadata: StoreMetadata) throws(SystemError) {
        for name in try fileSystem.names(in: directory) {
            guard let (topic, index) = PartitionDirectory.parse(name) else { continue }
            if let known = metadata.topics[topic], index < known.partitions { continue }
            logger.notice("removing the directory of a deleted topic", metadata: ["directory": .string(name)])
            try PartitionDirectory("\(directory)/\(name)", fileSystem).remove()
        }
    }
}
