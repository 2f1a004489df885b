/// Bytes that arrive at the end and are consumed at the front, in storage that is zeroed once and then reused.
///
/// Reading: `buffer.bytes.span.extracting(buffer.readable)`, then `consume`. Do not keep a copy of `bytes` while the
/// buffer is written to: that would copy the storage.
public struct ByteBuffer: Sendable {
    /// The whole storage; what is outside of `readable` means nothing.
    public private(set) var bytes: [UInt8]
    /// Where the unread bytes are in `bytes`.
    public private(set) var readable: Range<Int> = 0..<0

    /// A buffer without storage.
    public init() {
        bytes = []
    }

    /// A buffer over spare storage, whose content is overwritten.
    init(storage: [UInt8]) {
        bytes = storage
    }

    /// How many bytes are unread.
    public var count: Int { readable.count }

    /// Whether all has been read.
    public var isEmpty: Bool { readable.isEmpty }

    /// Bytes that fit behind the unread ones without moving them.
    public var writableCount: Int { bytes.count - readable.upperBound }

    /// The unread bytes as a slice for writing elsewhere; let go of it before the buffer is filled again.
    public var slice: ArraySlice<UInt8> { bytes[readable] }

    /// Drops bytes at the front.
    public mutating func consume(_ count: Int) {
        precondition(count <= readable.count, "more consumed than there is")
        let start = readable.lowerBound + count
        readable = start == readable.upperBound ? 0..<0 : start..<readable.upperBound
    }

    /// Drops all bytes.
    public mutating func consumeAll() {
        readable = 0..<0
    }

    /// The next bytes as an array of their own, consumed.
    public mutating func take(_ count: Int) -> [UInt8] {
        let taken = Array(bytes[readable.prefix(count)])
        consume(taken.count)
        return taken
    }

    /// Adds bytes at the end.
    public mutating func append(_ new: some Collection<UInt8>) {
        reserve(new.count)
        let end = readable.upperBound
        bytes.replaceSubrange(end..<end + new.count, with: new)
        readable = readable.lowerBound..<end + new.count
    }

    /// Makes room for `count` more bytes: first by moving the unread ones to the front, else by growing to at least
    /// twice the size.
    public mutating func reserve(_ count: Int) {
        guard writableCount < count else { return }
        let unread = readable.count
        if unread > 0, readable.lowerBound > 0 {
            let start = readable.lowerBound
            unsafe bytes.withUnsafeMutableBytes { all in
                // Regions may overlap: memmove semantics are copyMemory's.
                unsafe all.baseAddress!.copyMemory(from: all.baseAddress! + start, byteCount: unread)
            }
        }
        readable = 0..<unread
        guard writableCount < count else { return }
        let size = max(unread + count, bytes.count * 2)
        bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
    }

    /// Gives the free end of the storage, at least `room` bytes, to `body`, which writes and returns how many bytes it wrote
    /// and whether there was room for no more.
    mutating func fill(
        reserving room: Int,
        _ body: (UnsafeMutableRawBufferPointer) -> (count: Int, isFull: Bool)
    ) -> (count: Int, isFull: Bool) {
        reserve(room)
        let end = readable.upperBound
        let written = unsafe bytes.withUnsafeMutableBytes { all in
            unsafe body(UnsafeMutableRawBufferPointer(rebasing: all[end...]))
        }
        if written.count > 0 { readable = readable.lowerBound..<end + written.count }
        return written
    }

    /// Takes the storage away, leaving an empty buffer.
    mutating func releaseStorage() -> [UInt8] {
        var storage: [UInt8] = []
        swap(&storage, &bytes)
        readable = 0..<0
        return storage
    }
}

/// The spare storage of one loop: buffers of idle connections wait here, so memory follows the work under way, and a page
/// touched once is used again.
struct BufferPool {
    /// What a connection reads into unless it needs more.
    static let standardSize = 16 << 10
    /// The largest storage worth keeping.
    static let largestKept = 1 << 20
    /// How much is kept: standard ones, larger ones.
    static let standardLimit = 256
    static let largeLimit = 8

    private var standard: [[UInt8]] = []
    private var large: [[UInt8]] = []

    mutating func take(minimum: Int = standardSize) -> [UInt8] {
        if minimum <= Self.standardSize {
            return standard.popLast() ?? [UInt8](repeating: 0, count: Self.standardSize)
        }
        if let index = large.lastIndex(where: { $0.count >= minimum }) { return large.remove(at: index) }
        return [UInt8](repeating: 0, count: minimum)
    }

    mutating func give(_ storage: [UInt8]) {
        switch storage.count {
        case Self.standardSize where standard.count < Self.standardLimit: standard.append(storage)
        case Self.standardSize + 1...Self.largestKept where large.count < Self.largeLimit: large.append(storage)
        default: break
        }
    }
}
