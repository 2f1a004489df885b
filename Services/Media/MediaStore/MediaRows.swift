public import BlobStore
public import Contracts
import EventBus
public import Persistence
import System

extension Media.State: ColumnValue {}
extension ContentDigest: ColumnValue {
    /// BLOB of 32 bytes.
    public var stored: StoredValue { .blob(bytes) }

    /// From a BLOB of 32 bytes.
    public init?(stored: StoredValue) {
        guard case .blob(let bytes) = stored else { return nil }
        self.init(bytes: bytes)
    }
}

extension MediaVisibility: ColumnValue {}
extension MediaKind: ColumnValue {}
extension MediaFailureReason: ColumnValue {}

private let columns: SQL = """
    id, owner_id, visibility, state, title, file_name, content_type, size, sha256, kind, width, height, duration_ms,
    placeholder, reason, detail, job_id, preset_version, batch_id, batch_index, is_hidden, created_at, version
    """

extension Connection {
    /// An item with its variants.
    func media(_ id: Identifier) throws -> Media? {
        guard let media = try first("SELECT \(columns) FROM media WHERE id = \(id)", decode) else { return nil }
        return try complete(media)
    }

    /// An owner's items, newest first, before a key; all, or what others may see.
    func media(
        of owner: Identifier,
        onlyPublic: Bool,
        before id: Identifier?,
        limit: Int
    ) throws -> [Media] {
        let high = id?.bytes ?? [UInt8](repeating: 0xFF, count: 17)
        let filter: SQL = onlyPublic ? "AND visibility = 'public' AND state = 'ready' AND is_hidden = 0" : ""
        return try rows(
            """
            SELECT \(columns) FROM media WHERE owner_id = \(owner) AND id < \(high) \(filter)
            ORDER BY id DESC LIMIT \(limit)
            """,
            decode
        ).map(complete)
    }

    /// Items made by older presets.
    func media(olderThanPresets version: Int, limit: Int) throws -> [Media] {
        try rows(
            """
            SELECT \(columns) FROM media WHERE preset_version < \(version) ORDER BY preset_version, id LIMIT \(limit)
            """,
            decode
        ).map(complete)
    }

    /// Items of a batch.
    func media(ofBatch id: Identifier, limit: Int) throws -> [Media] {
        try rows("SELECT \(columns) FROM media WHERE batch_id = \(id) LIMIT \(limit)", decode).map(complete)
    }

    /// Items whose content nobody has looked at.
    func unseenMedia(limit: Int) throws -> [Media] {
        try rows(
            """
            SELECT \(columns) FROM media WHERE state = 'uploaded' AND job_id IS NULL AND id > \([UInt8]())
            ORDER BY id LIMIT \(limit)
            """,
            decode
        )
    }

    /// The trace in which an item came whose content was not looked at then.
    func traceparent(ofMedia id: Identifier) throws -> String? {
        try first("SELECT traceparent FROM media WHERE id = \(id)") { try $0[0] as String? } ?? nil
    }

    private func complete(_ media: Media) throws -> Media {
        guard let output = media.output else { return media }
        var media = media
        media.output = Media.Output(
            kind: output.kind,
            width: output.width,
            height: output.height,
            durationMilliseconds: output.durationMilliseconds,
            placeholder: output.placeholder,
            variants: try variants(of: media.id)
        )
        return media
    }

    private func variants(of id: Identifier) throws -> [MediaVariant] {
        try rows(
            """
            SELECT name, content_type, width, height, size, sha256 FROM variants WHERE media_id = \(id) ORDER BY ordinal
            """
        ) { row in
            MediaVariant(
                name: try row[0],
                contentType: try row[1],
                width: try row[2],
                height: try row[3],
                size: try row[4],
                sha256: (try row[5] as ContentDigest).description
            )
        }
    }

    private func decode(_ row: borrowing Row) throws -> Media {
        let kind: MediaKind? = try row[9]
        let reason: MediaFailureReason? = try row[14]
        let batchID: Identifier? = try row[18]
        return Media(
            id: try row[0],
            ownerID: try row[1],
            visibility: try row[2],
            state: try row[3],
            title: try row[4],
            fileName: try row[5],
            contentType: try row[6],
            size: try row[7],
            digest: try row[8],
            output: try kind.map { kind in
                Media.Output(
                    kind: kind,
                    width: try row[10],
                    height: try row[11],
                    durationMilliseconds: try row[12],
                    placeholder: try row[13],
                    variants: []
                )
            },
            failure: try reason.map { Media.Failure(reason: $0, detail: try row[15]) },
            jobID: try row[16],
            presetVersion: try row[17],
            batch: try batchID.map { Media.BatchPlace(batchID: $0, index: try row[19]) },
            isHidden: try row[20],
            createdAt: try row[21],
            version: try row[22]
        )
    }
}

extension Transaction {
    /// Adds an item whose owner's quota already counts it, and a reference to its content.
    borrowing func insert(_ media: Media, traceparent: String? = nil) throws {
        try execute(
            """
            INSERT INTO media (id, owner_id, visibility, state, title, file_name, content_type, size, sha256, job_id,
                preset_version, batch_id, batch_index, is_hidden, created_at, version, traceparent)
            VALUES (\(media.id), \(media.ownerID), \(media.visibility), \(media.state), \(media.title),
                \(media.fileName), \(media.contentType), \(media.size), \(media.digest), \(media.jobID),
                \(media.presetVersion), \(media.batch?.batchID), \(media.batch?.index), \(media.isHidden),
                \(media.createdAt), \(media.version), \(traceparent))
            """
        )
        try addReference(to: media.digest, size: media.size)
    }

    /// Stores what may change of an item; its variants stay.
    borrowing func update(_ media: Media) throws {
        let (output, failure) = (media.output, media.failure)
        try execute(
            """
            UPDATE media SET visibility = \(media.visibility), state = \(media.state), title = \(media.title),
                content_type = \(media.contentType), kind = \(output?.kind), width = \(output?.width), height = \(output?.height),
                duration_ms = \(output?.durationMilliseconds), placeholder = \(output?.placeholder),
                reason = \(failure?.reason), detail = \(failure?.detail), job_id = \(media.jobID),
                preset_version = \(media.presetVersion), version = \(media.version)
            WHERE id = \(media.id)
            """
        )
    }

    /// Stores what its owner changed of an item, and tells others when it concerns them.
    borrowing func change(_ old: Media, to new: Media, at now: Timestamp, traceparent: String?) throws {
        try update(new)
        guard new.shownTo != old.shownTo else { return }
        try publish(
            MediaVisibilityChanged(mediaID: new.id, ownerID: new.ownerID, visibility: new.shownTo),
            at: now,
            sequence: new.version,
            traceparent: traceparent
        )
    }

    /// Puts an item's variants in place of the old ones, with their references.
    borrowing func replaceVariants(of old: Media, by new: Media, at now: Timestamp) throws {
        try execute("DELETE FROM variants WHERE media_id = \(new.id)")
        for (ordinal, variant) in (new.output?.variants ?? []).enumerated() {
            guard let digest = ContentDigest(variant.sha256) else {
                throw EventError(.undecodable, "\(variant.name) has no digest")
            }
            try execute(
                """
                INSERT INTO variants (media_id, name, ordinal, content_type, width, height, size, sha256)
                VALUES (\(new.id), \(variant.name), \(ordinal), \(variant.contentType), \(variant.width),
                    \(variant.height), \(variant.size), \(digest))
                """
            )
            try addReference(to: digest, size: variant.size)
        }
        try dropReferences(to: old.output?.variants ?? [], at: now)
    }

    /// Removes an item and what was made of it.
    borrowing func remove(_ media: Media, at now: Timestamp) throws {
        try execute("DELETE FROM media WHERE id = \(media.id)")
        try dropReference(to: media.digest, at: now)
        try dropReferences(to: media.output?.variants ?? [], at: now)
        try release(bytes: media.size, items: 1, of: media.ownerID)
    }

    /// Removes an item and what was made of it, and tells.
    borrowing func delete(_ media: Media, at now: Timestamp, traceparent: String? = nil) throws {
        try remove(media, at: now)
        try publish(
            MediaDeleted(mediaID: media.id, ownerID: media.ownerID),
            at: now,
            sequence: media.version + 1,
            traceparent: traceparent
        )
    }

    private borrowing func dropReferences(to variants: [MediaVariant], at now: Timestamp) throws {
        for variant in variants {
            guard let digest = ContentDigest(variant.sha256) else { continue }
            try dropReference(to: digest, at: now)
        }
    }
}
