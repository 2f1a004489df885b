import Contracts

/// Why a job, or a try of it, came to nothing.
struct JobFailure: Error, CustomStringConvertible {
    let reason: MediaFailureReason
    /// For the log: what a tool said, or which call failed.
    var cause = ""

    /// Whether a tool was ended rather than said no: a machine under load can be the cause, so there is a second try.
    var isEnding = false

    /// Tries of a job while the cause lies here, such as a full disk.
    static let maximumAttempts = 8

    /// Whether another try is not worth it: the cause lies in the content, or did not pass.
    func isFinal(attempt: Int) -> Bool {
        switch reason {
        case .sandboxUnavailable: false
        case .internal: attempt >= Self.maximumAttempts
        case .timedOut, .outOfMemory: attempt >= 2
        default: !isEnding || attempt >= 2
        }
    }

    /// For people; without paths or the tools' own words.
    var detail: String {
        switch reason {
        case .unsupportedType: "Content of this type is not processed."
        case .damaged: "The content breaks off, or is not what its type says."
        case .tooManyPixels: "It has more pixels than are processed."
        case .tooManyFrames: "It has more frames than are processed."
        case .tooLong: "It runs longer than is processed."
        case .tooLarge: "It has more bytes than are processed, or would make too many."
        case .timedOut: "Processing took too long."
        case .outOfMemory: "Processing needs too much memory."
        case .sandboxUnavailable: "The tools cannot be confined here."
        case .refused: "Its owner may not upload."
        case .internal: "Processing failed again and again."
        }
    }

    var description: String { cause.isEmpty ? reason.rawValue : "\(reason.rawValue): \(cause)" }
}
