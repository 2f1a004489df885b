import BlobStore
import Contracts
import EventBus
import Persistence
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("batch-upload", port: 8105, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let settings = BatchUploadConfiguration(service)
        let (clock, tokens) = (service.clock, service.tokens)
        let database = try service.openDatabase(BatchStore.migrations)
        let blobs = try BlobStore(service.configuration.blobStore)
        let files = try BatchFiles(directory: service.configuration.dataDirectory + "/batches")
        service.onStop {
            files.close()
            blobs.close()
        }
        try service.followRevocations()

        let changes = Changes<Batch>()
        let upkeep = BatchUpkeep(database: database, files: files, clock: clock, changes: changes)
        try await upkeep.recover()
        let clearing = service.whenDue("clearing") { _ in try await upkeep.clear() }
        let expiry = service.whenDue("batch expiry") { now in try await upkeep.expire(at: now, then: clearing) }
        let workers = FileWorkers(
            database: database,
            files: files,
            blobs: blobs,
            changes: changes,
            workers: settings.workers,
            service
        )
        try consume(service, database, files, workers, changes, clearing)

        let reception = PartReception(
            database: database,
            files: files,
            locks: WriterLocks(),
            clock: clock,
            logger: service.logger
        )
        FileRoutes(reception: reception, tokens: tokens).add(to: &service.router)
        NewBatchRoute(
            database: database,
            tokens: tokens,
            clock: clock,
            limits: settings.limits,
            changes: changes,
            expiry: expiry
        ).add(to: &service.router)
        BatchRoutes(
            database: database,
            tokens: tokens,
            clock: clock,
            changes: changes,
            feed: try feed(service),
            clearing: clearing
        ).add(to: &service.router)
    }

    private static func consume(
        _ service: ServiceBuilder,
        _ database: Database,
        _ files: BatchFiles,
        _ workers: FileWorkers,
        _ changes: Changes<Batch>,
        _ clearing: DueWork
    ) throws {
        let erasure = BatchErasure(database: database, files: files, clock: service.clock)
        let erasing = service.whenDue("erasure") { _ in try await erasure.step() }
        let events = BatchEvents(clock: service.clock, changes: changes, clearing: clearing, erasing: erasing)
        try service.consume(group: BatchEvents.group, topics: BatchEvents.topics, events.handle)
        let jobs = FileJobs(clock: service.clock, workers: workers)
        try service.consume(group: FileJobs.group, topics: FileJobs.topics, jobs.handle)
    }

    private static func feed(_ service: ServiceBuilder) throws -> LiveFeed<Identifier> {
        let feed = LiveFeed<Identifier>()
        try service.broadcast(topics: [.batchEvents]) { event, position in
            guard let id = Identifier(event.key), let value = event.value else { return }
            feed.publish(event.type, String(decoding: value, as: UTF8.self), to: id, at: position)
        }
        return feed
    }
}
