public import KafkaProtocol
import System

/// A store as it lies on disk and nobody serves it: what `LogStore.copy` wrote. Reads only; every call may block.
public struct LogImage: Sendable {
    /// What is wrong with it, for people.
    public struct Damage: Error, Sendable, Equatable, CustomStringConvertible {
        /// Names the file or the partition.
        public let description: String
    }

    /// A partition and the offsets that it holds.
    public struct Partition: Sendable, Equatable {
        /// Its topic.
        public let topic: String
        /// Its number.
        public let index: Int32
        /// From the log's start to the offset after the last durable record.
        public let offsets: Range<Int64>
        fileprivate let mayHaveGaps: Bool
    }

    /// The cluster, as clients are told it.
    public let clusterID: String
    /// All partitions, in no order.
    public let partitions: [Partition]
    private let directory: String
    private let fileSystem: any FileSystem

    /// Reads metadata and checkpoint. Errors: Damage when they are missing or broken.
    public init(directory: String, fileSystem: any FileSystem = PosixFileSystem()) throws(Damage) {
        self.directory = directory
        self.fileSystem = fileSystem
        let defaults = LogStoreConfiguration().topicDefaults
        guard let file = try Self.contents("\(directory)/\(StoreMetadata.fileName)", fileSystem),
            let metadata = StoreMetadata(file, defaults: defaults)
        else { throw Damage(description: "\(directory)/\(StoreMetadata.fileName) is missing or broken") }
        guard let file = try Self.contents("\(directory)/\(Checkpoint.fileName)", fileSystem),
            let checkpoint = Checkpoint(file)
        else { throw Damage(description: "\(directory)/\(Checkpoint.fileName) is missing or broken") }
        clusterID = metadata.clusterID.kafkaText
        partitions = metadata.topics.values.flatMap { topic in
            (0..<topic.partitions).map { index in
                let entry = checkpoint.entries[.init(topic: topic.id, partition: index)]
                let start = entry?.logStart ?? 0
                return Partition(
                    topic: topic.name,
                    index: index,
                    offsets: start..<max(start, entry?.durableEnd ?? 0),
                    mayHaveGaps: topic.configuration.compacts
                )
            }
        }
    }

    /// Calls `body` with every batch of a partition. Errors: Damage for a broken checksum, a missing or repeated offset, bytes
    /// behind the end, an end that is not reached; what `body` throws.
    public func forEachBatch(
        of partition: Partition,
        _ body: (RecordBatchHeader, [UInt8]) throws -> Void
    ) throws {
        let name = "\(partition.topic)-\(partition.index)"
        let folder = "\(directory)/\(name)"
        var next: Int64?
        for base in try bases(folder).sorted() {
            let file = try fileSystem.open("\(folder)/\(SegmentName.file(base, SegmentName.log))", creating: false)
            var walker = BatchWalker(file, from: 0, limit: try file.size())
            walk: while true {
                switch try walker.next(verifying: true) {
                case .end: break walk
                case .broken: throw Damage(description: "\(name): segment \(base) is broken at \(walker.position)")
                case .batch(let found):
                    let expected = next ?? max(base, min(partition.offsets.lowerBound, found.header.baseOffset))
                    let first = found.header.baseOffset
                    guard first == expected || (partition.mayHaveGaps && first > expected) else {
                        throw Damage(description: "\(name): offset \(first) where \(expected) belongs")
                    }
                    next = found.header.nextOffset
                    try body(found.header, Array(walker.window[found.range]))
                }
            }
        }
        let end = next ?? partition.offsets.lowerBound
        guard end == partition.offsets.upperBound || (partition.mayHaveGaps && end < partition.offsets.upperBound)
        else {
            throw Damage(description: "\(name): ends at \(end), not at \(partition.offsets.upperBound)")
        }
    }

    private func bases(_ folder: String) throws(SystemError) -> [Int64] {
        do throws(SystemError) {
            return try fileSystem.names(in: folder).compactMap { SegmentName.offset($0, SegmentName.log) }
        } catch {
            // Nothing was ever written to it.
            guard error.isNotFound else { throw error }
            return []
        }
    }

    private static func contents(_ path: String, _ fileSystem: any FileSystem) throws(Damage) -> [UInt8]? {
        do throws(SystemError) {
            return try fileSystem.contents(of: path)
        } catch {
            throw Damage(description: "\(error)")
        }
    }
}
