import ServiceKit
import System

/// How much, how deep, how often and for how long.
struct CommentRules: Sendable {
    /// The last texts of somebody that a new one is compared with.
    static let comparedTexts = 5
    /// For how long the same text at the same place is a repeat, in milliseconds.
    static let repeatMilliseconds: Int64 = 600_000
    /// Reports of one person in a minute.
    static let reportsPerMinute = 20
    static let maximumSlowSeconds = 86_400
    static let maximumReasonLength = 500

    /// The depth of the deepest reply.
    let maximumDepth: Int
    /// How long an author may change a text.
    let editSeconds: Int64
    /// Comments of one person in a minute, and at once.
    let commentsPerMinute: Int
    /// Words that no comment may have, lower case.
    let restrictedWords: Set<String>

    init(_ reader: inout ConfigurationReader) {
        maximumDepth = reader.integer("COMMENT_MAX_DEPTH", default: 8, in: 0...32)
        editSeconds = Int64(reader.integer("COMMENT_EDIT_SECONDS", default: 900, in: 0...31_536_000))
        commentsPerMinute = reader.integer("COMMENT_PER_MINUTE", default: 20, in: 1...1_000_000)
        let words = reader.list("COMMENT_RESTRICTED_WORDS", of: "a word") { word in
            word.isEmpty ? nil : word.lowercased()
        }
        restrictedWords = Set(words)
    }

    /// Whether a text has a restricted word, as a whole and in whatever case.
    func restricts(_ text: CommentText) -> Bool {
        guard !restrictedWords.isEmpty else { return false }
        return text.text.lowercased().split { !$0.isLetter && !$0.isNumber }.contains {
            restrictedWords.contains(String($0))
        }
    }
}

/// A rate limit kept as one instant (GCRA, ITU-T I.371): when the bucket would be empty again. Exact across restarts,
/// for it is stored with what it limits.
struct Pace: Sendable, Equatable {
    private static let windowMilliseconds: Int64 = 60_000

    /// Actions in a minute, and at once.
    let perMinute: Int

    /// The instant to store when an action is taken now; nil with the milliseconds to wait when it may not be.
    func take(at now: Timestamp, emptyAt stored: Timestamp?) -> Result<Timestamp, Refusal> {
        let interval = max(1, Self.windowMilliseconds / Int64(perMinute))
        // Of a clock that was set back no more than a window is believed.
        let latest = now.milliseconds + Self.windowMilliseconds
        let start = min(max(stored?.milliseconds ?? 0, now.milliseconds), latest)
        let wait = start + interval - latest
        guard wait <= 0 else { return .failure(Refusal(milliseconds: wait)) }
        return .success(Timestamp(milliseconds: start + interval))
    }

    /// Too soon.
    struct Refusal: Error, Equatable {
        let milliseconds: Int64

        /// Whole seconds, for `Retry-After`.
        var seconds: Int { Int((milliseconds + 999) / 1000) }
    }
}
