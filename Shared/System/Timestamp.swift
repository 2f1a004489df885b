import Glibc

/// An instant of wall-clock time in milliseconds since 1970-01-01T00:00:00Z; the one form in which Marquee stores and
/// compares instants.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since the Unix epoch, UTC; may be negative.
    public var milliseconds: Int64

    /// Makes an instant from milliseconds since the Unix epoch.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The instant `seconds` later (earlier when negative).
    public func adding(seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }

    /// The instant `milliseconds` later (earlier when negative).
    public func adding(milliseconds delta: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + delta)
    }

    /// RFC 3339 in UTC with milliseconds: `2025-03-19T10:00:00.000Z`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text form.
    public func append(to text: inout [UInt8]) {
        let days = milliseconds.flooredQuotient(by: 86_400_000)
        let rest = milliseconds - days * 86_400_000
        let date = CivilDate(daysSinceEpoch: days)
        text.appendDigits(Int64(date.year), width: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(Int64(date.month), width: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(Int64(date.day), width: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDigits(rest / 3_600_000, width: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(rest / 60_000 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(rest / 1000 % 60, width: 2)
        text.append(UInt8(ascii: "."))
        text.appendDigits(rest % 1000, width: 3)
        text.append(UInt8(ascii: "Z"))
    }

    /// From the first of the year 1 to the end of 9999, in UTC.
    private static let writable: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Reads RFC 3339 (`2025-03-19T10:00:00Z`, fractions and offsets allowed); nil when malformed or out of range.
    public init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
            let second = reader.digits(2), hour < 24, minute < 60, second < 61,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var fraction = 0
        if reader.take(".") {
            guard let parsed = reader.fractionAsMilliseconds() else { return nil }
            fraction = parsed
        }
        guard let offsetMinutes = reader.zoneOffsetMinutes(), reader.isAtEnd else { return nil }
        let seconds = Int64(hour * 3600 + minute * 60 + second) - Int64(offsetMinutes * 60)
        let instant = date.daysSinceEpoch * 86_400_000 + seconds * 1000 + Int64(fraction)
        // An offset may lead out of the years that four digits can write.
        guard Self.writable.contains(instant) else { return nil }
        self.milliseconds = instant
    }
}

extension Timestamp: Codable {
    /// Decodes the RFC 3339 form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = value
    }

    /// Encodes the RFC 3339 form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Where a component gets wall-clock time from; tests hand in their own.
public struct WallClock: Sendable {
    private let read: @Sendable () -> Timestamp

    /// A clock that answers with what the closure returns; it may be called on any thread.
    public init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    /// The present instant.
    public var now: Timestamp { read() }

    /// The machine's clock.
    public static let system = WallClock {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Time since boot in nanoseconds: for durations and deadlines inside one process, never stored or sent.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary start; never goes back.
    public static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
