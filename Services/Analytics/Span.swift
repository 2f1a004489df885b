import System

/// The length of a bucket of event time. Buckets begin at whole multiples in UTC; the tables hold all lengths.
enum Span: Int64, CaseIterable, Sendable {
    case minute = 60_000
    case hour = 3_600_000
    case day = 86_400_000
    /// One bucket of all time.
    case all = 0

    /// Reads the word of `bucket`.
    init?(word: String) {
        guard let span = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = span
    }

    /// `1m`, `1h`, `1d` or `all`.
    var word: String {
        switch self {
        case .minute: "1m"
        case .hour: "1h"
        case .day: "1d"
        case .all: "all"
        }
    }

    /// The start of the bucket an instant lies in, in milliseconds.
    func start(of milliseconds: Int64) -> Int64 {
        guard self != .all else { return 0 }
        let rest = milliseconds % rawValue
        return milliseconds - (rest < 0 ? rest + rawValue : rest)
    }

    /// What a query covers that names no beginning, in milliseconds.
    var usualRange: Int64 {
        switch self {
        case .minute: 3_600_000
        case .hour: 2 * 86_400_000
        case .day: 31 * 86_400_000
        case .all: 0
        }
    }
}
