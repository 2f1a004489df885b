import Synchronization
public import System
public import Telemetry

/// All topics of a data directory, one log per partition.
///
/// ```
///   <directory>/metadata                  cluster id, leader epoch, topics
///   <directory>/checkpoint                durable ends and log starts
///   <directory>/ring                      the newest rounds, durable before their segments are
///   <directory>/<topic>-<partition>/      segments and indexes in Apache Kafka's format
/// ```
/// Look-ups may be made on any thread, event loops too. What changes topics or deletes records writes to disk and
/// blocks: run it with `background`. One process at a time may have a directory open; the caller holds the lock for that.
public final class LogStore: Sendable {
    /// Most partitions of a topic.
    public static let maximumPartitions: Int32 = 10_000

    struct State {
        var metadata: StoreMetadata
        var topicsVersion: UInt64 = 1
        var partitions: [String: [PartitionLog]] = [:]
        var names: [Identifier: String] = [:]
    }

    /// Where the files are.
    public let directory: String
    let context: LogContext
    let committer: GroupCommit
    let ring: WriteAheadRing?
    private let pool: SyncPool
    let state: Mutex<State>
    let readers: WorkQueue
    let jobs: WorkQueue
    let cleanerThread: CleanerThread
    let swapDone: Semaphore
    let upkeep = Mutex(Upkeep())
    let checkpointLock = Mutex<Void>(())
    let metadataLock = Mutex<Void>(())
    /// Of copies under way.
    let holds = Mutex<[LogHold]>([])
    private let onFatal: @Sendable (LogError) -> Void
    private let onCommit: (@Sendable (UInt64) -> Void)?

    /// What the commit thread does between rounds.
    struct Upkeep {
        var tail: [(log: PartitionLog, bytes: Int, end: Int64)] = []
        var tailHead = 0
        var tailBytes = 0
        var checkpointDue: UInt64 = 0
        /// Bytes stored since unused memory was given back.
        var bytesSinceRelease = 0
    }

    /// Opens the directory, made when missing, brings what only the ring holds into the logs and starts the threads.
    /// Blocks. The logs open themselves when they are used: a start takes no longer for what they hold, and little for
    /// their number.
    ///
    /// `onFatal` is called on the commit thread when a write or sync failed: nothing is acknowledged any more and the
    /// process has to end, to find out at its next start what the disk holds. `onCommit` is called there after each round
    /// with the nanoseconds that it took, and must be quick.
    public init(
        directory: String,
        configuration: LogStoreConfiguration = LogStoreConfiguration(),
        fileSystem: any FileSystem = PosixFileSystem(),
        clock: WallClock = .system,
        logger: Logger = Logger(label: "log"),
        onFatal: @escaping @Sendable (LogError) -> Void,
        onCommit: (@Sendable (_ nanoseconds: UInt64) -> Void)? = nil
    ) throws {
        self.directory = directory
        self.onFatal = onFatal
        self.onCommit = onCommit
        try fileSystem.createDurably(directory)
        let opening = StoreOpening(
            directory: directory,
            configuration: configuration,
            fileSystem: fileSystem,
            clock: clock,
            logger: logger
        )
        let metadata = try opening.metadata()
        let descriptors = ProcessUsage.maximumDescriptors / 4
        let limit = descriptors > 0 ? min(configuration.openFiles, descriptors) : configuration.openFiles
        let files = SegmentFiles(fileSystem: fileSystem, limit: limit)
        pool = try SyncPool(files: files, fileSystem: fileSystem)
        committer = try GroupCommit(configuration, pool: pool)
        context = LogContext(
            directory: directory,
            configuration: configuration,
            fileSystem: fileSystem,
            files: files,
            commitPath: committer,
            clock: clock,
            logger: logger,
            leaderEpoch: metadata.leaderEpoch
        )
        state = try Mutex(opening.recover(metadata, context: context, pool: pool))
        ring = try opening.ring(pool: pool)
        readers = try WorkQueue(name: "log-read", threads: max(1, configuration.readThreads))
        jobs = try WorkQueue(name: "log-jobs", threads: 1)
        cleanerThread = try CleanerThread(configuration)
        swapDone = try Semaphore()
        try writeCheckpoint(isClean: false)
        let hooks = GroupCommit.Hooks(
            afterRound: { [self] in afterRound($0) },
            onQuiet: { [self] in quieten() },
            onFailure: { [self] in fail($0) },
            onCommit: onCommit
        )
        try committer.start(ring: ring, hooks)
        try cleanerThread.start { [self] in
            closeIdleInBackground()
            return compactNext()
        }
    }

    /// The cluster's id, made with the directory.
    public var clusterID: Identifier { state.withLock { $0.metadata.clusterID } }

    /// Rises with every start; batches and leader-epoch look-ups carry it.
    public var leaderEpoch: Int32 { context.leaderEpoch }

    /// All topics, in no order.
    public var topics: [Topic] { state.withLock { Array($0.metadata.topics.values) } }

    /// Rises with every change of a topic, its partitions or its settings, as long as the store is open; never 0.
    public var topicsVersion: UInt64 { state.withLock { $0.topicsVersion } }

    /// A topic by its name.
    public func topic(named name: String) -> Topic? { state.withLock { $0.metadata.topics[name] } }

    /// A topic by its id.
    public func topic(id: Identifier) -> Topic? {
        state.withLock { state in state.names[id].flatMap { state.metadata.topics[$0] } }
    }

    /// The log of a partition; nil when there is none.
    public func partition(_ topic: String, _ index: Int32) -> PartitionLog? {
        state.withLock { state in
            guard let logs = state.partitions[topic], index >= 0, index < logs.count else { return nil }
            return logs[Int(index)]
        }
    }

    /// All logs of a topic in order; empty when there is none.
    public func partitions(_ topic: String) -> [PartitionLog] { state.withLock { $0.partitions[topic] ?? [] } }

    /// Runs `work` on the store's job thread, one at a time, for what blocks: topic changes, deletions, retention.
    /// False when the store is closed: `work` will not run.
    @discardableResult
    public func background(_ work: @escaping @Sendable () -> Void) -> Bool { jobs.submit(work) }

    /// Runs `work` on a read thread, for `readBlocking` and the look-ups by time. False when the store is closed.
    @discardableResult
    public func onReadThread(_ work: @escaping @Sendable () -> Void) -> Bool { readers.submit(work) }

    /// Stores what was appended, notes a clean stop and ends the threads. Blocks. Appends fail from here on.
    public func close() {
        let logs = state.withLock { $0.partitions.values.flatMap { $0 } }
        for hold in holds.withLock({ $0 }) { hold.cancel() }
        cleanerThread.stop()
        jobs.stop()
        committer.stop()
        let isComplete = logs.allSatisfy { $0.finishForClose() }
        do throws(SystemError) {
            ring?.stop()
            try ring?.flush()
            if isComplete { try writeCheckpoint(isClean: true) }
        } catch {
            context.logger.warning("no clean stop: \(error)")
        }
        for log in logs { log.close(.closed) }
        pool.stop()
        readers.stop()
    }

    func fail(_ error: LogError) {
        context.logger.critical("log storage failed, nothing more is acknowledged: \(error)")
        for log in state.withLock({ $0.partitions.values.flatMap { $0 } }) { log.close(error) }
        onFatal(error)
    }
}
