import BlobStore
import Contracts
import System

/// Content that is arriving. What it will be is said at the beginning; `offset` is what is durable.
///
///     open ─▶ finishing ─▶ complete       open ─▶ (expired, terminated, refused: the row goes)
///
/// `finishing` is stored with the content's digest before the blob is, so that a crash at any point can be gone on from.
struct Upload: Sendable, Equatable {
    enum Kind: String, Sendable {
        /// A request that brings all of it; dies with the request.
        case plain
        /// tus: by as many requests as it takes.
        case resumable
        /// tus: a part of a `final` one.
        case partial
        /// tus: made of parts that are there.
        case final
    }

    enum State: String, Sendable {
        case open, finishing, complete
    }

    /// What content turned out to be.
    struct Content: Sendable, Equatable {
        let type: String
        let digest: ContentDigest
    }

    /// Also the id of the item that it becomes.
    let id: Identifier
    let ownerID: Identifier
    let kind: Kind
    /// Bytes it will have; nil until a body without a length has ended.
    var length: Int64?
    var offset: Int64 = 0
    /// Bytes of the owner's quota that it holds.
    var reserved: Int64
    var state = State.open
    var details: UploadDetails
    var content: Content?
    let createdAt: Timestamp
    var expiresAt: Timestamp

    /// Whether all bytes are there.
    var isWhole: Bool { offset == length }

    /// Refuses a request that would write behind another byte than the durable ones end with.
    func checkMayAppend(at offset: Int64) throws(UploadError) {
        guard state == .open, kind != .final else { throw .closed }
        guard offset == self.offset else { throw .offsetMismatch(expected: self.offset, provided: offset) }
    }

    /// The place behind new bytes.
    func offset(adding count: Int64, maximum: Int64) throws(UploadError) -> Int64 {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard !overflow, end <= length ?? maximum else { throw .tooLong }
        return end
    }
}

/// What the uploader says about content.
struct UploadDetails: Sendable, Equatable {
    /// Letters of a name or title that are kept.
    static let maximumTextLength = 255

    var visibility = MediaVisibility.public
    var title: String?
    var fileName: String?
    /// Upload-Metadata as it came, to be handed back.
    var metadata: String?

    /// A name for people: its last part, without control characters, cut; nil when nothing is left.
    static func cleaned(fileName: String) -> String? {
        let last = fileName.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        return cleaned(text: String(last))
    }

    /// Text without control characters, cut; nil when nothing is left.
    static func cleaned(text: String) -> String? {
        let scalars = text.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
        var kept = String(String.UnicodeScalarView(scalars).prefix(maximumTextLength))
        while kept.last?.isWhitespace ?? false { kept.removeLast() }
        return kept.isEmpty ? nil : kept
    }
}

/// Why bytes are not taken.
enum UploadError: Error, Sendable, Equatable {
    /// It takes no more bytes.
    case closed
    /// The request continues another state than the stored one.
    case offsetMismatch(expected: Int64, provided: Int64)
    /// More bytes than announced or allowed.
    case tooLong
}
