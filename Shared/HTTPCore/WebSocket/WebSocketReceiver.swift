/// A whole message.
public enum WebSocketMessage: Sendable, Hashable {
    /// Text, checked to be UTF-8.
    case text(String)
    /// Bytes.
    case binary([UInt8])
}

/// What a receiver made of the bytes it got; what to do about it is the session's part.
public enum WebSocketEvent: Sendable, Hashable {
    /// A whole message.
    case message(WebSocketMessage)
    /// A ping: answer with a pong of the same payload.
    case ping([UInt8])
    /// A pong.
    case pong([UInt8])
    /// A close frame: echo the code unless one was sent. `noStatus` when it held none. Later input is ignored.
    case close(WebSocketCloseCode, reason: String)
    /// The peer broke a rule: send this code and close. Later input is ignored.
    case failure(WebSocketCloseCode)
}

/// Which side this is: a server takes only masked frames, a client only unmasked ones (RFC 6455 section 5.1).
public enum WebSocketRole: Sendable {
    /// Takes masked frames and sends unmasked ones.
    case server
    /// Takes unmasked frames and sends masked ones.
    case client
}

/// The receiving half of a WebSocket: bytes in, events out (RFC 6455 sections 5 to 7, without extensions).
///
/// Payload is unmasked and text is checked as it arrives, so a bad byte fails at once, in the middle of a frame too. Holds
/// memory only for a message that has begun.
public struct WebSocketReceiver: Sendable {
    private let role: WebSocketRole
    private let maximumMessageBytes: Int
    private var header: [UInt8] = []
    private var frame: Frame?
    private var messageOpcode: WebSocketOpcode?
    private var message: [UInt8] = []
    private var control: [UInt8] = []
    private var validator = UTF8Validator()
    private var isDone = false

    private struct Frame {
        var isFinal: Bool
        var opcode: WebSocketOpcode
        var mask: WebSocketMask?
        var length: Int
        var received = 0
    }

    /// A receiver that refuses messages longer than the limit, counted over all their fragments.
    public init(role: WebSocketRole, maximumMessageBytes: Int) {
        self.role = role
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// Takes all the bytes and returns what they brought about, in order.
    public mutating func receive(_ input: Span<UInt8>) -> [WebSocketEvent] {
        var events: [WebSocketEvent] = []
        var index = 0
        do throws(Violation) {
            while !isDone {
                if frame == nil {
                    guard try takeHeader(input, &index) else { break }
                }
                guard try takePayload(input, &index, &events) else { break }
            }
        } catch {
            isDone = true
            release()
            events.append(.failure(error.code))
        }
        return events
    }

    private struct Violation: Error {
        var code: WebSocketCloseCode
        static let protocolError = Violation(code: .protocolError)
    }

    // MARK: Header

    /// True when a whole header was read.
    private mutating func takeHeader(_ input: Span<UInt8>, _ index: inout Int) throws(Violation) -> Bool {
        while index < input.count {
            header.append(input[index])
            index += 1
            if header.count == 2 { try checkStart() }
            guard header.count >= 2, header.count == headerLength else { continue }
            frame = try parseHeader()
            header.removeAll(keepingCapacity: true)
            return true
        }
        return false
    }

    private var headerLength: Int {
        let length = header[1] & 0x7F
        return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (header[1] & 0x80 != 0 ? 4 : 0)
    }

    /// What the first two bytes already show.
    private func checkStart() throws(Violation) {
        guard header[0] & 0x70 == 0, let opcode = WebSocketOpcode(rawValue: header[0] & 0x0F),
            (header[1] & 0x80 != 0) == (role == .server)
        else { throw .protocolError }
        if opcode.isControl {
            guard header[0] & 0x80 != 0, header[1] & 0x7F <= 125 else { throw .protocolError }
        } else {
            guard (opcode == .continuation) == (messageOpcode != nil) else { throw .protocolError }
        }
    }

    private mutating func parseHeader() throws(Violation) -> Frame {
        guard let opcode = WebSocketOpcode(rawValue: header[0] & 0x0F) else { throw .protocolError }
        var length = UInt64(header[1] & 0x7F)
        var place = 2
        if length >= 126 {
            let bytes = length == 126 ? 2 : 8
            length = header[2..<2 + bytes].reduce(0) { $0 << 8 | UInt64($1) }
            // The shortest form is required, and the top bit must be zero (section 5.2).
            guard bytes == 2 ? length > 125 : length > 0xFFFF && length >> 63 == 0 else { throw .protocolError }
            place += bytes
        }
        if !opcode.isControl {
            guard length <= UInt64(maximumMessageBytes - message.count) else { throw Violation(code: .messageTooBig) }
            if opcode != .continuation { messageOpcode = opcode }
        }
        let key = header[place...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Frame(
            isFinal: header[0] & 0x80 != 0,
            opcode: opcode,
            mask: role == .server ? WebSocketMask(key) : nil,
            length: Int(length)
        )
    }

    // MARK: Payload

    /// True when the frame is whole and its event, if any, was added.
    private mutating func takePayload(
        _ input: Span<UInt8>,
        _ index: inout Int,
        _ events: inout [WebSocketEvent]
    ) throws(Violation) -> Bool {
        guard var current = frame else { return false }
        let count = min(current.length - current.received, input.count - index)
        if count > 0 {
            try append(input.extracting(index..<index + count), current)
            current.received += count
            index += count
        }
        guard current.received == current.length else {
            frame = current
            return false
        }
        frame = nil
        if let event = try finish(current) { events.append(event) }
        return true
    }

    private mutating func append(_ bytes: Span<UInt8>, _ frame: Frame) throws(Violation) {
        if frame.opcode.isControl {
            Self.append(bytes, frame, to: &control)
            return
        }
        let start = message.count
        Self.append(bytes, frame, to: &message)
        if messageOpcode == .text {
            let end = message.count
            var check = validator
            guard check.accept(message.span.extracting(start..<end)) else {
                throw Violation(code: .invalidPayload)
            }
            validator = check
        }
    }

    private static func append(_ bytes: Span<UInt8>, _ frame: Frame, to output: inout [UInt8]) {
        if let mask = frame.mask {
            WebSocketFrame.appendMasked(bytes, mask, from: frame.received, to: &output)
        } else {
            output.append(bytes)
        }
    }

    private mutating func finish(_ frame: Frame) throws(Violation) -> WebSocketEvent? {
        if frame.opcode.isControl {
            defer { control.removeAll(keepingCapacity: true) }
            switch frame.opcode {
            case .ping: return .ping(control)
            case .pong: return .pong(control)
            default:
                isDone = true
                defer { release() }
                return try close(control)
            }
        }
        guard frame.isFinal else { return nil }
        let isText = messageOpcode == .text
        messageOpcode = nil
        let whole = message
        message = []
        guard isText else { return .message(.binary(whole)) }
        guard validator.isAtBoundary else { throw Violation(code: .invalidPayload) }
        return .message(.text(String(decoding: whole, as: UTF8.self)))
    }

    private func close(_ payload: [UInt8]) throws(Violation) -> WebSocketEvent {
        if payload.isEmpty { return .close(.noStatus, reason: "") }
        guard payload.count >= 2 else { throw .protocolError }
        let code = WebSocketCloseCode(UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isSendable else { throw .protocolError }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw Violation(code: .invalidPayload)
        }
        return .close(code, reason: reason)
    }

    private mutating func release() {
        message = []
        control = []
        header = []
    }
}
