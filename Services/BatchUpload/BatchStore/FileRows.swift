public import BlobStore
public import Persistence
import System

extension BatchFile.State: ColumnValue {}
extension ContentDigest: ColumnValue {
    /// BLOB of 32 bytes.
    public var stored: StoredValue { .blob(bytes) }

    /// From a BLOB of 32 bytes.
    public init?(stored: StoredValue) {
        guard case .blob(let bytes) = stored else { return nil }
        self.init(bytes: bytes)
    }
}

private let columns: SQL = """
    batch_id, place, name, size, content_type, announced, sha256, state, received_parts, received_bytes, media_id, reason,
    detail
    """

extension Connection {
    func file(_ index: Int, of batch: Identifier) throws -> BatchFile? {
        try first("SELECT \(columns) FROM files WHERE batch_id = \(batch) AND place = \(index)", decode)
    }

    /// All files of a batch in their order; there are at most `BatchLimits.files`.
    func files(of batch: Identifier) throws -> [BatchFile] {
        try rows("SELECT \(columns) FROM files WHERE batch_id = \(batch) ORDER BY place", decode)
    }

    /// The file that became an item.
    func file(ofMedia id: Identifier) throws -> BatchFile? {
        try first("SELECT \(columns) FROM files WHERE media_id = \(id)", decode)
    }

    /// The parts of a file that are durable, with their digests.
    func parts(of index: Int, in batch: Identifier) throws -> [Int: ContentDigest] {
        let found = try rows(
            "SELECT number, sha256 FROM parts WHERE batch_id = \(batch) AND place = \(index) ORDER BY number"
        ) { row in (try row[0] as Int, try row[1] as ContentDigest) }
        return Dictionary(uniqueKeysWithValues: found)
    }

    /// The parts of all files of a batch that are durable.
    func parts(in batch: Identifier) throws -> [Int: Set<Int>] {
        let found = try rows("SELECT place, number FROM parts WHERE batch_id = \(batch)") { row in
            (try row[0] as Int, try row[1] as Int)
        }
        return found.reduce(into: [:]) { $0[$1.0, default: []].insert($1.1) }
    }

    private func decode(_ row: borrowing Row) throws -> BatchFile {
        let reason: String? = try row[11]
        return BatchFile(
            batchID: try row[0],
            index: try row[1],
            name: try row[2],
            size: try row[3],
            contentType: try row[4],
            announced: try row[5],
            digest: try row[6],
            state: try row[7],
            receivedParts: try row[8],
            receivedBytes: try row[9],
            mediaID: try row[10],
            failure: reason == nil ? nil : BatchFile.Failure(reason: try row[11], detail: try row[12])
        )
    }
}

extension Transaction {
    borrowing func insert(_ file: BatchFile) throws {
        try execute(
            """
            INSERT INTO files (batch_id, place, name, size, content_type, announced, state, received_parts,
                received_bytes)
            VALUES (\(file.batchID), \(file.index), \(file.name), \(file.size), \(file.contentType), \(file.announced),
                \(file.state), \(file.receivedParts), \(file.receivedBytes))
            """
        )
    }

    /// Stores what may change of a file.
    borrowing func update(_ file: BatchFile) throws {
        try execute(
            """
            UPDATE files SET sha256 = \(file.digest), state = \(file.state), received_parts = \(file.receivedParts),
                received_bytes = \(file.receivedBytes), media_id = \(file.mediaID), reason = \(file.failure?.reason),
                detail = \(file.failure?.detail)
            WHERE batch_id = \(file.batchID) AND place = \(file.index)
            """
        )
    }

    /// Notes a durable part; false when it is known.
    borrowing func insertPart(_ number: Int, _ digest: ContentDigest, of file: BatchFile) throws -> Bool {
        try execute(
            """
            INSERT INTO parts (batch_id, place, number, sha256)
            VALUES (\(file.batchID), \(file.index), \(number), \(digest)) ON CONFLICT DO NOTHING
            """
        ) == 1
    }

    /// Forgets the parts and jobs of a batch that has ended.
    borrowing func removeWork(of batch: Identifier) throws {
        try execute("DELETE FROM parts WHERE batch_id = \(batch)")
        try execute("DELETE FROM jobs WHERE batch_id = \(batch)")
    }
}
