import ServiceKit

/// What BatchUpload reads from its environment.
struct BatchUploadConfiguration: Sendable {
    let limits: BatchLimits
    /// Files that are digested at a time.
    let workers: Int

    init(_ service: ServiceBuilder) {
        limits = BatchLimits(
            fileSize: Int64(service.reader.integer("MEDIA_MAX_BYTES", default: 4 << 30, in: 1...(1 << 40))),
            partSize: Int64(service.reader.integer("BATCH_PART_BYTES", default: 8 << 20, in: 1024...(1 << 30))),
            openBatches: service.reader.integer("OPEN_BATCHES", default: 20, in: 1...10_000),
            lifetimeSeconds: Int64(service.reader.integer("BATCH_SECONDS", default: 86_400, in: 1...2_592_000))
        )
        workers = service.reader.integer("BATCH_WORKERS", default: 2, in: 1...64)
    }
}

/// What may be announced.
struct BatchLimits: Sendable {
    /// Files of a batch.
    static let files = 1000
    /// Parts of all files of a batch together.
    static let parts = 10_000
    /// Bytes of a file's name.
    static let nameLength = 255
    /// Bytes of a file's content type.
    static let contentTypeLength = 100
    /// Bytes of the event that announces a batch: what tells of its end has as many files and must fit into an event too.
    static let announcementSize = 200 << 10

    /// Bytes of a file.
    let fileSize: Int64
    /// Bytes of a part.
    let partSize: Int64
    /// Batches of an account that have not ended.
    let openBatches: Int
    /// How long a batch may be open.
    let lifetimeSeconds: Int64
}
