import BlobStore
import Contracts
import Persistence
import System

extension Upload.Kind: ColumnValue {}
extension Upload.State: ColumnValue {}

private let columns: SQL = """
    id, owner_id, kind, length, offset, reserved, state, visibility, title, file_name, metadata, content_type, sha256,
    created_at, expires_at
    """

extension Connection {
    func upload(_ id: Identifier) throws -> Upload? {
        try first("SELECT \(columns) FROM uploads WHERE id = \(id)", decode)
    }

    /// Uploads of an owner that are not complete.
    func openUploads(of owner: Identifier) throws -> Int {
        try value("SELECT count(*) FROM uploads WHERE owner_id = \(owner) AND state IN ('open', 'finishing')") ?? 0
    }

    /// All uploads of an owner.
    func uploads(of owner: Identifier, limit: Int) throws -> [Upload] {
        try rows("SELECT \(columns) FROM uploads WHERE owner_id = \(owner) LIMIT \(limit)", decode)
    }

    /// Uploads whose time is over.
    func expiredUploads(at now: Timestamp, limit: Int) throws -> [Upload] {
        try rows(
            "SELECT \(columns) FROM uploads WHERE expires_at <= \(now) ORDER BY expires_at LIMIT \(limit)",
            decode
        )
    }

    /// When the next upload expires.
    func nextUploadExpiry() throws -> Timestamp? {
        try value("SELECT expires_at FROM uploads WHERE expires_at > 0 ORDER BY expires_at LIMIT 1")
    }

    /// What an earlier process left: requests that ended with it, and what it was finishing.
    func interruptedUploads() throws -> [Upload] {
        let finishing: SQL = "state = 'finishing'"
        let dead: SQL = "state = 'open' AND kind IN ('plain', 'final')"
        let whole: SQL = "state = 'open' AND kind = 'resumable' AND offset = length"
        return try [finishing, dead, whole].flatMap { condition in
            try rows("SELECT \(columns) FROM uploads WHERE \(condition)", decode)
        }
    }

    /// The parts of a final upload in order.
    func parts(of id: Identifier) throws -> [Upload] {
        try rows("SELECT \(columns) FROM uploads WHERE final_id = \(id) ORDER BY ordinal", decode)
    }

    private func decode(_ row: borrowing Row) throws -> Upload {
        let type: String? = try row[11]
        let digest: ContentDigest? = try row[12]
        let content: Upload.Content? =
            if let type, let digest { Upload.Content(type: type, digest: digest) } else { nil }
        return Upload(
            id: try row[0],
            ownerID: try row[1],
            kind: try row[2],
            length: try row[3],
            offset: try row[4],
            reserved: try row[5],
            state: try row[6],
            details: UploadDetails(
                visibility: try row[7],
                title: try row[8],
                fileName: try row[9],
                metadata: try row[10]
            ),
            content: content,
            createdAt: try row[13],
            expiresAt: try row[14]
        )
    }
}

extension Transaction {
    /// Adds an upload whose room has been reserved.
    borrowing func insert(_ upload: Upload) throws {
        let details = upload.details
        try execute(
            """
            INSERT INTO uploads (id, owner_id, kind, length, offset, reserved, state, visibility, title, file_name,
                metadata, created_at, expires_at)
            VALUES (\(upload.id), \(upload.ownerID), \(upload.kind), \(upload.length), \(upload.offset),
                \(upload.reserved), \(upload.state), \(details.visibility), \(details.title), \(details.fileName),
                \(details.metadata), \(upload.createdAt), \(upload.expiresAt))
            """
        )
    }

    /// Stores what may change of an upload; false when it is gone.
    borrowing func update(_ upload: Upload) throws -> Bool {
        let (details, content) = (upload.details, upload.content)
        return try execute(
            """
            UPDATE uploads SET length = \(upload.length), offset = \(upload.offset), reserved = \(upload.reserved),
                state = \(upload.state), visibility = \(details.visibility), title = \(details.title),
                file_name = \(details.fileName), content_type = \(content?.type), sha256 = \(content?.digest),
                expires_at = \(upload.expiresAt)
            WHERE id = \(upload.id)
            """
        ) == 1
    }

    /// Gives whole parts to a final upload, which holds their room from now on.
    borrowing func join(_ parts: [Identifier], to id: Identifier) throws {
        for (ordinal, part) in parts.enumerated() {
            try execute(
                """
                UPDATE uploads SET final_id = \(id), ordinal = \(ordinal), reserved = 0, state = 'complete'
                WHERE id = \(part)
                """
            )
        }
    }

    /// Removes an upload whose room an item has now.
    borrowing func drop(_ id: Identifier) throws {
        try execute("DELETE FROM uploads WHERE id = \(id)")
    }

    /// Removes an upload; the room it held is given back, unless an item or a final upload has it now. False when it was
    /// gone.
    borrowing func remove(_ id: Identifier) throws -> Bool {
        guard let upload = try connection.upload(id) else { return false }
        try execute("DELETE FROM uploads WHERE id = \(id)")
        if upload.state != .complete {
            try release(bytes: upload.reserved, items: 1, of: upload.ownerID)
        }
        return true
    }
}
