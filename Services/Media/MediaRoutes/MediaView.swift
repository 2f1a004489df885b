import BlobStore
import Contracts
import FoundationEssentials
import System

/// An item as clients see it.
struct MediaView: Encodable, Sendable {
    let id: Identifier
    let ownerID: Identifier
    let visibility: MediaVisibility
    let state: String
    let title: String?
    /// The owner's alone.
    let fileName: String?
    let contentType: String
    let size: Int64
    let sha256: String
    let kind: MediaKind?
    let width: Int?
    let height: Int?
    let durationMilliseconds: Int64?
    let placeholder: String?
    let failure: FailureView?
    let contentURL: String
    let variants: [VariantView]
    /// The owner's alone, as what follows.
    let batchID: Identifier?
    let batchIndex: Int?
    /// True while its batch is not complete; else nil.
    let isHidden: Bool?
    let createdAt: Timestamp

    struct FailureView: Encodable, Sendable {
        let reason: MediaFailureReason
        let detail: String
    }

    struct VariantView: Encodable, Sendable {
        let name: String
        let url: String
        let width: Int
        let height: Int
        let contentType: String
        let size: Int64

        enum CodingKeys: String, CodingKey {
            case contentType = "content_type"
            case name, url, width, height, size
        }
    }

    /// Addresses of private content are signed: only who may see the item gets a view of it.
    init(_ media: Media, isOwner: Bool, signer: AddressSigner, at now: Timestamp) {
        id = media.id
        ownerID = media.ownerID
        visibility = media.visibility
        state = media.state.rawValue
        title = media.title
        fileName = isOwner ? media.fileName : nil
        contentType = media.contentType
        size = media.size
        sha256 = media.digest.description
        kind = media.output?.kind
        width = media.output?.width
        height = media.output?.height
        durationMilliseconds = media.output?.durationMilliseconds
        placeholder = media.output?.placeholder
        failure = media.failure.map { FailureView(reason: $0.reason, detail: $0.detail) }
        let content = "/v1/media/\(media.id)/content"
        contentURL = media.isPublic ? content : "\(content)?\(signer.query(for: content, at: now))"
        variants = (media.output?.variants ?? []).map { variant in
            let path = "/v1/media/\(media.id)/variants/\(variant.name)"
            // Another content has another address, so that it may be kept for ever.
            let address = "\(path)?v=\(variant.sha256.prefix(8))"
            return VariantView(
                name: variant.name,
                url: media.isPublic ? address : "\(address)&\(signer.query(for: path, at: now))",
                width: variant.width,
                height: variant.height,
                contentType: variant.contentType,
                size: variant.size
            )
        }
        batchID = isOwner ? media.batch?.batchID : nil
        batchIndex = isOwner ? media.batch?.index : nil
        isHidden = media.isHidden ? true : nil
        createdAt = media.createdAt
    }

    enum CodingKeys: String, CodingKey {
        case id, visibility, state, title, size, sha256, kind, width, height, placeholder, failure, variants
        case ownerID = "owner_id"
        case fileName = "file_name"
        case contentType = "content_type"
        case durationMilliseconds = "duration_ms"
        case contentURL = "content_url"
        case batchID = "batch_id"
        case batchIndex = "batch_index"
        case isHidden = "hidden"
        case createdAt = "created_at"
    }
}

extension MediaView {
    /// As text, for streams of events.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
