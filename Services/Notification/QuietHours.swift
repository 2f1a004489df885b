import Synchronization
import System

/// The part of each day in which nothing makes a noise, in the person's own time: from a minute of the day to another,
/// across midnight when the end comes first.
struct QuietHours: Sendable, Equatable, Codable {
    private static let day: Int64 = 24 * 60

    /// `HH:MM`.
    var start: String
    /// `HH:MM`.
    var end: String

    /// Whether both are times of the day, and not the same.
    var isValid: Bool { Self.minute(start) != nil && Self.minute(end) != nil && start != end }

    /// When they end, if it is quiet at an instant; never before.
    func end(at now: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        guard let start = Self.minute(start), let end = Self.minute(end), start != end else { return nil }
        let local = now.milliseconds / 1000 + zone.offsetSeconds(at: now)
        let minute = local / 60 % Self.day
        let isQuiet = start < end ? (start..<end).contains(minute) : minute >= start || minute < end
        guard isQuiet else { return nil }
        return zone.next(minute: end, after: now)
    }

    private static func minute(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57) ~= $0 } }),
            let hours = Int64(parts[0]), let minutes = Int64(parts[1]), hours < 24, minutes < 60
        else { return nil }
        return hours * 60 + minutes
    }
}

extension TimeZoneRules {
    /// The next instant at which clocks show a minute of the day. When clocks are set meanwhile, the later of what both
    /// offsets say; a time that is left out is taken by the old offset.
    func next(minute: Int64, after now: Timestamp) -> Timestamp {
        let local = now.milliseconds / 1000 + offsetSeconds(at: now)
        let dayStart = local / 86_400 * 86_400
        var wanted = dayStart + minute * 60
        if wanted <= local { wanted += 86_400 }
        let first = Timestamp(milliseconds: (wanted - offsetSeconds(at: now)) * 1000)
        let second = Timestamp(milliseconds: (wanted - offsetSeconds(at: first)) * 1000)
        return second > now ? second : first
    }
}

/// Time zones that have been read. Any thread; the first use of a zone reads its file.
final class TimeZones: Sendable {
    /// There are some 600; links count too.
    private static let limit = 1000
    private let known = Mutex<[String: TimeZoneRules]>([:])

    /// Nil when there is no such zone.
    func rules(_ name: String) -> TimeZoneRules? {
        if let rules = known.withLock({ $0[name] }) { return rules }
        // Whatever is wrong with the name or its file, there is no such zone here.
        guard let rules = try? TimeZoneRules(name) else { return nil }
        known.withLock { if $0.count < Self.limit { $0[name] = rules } }
        return rules
    }
}
