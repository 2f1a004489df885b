/// Follows one direction of a WebSocket that somebody else speaks: where frames begin and end, nothing of what they hold.
/// A proxy needs it to add a frame of its own.
public struct WebSocketFrameTracker: Sendable {
    /// Whether a close frame has begun: nothing may follow it.
    public private(set) var hasClosed = false
    private var headerCount = 0
    private var headerSize = 2
    private var extendedLengthBytes = 0
    private var isClose = false
    /// Bytes of the payload still to come; while a header is read, the length as far as it is known.
    private var length: UInt64 = 0

    /// Before the first frame.
    public init() {}

    /// Whether the bytes so far end with a whole frame.
    public var isBetweenFrames: Bool { headerCount == 0 && length == 0 }

    /// Follows the next bytes.
    public mutating func advance(over bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count {
            if headerCount == 0, length > 0 {
                let step = min(length, UInt64(bytes.count - index))
                length -= step
                index += Int(step)
            } else {
                readHeader(bytes[index])
                index += 1
            }
        }
    }

    private mutating func readHeader(_ byte: UInt8) {
        switch headerCount {
        case 0: isClose = byte & 0x0F == WebSocketOpcode.close.rawValue
        case 1:
            let short = byte & 0x7F
            let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
            headerSize = 2 + lengthBytes + (byte & 0x80 == 0 ? 0 : 4)
            length = lengthBytes == 0 ? UInt64(short) : 0
            // The masking key, if there is one, comes behind these.
            extendedLengthBytes = lengthBytes
        case 2..<2 + extendedLengthBytes: length = length << 8 | UInt64(byte)
        default: break
        }
        headerCount += 1
        guard headerCount >= 2, headerCount == headerSize else { return }
        headerCount = 0
        headerSize = 2
        if isClose { hasClosed = true }
    }
}
