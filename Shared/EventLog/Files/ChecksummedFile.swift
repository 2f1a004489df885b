import KafkaProtocol

/// The frame around every file of our own: metadata, checkpoints, producer snapshots.
///
/// ```
///   0        4        8                 12
///   +--------+--------+-----------------+----------------------+
///   | "MQ" v | length | CRC-32C of body | body: `length` bytes |
///   +--------+--------+-----------------+----------------------+
///   "MQ" v: two letters, one byte kind, one byte version. Integers are big-endian, as in Kafka's own formats.
/// ```
/// A file that is missing, short or fails its checksum reads as nil: each of them can be rebuilt.
struct ChecksummedFile {
    /// What the body holds.
    enum Kind: UInt8 {
        case metadata = 1
        case checkpoint = 2
        case producers = 3
        case ringStart = 4
        case ringRound = 5
        case settings = 10
    }

    static let headerSize = 12

    static func encode(_ body: [UInt8], kind: Kind, version: UInt8 = 1) -> [UInt8] {
        encode(kind: kind, version: version, paddedTo: headerSize + body.count) { $0.raw(body) }
    }

    /// The body is what `write` writes, with zeros behind it up to `size` bytes of the file.
    static func encode(
        kind: Kind,
        version: UInt8 = 1,
        paddedTo size: Int,
        _ write: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.reserve(size)
        writer.raw([UInt8(ascii: "M"), UInt8(ascii: "Q"), kind.rawValue, version])
        let length = writer.reserveInt32()
        let checksum = writer.reserveInt32()
        write(&writer)
        let crc = CRC32C.checksum(writer.bytes.span.extracting(headerSize...))
        writer.patch(Int32(truncatingIfNeeded: writer.count - headerSize), at: length)
        writer.patch(Int32(bitPattern: crc), at: checksum)
        writer.raw(repeatElement(0, count: max(0, size - writer.count)))
        return writer.bytes
    }

    /// The length of the body that a header announces; nil when this is none of the kind.
    static func bodyLength(_ header: ArraySlice<UInt8>, kind: Kind, version: UInt8 = 1) -> Int? {
        let prefix = [UInt8(ascii: "M"), UInt8(ascii: "Q"), kind.rawValue, version]
        guard header.count >= headerSize, header.starts(with: prefix) else { return nil }
        var reader = WireReader(Array(header.dropFirst(prefix.count).prefix(4)))
        return (try? reader.int32()).flatMap { $0 < 0 ? nil : Int($0) }
    }

    static func decode(_ file: [UInt8], kind: Kind, version: UInt8 = 1) -> [UInt8]? {
        var reader = WireReader(file)
        do throws(WireError) {
            let prefix = try reader.slice(4)
            guard prefix.elementsEqual([UInt8(ascii: "M"), UInt8(ascii: "Q"), kind.rawValue, version]) else {
                return nil
            }
            let length = try reader.int32()
            let checksum = UInt32(bitPattern: try reader.int32())
            guard reader.remaining == length else { return nil }
            let body = file.span.extracting(headerSize..<file.count)
            return CRC32C.checksum(body) == checksum ? Array(file[headerSize...]) : nil
        } catch {
            return nil
        }
    }
}

extension WireWriter {
    /// A text behind an INT32 length.
    mutating func text(_ text: String) {
        int32(Int32(truncatingIfNeeded: text.utf8.count))
        raw(text.utf8)
    }
}

extension WireReader {
    /// A text behind an INT32 length.
    mutating func text() throws(WireError) -> String {
        let utf8 = try slice(Int(try int32()))
        guard let text = String(validating: utf8, as: UTF8.self) else { throw .invalidText }
        return text
    }

    /// A count of elements of at least one byte each.
    mutating func count() throws(WireError) -> Int {
        let count = Int(try int32())
        guard count >= 0, count <= remaining else { throw .invalidLength }
        return count
    }
}
