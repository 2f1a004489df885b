import Synchronization
public import System
import Telemetry

/// Changes of topics. All of them write to disk and block: run them with `background`.
extension LogStore {
    /// Most bytes of a topic name.
    public static let maximumNameLength = 249

    /// Makes a topic; durable on return. Errors: topicExists, invalidTopicName, invalidPartitionCount,
    /// invalidConfiguration, storageFull, storageFailed.
    @discardableResult
    public func createTopic(
        _ name: String,
        partitions: Int32,
        configuration overrides: [String: String] = [:]
    ) throws(LogError) -> Topic {
        guard Self.isLegal(name) else { throw .invalidTopicName }
        guard partitions > 0, partitions <= Self.maximumPartitions else { throw .invalidPartitionCount }
        let configuration = try TopicConfiguration(
            overrides: overrides,
            defaults: context.configuration.topicDefaults
        )
        let topic = Topic(
            name: name,
            id: .version7(at: context.clock.now),
            partitions: partitions,
            configuration: configuration
        )
        try change { metadata throws(LogError) in
            guard metadata.topics[name] == nil else { throw .topicExists }
            metadata.topics[name] = topic
        } publish: { state in
            state.names[topic.id] = name
            state.partitions[name] = (0..<partitions).map { newLog(topic, $0) }
        }
        return topic
    }

    /// Whether the name may be a topic's, without making one.
    public static func isLegal(_ name: String) -> Bool {
        let isLegalByte: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return !name.isEmpty && name.utf8.count <= maximumNameLength && name != "." && name != ".."
            && name.utf8.allSatisfy(isLegalByte)
    }

    /// Gives a topic more partitions; durable on return. Errors: unknownTopicOrPartition, invalidPartitionCount.
    public func addPartitions(_ name: String, total: Int32) throws(LogError) {
        try change { metadata throws(LogError) in
            guard let topic = metadata.topics[name] else { throw .unknownTopicOrPartition }
            guard total > topic.partitions, total <= Self.maximumPartitions else { throw .invalidPartitionCount }
            metadata.topics[name]?.partitions = total
        } publish: { state in
            guard let topic = state.metadata.topics[name], let logs = state.partitions[name] else { return }
            let added = (Int32(logs.count)..<total).map { newLog(topic, $0) }
            state.partitions[name] = logs + added
        }
    }

    /// Replaces a topic's settings; durable on return. Errors: unknownTopicOrPartition, invalidConfiguration.
    public func configure(_ name: String, overrides: [String: String]) throws(LogError) {
        let configuration = try TopicConfiguration(
            overrides: overrides,
            defaults: context.configuration.topicDefaults
        )
        try change { metadata throws(LogError) in
            guard metadata.topics[name] != nil else { throw .unknownTopicOrPartition }
            metadata.topics[name]?.configuration = configuration
        } publish: { state in
            for log in state.partitions[name] ?? [] {
                log.state.withLock { state in
                    state.configuration = configuration
                    state.rest.upkeepDue = .min
                }
            }
        }
        // A checkpoint of before would put off what the new settings ask for.
        refreshCheckpoint()
    }

    /// Deletes a topic and its records. When it returns the topic is gone for good; a crash before the files are
    /// removed leaves that to the next start. Errors: unknownTopicOrPartition.
    public func deleteTopic(_ name: String) throws(LogError) {
        let logs = partitions(name)
        try change { metadata throws(LogError) in
            guard metadata.topics.removeValue(forKey: name) != nil else { throw .unknownTopicOrPartition }
        } publish: { state in
            state.partitions[name] = nil
            state.names = state.names.filter { $0.value != name }
        }
        for log in logs { log.close(.unknownTopicOrPartition) }
        committer.barrier()
        do throws(SystemError) {
            try ring?.flush()
        } catch {
            // The next round hears of it and ends the process.
            return context.logger.critical("files of a deleted topic stay: \(error)")
        }
        for log in logs {
            // Compaction lets go of a closed log soon.
            log.cleaning.withLock { _ in }
            // And nobody opens one.
            log.opening.withLock { _ in }
            do throws(SystemError) {
                log.forget(log.state.withLock { $0.segments })
                try PartitionDirectory(log.directory, context.fileSystem).remove()
            } catch {
                context.logger.warning("files of a deleted topic stay: \(error)")
            }
        }
    }

    private func newLog(_ topic: Topic, _ index: Int32) -> PartitionLog {
        var entry = Checkpoint.Entry(durableEnd: 0, logStart: 0)
        entry.hasOpenTransaction = false
        entry.size = 0
        let state = PartitionState(closed: topic.configuration, entry, isClean: true)
        return PartitionLog(topic: topic, index: index, context: context, state: state)
    }

    /// Writes changed metadata and then shows it.
    private func change(
        _ edit: (inout StoreMetadata) throws(LogError) -> Void,
        publish: (inout State) -> Void
    ) throws(LogError) {
        try metadataLock.withLock { _ throws(LogError) in
            var metadata = state.withLock { $0.metadata }
            try edit(&metadata)
            do throws(SystemError) {
                try context.fileSystem.replace(StoreMetadata.fileName, in: directory, with: metadata.encoded)
            } catch {
                throw error.isStorageFull ? .storageFull : .storageFailed(error)
            }
            let written = metadata
            state.withLock { state in
                state.metadata = written
                state.topicsVersion += 1
                publish(&state)
            }
        }
    }
}

extension Identifier {
    /// Reads base64url without padding, as Kafka writes ids; nil for anything else.
    public init?(kafkaText text: some StringProtocol) {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        self.init(bytes: bytes)
    }
}
