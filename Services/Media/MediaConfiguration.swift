import Contracts
import Security
import ServiceKit
import System

/// What Media reads from its environment and its data folder.
struct MediaConfiguration: Sendable {
    /// What may be uploaded.
    let limits: UploadLimits
    /// The presets that new items are made by.
    let presetVersion: Int
    /// How long a blob stays that nobody refers to: longer than any job of a worker.
    let graceSeconds: Int64
    /// Between two looks for blobs that nobody knows.
    let sweepSeconds: Int
    /// What addresses of private content are signed with, and nothing else; made at first start.
    let addressKey: [UInt8]

    init(_ service: ServiceBuilder) throws {
        limits = UploadLimits(
            maximumSize: Int64(service.reader.integer("MEDIA_MAX_BYTES", default: 4 << 30, in: 1...(1 << 40))),
            quota: Quota(
                bytes: Int64(service.reader.integer("MEDIA_QUOTA_BYTES", default: 20 << 30, in: 1...(1 << 50))),
                items: Int64(service.reader.integer("MEDIA_QUOTA_ITEMS", default: 10_000, in: 1...100_000_000))
            ),
            openUploads: service.reader.integer("MEDIA_OPEN_UPLOADS", default: 100, in: 1...100_000),
            lifetimeSeconds: Int64(service.reader.integer("UPLOAD_SECONDS", default: 86_400, in: 1...2_592_000))
        )
        presetVersion = service.reader.integer(
            "MEDIA_PRESET_VERSION",
            default: MediaPresets.version,
            in: MediaPresets.version...1_000_000
        )
        graceSeconds = Int64(service.reader.integer("BLOB_GRACE_SECONDS", default: 86_400, in: 1...2_592_000))
        sweepSeconds = service.reader.integer("BLOB_SWEEP_SECONDS", default: 3600, in: 1...604_800)
        addressKey = try SecretFile.loadOrCreate(service.configuration.dataDirectory + "/address.secret")
    }
}

/// What may be uploaded.
struct UploadLimits: Sendable {
    /// Bytes of one item.
    let maximumSize: Int64
    /// What an account may store.
    var quota: Quota
    /// Uploads of an account that are not complete.
    let openUploads: Int
    /// How long an upload may rest.
    let lifetimeSeconds: Int64
}
