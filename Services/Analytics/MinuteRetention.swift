import System

/// How long the tables hold minutes: what is older is told by hours, days and all time, which stay.
struct MinuteRetention: Sendable {
    /// What it is unless the environment says otherwise.
    static let usualDays = 7
    /// What the environment may say.
    static let days = 1...3650

    /// Whole days of UTC before the present one.
    let days: Int64

    /// The first minute that is kept, in milliseconds. It moves once a day, so what two generations hold from there on is
    /// the same whenever they counted it.
    func oldest(at now: Timestamp) -> Int64 {
        Span.day.start(of: now.milliseconds) - days * Span.day.rawValue
    }
}
