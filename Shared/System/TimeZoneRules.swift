/// The offsets of one time zone from UTC, read from the system's zoneinfo files (TZif, RFC 9636): Foundation's
/// `TimeZone(identifier:)` is nil in static builds.
///
/// After the last transition in the file its offset goes on; Debian's files list them until 2037.
public struct TimeZoneRules: Sendable {
    /// Where the system keeps the files.
    public static let systemDirectory = "/usr/share/zoneinfo"

    /// The name this was read for, such as `Asia/Ho_Chi_Minh`.
    public let identifier: String
    private let transitions: [Int64]
    private let offsets: [Int32]
    private let firstOffset: Int32

    /// Why a zone could not be read.
    public enum ReadError: Error, Equatable {
        /// The name is not a relative path of plain components.
        case invalidIdentifier(String)
        /// The file is not TZif version 2 or later.
        case malformed(String)
    }

    /// Reads the zone's file. Blocks; keep the value.
    public init(_ identifier: String, directory: String = systemDirectory) throws {
        let isPlain = identifier.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "/_+-".utf8.contains(byte)
            }
        }
        guard isPlain, !identifier.isEmpty, !identifier.hasPrefix("/") else {
            throw ReadError.invalidIdentifier(identifier)
        }
        let bytes = try File.read(directory + "/" + identifier)
        guard let parsed = Self.parse(bytes) else { throw ReadError.malformed(identifier) }
        self.identifier = identifier
        (transitions, offsets, firstOffset) = parsed
    }

    /// Seconds to add to UTC for local time at the instant; east is positive.
    public func offsetSeconds(at time: Timestamp) -> Int64 {
        let seconds = time.milliseconds.flooredQuotient(by: 1000)
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return Int64(low == 0 ? firstOffset : offsets[low - 1])
    }

    // Header (44 bytes): "TZif" version 15×0, then six counts: UT flags, standard flags, leap seconds, transitions,
    // types, abbreviation bytes. Version 1's block comes first with 4-byte times; the second block has 8-byte times:
    // transitions (8 each), their type indexes (1 each), types (offset 4, daylight 1, abbreviation 1).
    private static func parse(_ bytes: [UInt8]) -> ([Int64], [Int32], Int32)? {
        func number(at offset: Int, bytes width: Int) -> Int64 {
            var value: Int64 = bytes[offset] >= 0x80 ? -1 : 0
            for byte in bytes[offset..<offset + width] { value = value << 8 | Int64(byte) }
            return value
        }
        func counts(at offset: Int) -> [Int]? {
            guard bytes.count >= offset + 44, bytes[offset..<offset + 4].elementsEqual("TZif".utf8) else { return nil }
            let counts = (0..<6).map { Int(number(at: offset + 20 + $0 * 4, bytes: 4)) }
            return counts.allSatisfy { (0...100_000).contains($0) } ? counts : nil
        }
        guard let old = counts(at: 0), bytes[4] >= UInt8(ascii: "2") else { return nil }
        let header = 44 + old[3] * 5 + old[4] * 6 + old[5] + old[2] * 8 + old[1] + old[0]
        guard let new = counts(at: header), new[4] > 0 else { return nil }
        let times = header + 44
        let indexes = times + new[3] * 8
        let types = indexes + new[3]
        guard bytes.count >= types + new[4] * 6 else { return nil }
        let typeOffsets = (0..<new[4]).map { Int32(number(at: types + $0 * 6, bytes: 4)) }
        let used = bytes[indexes..<types].map(Int.init)
        guard used.allSatisfy({ $0 < new[4] }) else { return nil }
        return ((0..<new[3]).map { number(at: times + $0 * 8, bytes: 8) }, used.map { typeOffsets[$0] }, typeOffsets[0])
    }
}
