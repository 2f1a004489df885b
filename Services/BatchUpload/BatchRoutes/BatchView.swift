import BlobStore
import Contracts
import FoundationEssentials
import System

/// A batch as its owner sees it.
struct BatchView: Encodable, Sendable {
    let id: Identifier
    let state: String
    let visibility: MediaVisibility
    let counts: BatchCounts
    let totalSize: Int64
    let receivedBytes: Int64
    let partSize: Int64
    let reason: BatchFailureReason?
    let createdAt: Timestamp
    let expiresAt: Timestamp
    let endedAt: Timestamp?
    /// Nil in lists.
    let files: [FileView]?

    struct FileView: Encodable, Sendable {
        let index: Int
        let name: String
        let size: Int64
        let contentType: String
        let sha256: String?
        let state: String
        let parts: Int
        let receivedParts: Int
        let uploadURL: String
        let mediaID: Identifier?
        let failure: FailureView?

        enum CodingKeys: String, CodingKey {
            case index, name, size, sha256, state, parts, failure
            case contentType = "content_type"
            case receivedParts = "received_parts"
            case uploadURL = "upload_url"
            case mediaID = "media_id"
        }
    }

    struct FailureView: Encodable, Sendable {
        let reason: BatchFailureReason
        let detail: String
    }

    init(_ batch: Batch, files: [BatchFile]? = nil) {
        id = batch.id
        state = batch.state.rawValue
        visibility = batch.visibility
        counts = batch.counts
        totalSize = batch.totalSize
        receivedBytes = batch.receivedBytes
        partSize = batch.partSize
        reason = batch.reason
        createdAt = batch.createdAt
        expiresAt = batch.expiresAt
        endedAt = batch.endedAt
        self.files = files?.map { file in
            FileView(
                index: file.index,
                name: file.name,
                size: file.size,
                contentType: file.contentType,
                sha256: (file.digest ?? file.announced)?.description,
                state: file.state.rawValue,
                parts: file.layout(of: batch).count,
                receivedParts: file.receivedParts,
                uploadURL: "/v1/batches/\(batch.id)/files/\(file.index)",
                mediaID: file.mediaID,
                failure: file.failure.map { FailureView(reason: $0.reason, detail: $0.detail) }
            )
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, state, visibility, counts, reason, files
        case totalSize = "total_size"
        case receivedBytes = "received_bytes"
        case partSize = "part_size"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case endedAt = "ended_at"
    }

    /// As text, for streams of events.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// What has not come yet of a batch; a batch has at most `BatchLimits.parts` parts.
struct MissingView: Encodable, Sendable {
    let partSize: Int64
    let items: [Item]

    struct Item: Encodable, Sendable {
        let index: Int
        let name: String
        let size: Int64
        let parts: [Int]
    }

    init(_ batch: Batch, _ files: [BatchFile], known: [Int: Set<Int>]) {
        partSize = batch.partSize
        let isOpen = batch.state == .reserving || batch.state == .open
        items = files.filter { isOpen && ($0.state == .pending || $0.state == .receiving) }.map { file in
            let there = known[file.index] ?? []
            let parts = (0..<file.layout(of: batch).count).filter { !there.contains($0) }
            return Item(index: file.index, name: file.name, size: file.size, parts: parts)
        }
    }

    enum CodingKeys: String, CodingKey {
        case items
        case partSize = "part_size"
    }
}
