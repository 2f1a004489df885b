import BlobStore
import Contracts
import System

/// A photo or film of somebody: its original, and what a worker made of it.
///
///     uploaded ─▶ processing ─▶ ready | failed        asked anew (presets changed): failed ─▶ uploaded, ready stays ready
///
/// `jobID` is the job whose first terminal result counts; results of any other job, and repeats, change nothing.
struct Media: Sendable, Equatable {
    enum State: String, Sendable {
        case uploaded, processing, ready, failed
    }

    /// What a worker found out and made.
    struct Output: Sendable, Equatable {
        let kind: MediaKind
        let width: Int
        let height: Int
        let durationMilliseconds: Int64?
        let placeholder: String
        let variants: [MediaVariant]
    }

    struct Failure: Sendable, Equatable {
        let reason: MediaFailureReason
        let detail: String
    }

    /// What content is taken for that nobody has looked at.
    static let unknownType = "application/octet-stream"

    /// Where an item of a batch stands in it.
    struct BatchPlace: Sendable, Equatable {
        let batchID: Identifier
        let index: Int
    }

    /// What a worker reports at the end of a job.
    enum Result: Sendable {
        case finished(Output)
        case failed(Failure)
    }

    let id: Identifier
    let ownerID: Identifier
    var visibility: MediaVisibility
    var state = State.uploaded
    var title: String?
    let fileName: String?
    var contentType: String
    let size: Int64
    let digest: ContentDigest
    var output: Output?
    var failure: Failure?
    var jobID: Identifier?
    var presetVersion: Int
    var batch: BatchPlace?
    /// Nobody but the owner sees it, whatever its visibility says: its batch is not complete.
    var isHidden = false
    let createdAt: Timestamp
    var version: Int64 = 1

    /// Whether people other than the owner may see it.
    var isPublic: Bool { shownTo == .public && state == .ready }

    /// Who may see it once it is ready.
    var shownTo: MediaVisibility { isHidden ? .private : visibility }

    /// Whether nobody has looked at its content yet: then there is no job.
    var isUnseen: Bool { state == .uploaded && jobID == nil }

    /// Its content is known to be of a type that is taken: it is to be processed.
    mutating func recognize(as type: String, job: Identifier) {
        contentType = type
        jobID = job
        version += 1
    }

    /// A worker has begun; false when the report is of another job or says nothing new.
    mutating func begin(_ job: Identifier) -> Bool {
        guard job == jobID, state == .uploaded else { return false }
        state = .processing
        version += 1
        return true
    }

    /// The job has ended; false when it is not the current one. An item that was ready before and could not be processed
    /// anew keeps what it has.
    mutating func end(_ job: Identifier, _ result: Result) -> Bool {
        guard job == jobID else { return false }
        jobID = nil
        version += 1
        switch result {
        case .finished(let output):
            state = .ready
            self.output = output
            failure = nil
        case .failed(let failure) where state != .ready:
            state = .failed
            self.failure = failure
        case .failed: break
        }
        return true
    }

    /// Asks for the item to be processed by other presets.
    mutating func restart(job: Identifier, presets: Int) {
        presetVersion = presets
        guard !isUnseen else { return }
        jobID = job
        failure = nil
        if state != .ready { state = .uploaded }
        version += 1
    }
}
