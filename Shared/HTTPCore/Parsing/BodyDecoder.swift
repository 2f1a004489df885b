/// The next piece of a body inside the bytes handed to `BodyDecoder.next`: `framing` bytes to drop, then `data` bytes of
/// the body. Both are zero when more input is needed.
public struct BodyPiece: Sendable, Hashable {
    /// Bytes of framing before the data.
    public let framing: Int
    /// Bytes of the body.
    public let data: Int

    /// All bytes used from the front of the input.
    public var consumed: Int { framing + data }
}

/// Cuts a body out of a byte stream without copying.
public struct BodyDecoder: Sendable {
    private enum State: Sendable {
        case length(UInt64)
        case chunked(ChunkedDecoder)
        case untilClose
        case end
    }

    private var state: State

    /// A decoder for one body.
    public init(_ framing: BodyFraming) {
        switch framing {
        case .none, .length(0): state = .end
        case .length(let length): state = .length(length)
        case .chunked: state = .chunked(ChunkedDecoder())
        case .untilClose: state = .untilClose
        }
    }

    /// True when the whole body was seen; what follows in the input belongs to the next message.
    public var isComplete: Bool {
        if case .end = state { return true }
        return false
    }

    /// The next piece at the front of `input`. Drop `consumed` bytes and call again until `isComplete` or the piece is
    /// empty.
    public mutating func next(_ input: Span<UInt8>) throws(HTTPParseError) -> BodyPiece {
        switch state {
        case .end: return BodyPiece(framing: 0, data: 0)
        case .untilClose: return BodyPiece(framing: 0, data: input.count)
        case .length(let remaining):
            let count = Int(min(remaining, UInt64(input.count)))
            state = remaining == UInt64(count) ? .end : .length(remaining - UInt64(count))
            return BodyPiece(framing: 0, data: count)
        case .chunked(var decoder):
            let piece = try decoder.next(input)
            state = decoder.isComplete ? .end : .chunked(decoder)
            return piece
        }
    }

    /// To be called when the peer closed its side: throws unless the body is whole.
    public mutating func finish() throws(HTTPParseError) {
        switch state {
        case .end, .untilClose: state = .end
        case .length, .chunked: throw .truncated
        }
    }
}
