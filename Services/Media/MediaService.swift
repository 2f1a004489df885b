import BlobStore
import Contracts
import EventBus
import HTTPTransport
import Persistence
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("media", port: 8103, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let settings = try MediaConfiguration(service)
        let (clock, tokens) = (service.clock, service.tokens)
        let database = try service.openDatabase(MediaStore.migrations)
        let blobs = try BlobStore(service.configuration.blobStore)
        service.onStop { blobs.close() }
        try service.followRevocations()

        let blobCollector = BlobCollector(
            database: database,
            blobs: blobs,
            clock: clock,
            graceSeconds: settings.graceSeconds
        )
        let collector = service.whenDue("blob collector") { _ in try await blobCollector.step() }
        service.every(.seconds(settings.sweepSeconds), "blob sweep") {
            try await blobCollector.sweep()
            collector.wake()
        }

        let types = try ContentTypes()
        service.onStop { types.close() }
        let (uploads, locks) = try composeUploads(service, settings, database, blobs, types)
        let files = uploads.files
        let erasure = MediaErasure(database: database, files: files, clock: clock, collector: collector)
        let erasing = service.whenDue("erasure") { _ in try await erasure.step() }
        let batches = composeBatches(service, settings, database, blobs, types, collector)
        let events = MediaEvents(clock: clock, batches: batches, erasing: erasing, collector: collector)
        try service.consume(group: "media", topics: MediaEvents.topics, events.handle)

        service.middleware.append(StoreProblems(logger: service.logger).explain)
        let signer = AddressSigner(key: settings.addressKey)
        TusRoutes(uploads: uploads, locks: locks, tokens: tokens).add(to: &service.router)
        PlainUploadRoute(uploads: uploads, locks: locks, tokens: tokens, signer: signer).add(to: &service.router)
        ContentRoutes(database: database, blobs: blobs, tokens: tokens, clock: clock, signer: signer)
            .add(to: &service.router)
        try addItemRoutes(service, settings, database, signer, collector)
    }

    private static func composeUploads(
        _ service: ServiceBuilder,
        _ settings: MediaConfiguration,
        _ database: Database,
        _ blobs: BlobStore,
        _ types: ContentTypes
    ) throws -> (Uploads, WriterLocks<Identifier>) {
        let files = try UploadFiles(directory: service.configuration.dataDirectory + "/uploads")
        service.onStop { files.close() }
        let locks = WriterLocks<Identifier>()
        let expiry = service.whenDue("upload expiry") { now in
            try await UploadRecovery.expire(database, files, locks, at: now)
        }
        let uploads = Uploads(
            database: database,
            files: files,
            blobs: blobs,
            types: types,
            clock: service.clock,
            limits: settings.limits,
            presetVersion: settings.presetVersion,
            logger: service.logger,
            expiry: expiry
        )
        let recovery = UploadRecovery(uploads: uploads, locks: locks)
        service.every(.seconds(30), "upload recovery") { try await recovery.step() }
        return (uploads, locks)
    }

    private static func composeBatches(
        _ service: ServiceBuilder,
        _ settings: MediaConfiguration,
        _ database: Database,
        _ blobs: BlobStore,
        _ types: ContentTypes,
        _ collector: DueWork
    ) -> BatchEvents {
        let clock = service.clock
        let contents = BatchContents(
            database: database,
            blobs: blobs,
            types: types,
            clock: clock,
            collector: collector
        )
        let disposal = BatchDisposal(database: database, clock: clock, collector: collector)
        return BatchEvents(
            limits: settings.limits,
            presetVersion: settings.presetVersion,
            clock: clock,
            looking: service.whenDue("contents of batches") { _ in try await contents.step() },
            discarding: service.whenDue("disposal of batches") { _ in try await disposal.step() }
        )
    }

    private static func addItemRoutes(
        _ service: ServiceBuilder,
        _ settings: MediaConfiguration,
        _ database: Database,
        _ signer: AddressSigner,
        _ collector: DueWork
    ) throws {
        let (clock, tokens) = (service.clock, service.tokens)
        let feed = LiveFeed<Identifier>()
        try service.broadcast(topics: [.mediaEvents]) { event, position in
            guard let id = Identifier(event.key), let text = MediaRoutes.shown(event) else { return }
            feed.publish(event.type, text, to: id, at: position)
        }
        MediaRoutes(
            database: database,
            tokens: tokens,
            clock: clock,
            signer: signer,
            feed: feed,
            collector: collector
        ).add(to: &service.router)
        let reprocessing = Reprocessing(database: database, clock: clock)
        let reprocess = service.whenDue("reprocessing") { _ in try await reprocessing.step() }
        AdminRoutes(
            database: database,
            tokens: tokens,
            presetVersion: settings.presetVersion,
            reprocessing: reprocess
        ).add(to: &service.router)
    }
}
