import HTTPCore

/// What a connection makes of its bytes, as a list of texts that can be compared.
struct MessageReader {
    /// Which side's messages are read.
    enum Side {
        case requests
        case responses(to: HTTPRequest.Method)
    }

    private(set) var heard: [String] = []
    private let side: Side
    private var buffer: [UInt8] = []
    private var parse: (Span<UInt8>) throws(HTTPParseError) -> (String, BodyFraming, keepsAlive: Bool, Int)?
    private var body: (decoder: BodyDecoder, data: [UInt8], keepsAlive: Bool)?
    private var isOver = false

    init(_ side: Side) {
        self.side = side
        parse = Self.parser(side)
    }

    private static func parser(
        _ side: Side
    ) -> (Span<UInt8>) throws(HTTPParseError) -> (String, BodyFraming, keepsAlive: Bool, Int)? {
        switch side {
        case .requests:
            var parser = RequestHeadParser()
            return { bytes throws(HTTPParseError) in
                guard let (head, consumed) = try parser.parse(bytes) else { return nil }
                return (text(head.request), head.body, head.keepsAlive, consumed)
            }
        case .responses(let method):
            var parser = ResponseHeadParser(to: method)
            return { bytes throws(HTTPParseError) in
                guard let (head, consumed) = try parser.parse(bytes) else { return nil }
                let fields = head.response.headerFields.map { "\($0.name): \($0.value)" }
                return ("\(head.response.status.code) \(fields)", head.body, head.keepsAlive, consumed)
            }
        }
    }

    private static func text(_ request: HTTPRequest) -> String {
        let fields = request.headerFields.map { "\($0.name): \($0.value)" }
        return "\(request.method) \(request.authority ?? "-") \(request.path) \(fields)"
    }

    /// Takes the next bytes of the connection.
    mutating func receive(_ bytes: Span<UInt8>) {
        guard !isOver else { return }
        for index in bytes.indices { buffer.append(bytes[index]) }
        do throws(HTTPParseError) {
            while try step() {}
        } catch {
            heard.append("refused: \(error.status.code)")
            isOver = true
        }
    }

    private mutating func step() throws(HTTPParseError) -> Bool {
        guard !isOver else { return false }
        if body == nil {
            guard let (text, framing, keepsAlive, consumed) = try parse(buffer.span) else { return false }
            guard consumed > 0, consumed <= buffer.count else { return broken("head of \(consumed) bytes") }
            buffer.removeFirst(consumed)
            heard.append(text)
            body = (BodyDecoder(framing), [], keepsAlive)
        }
        guard var current = body else { return false }
        while !current.decoder.isComplete {
            let piece = try current.decoder.next(buffer.span)
            guard piece.consumed <= buffer.count else { return broken("piece of \(piece.consumed) bytes") }
            if piece.consumed == 0 { break }
            current.data += buffer[piece.framing..<piece.consumed]
            buffer.removeFirst(piece.consumed)
        }
        body = current
        guard current.decoder.isComplete else { return false }
        heard.append("body: \(current.data)")
        body = nil
        isOver = !current.keepsAlive
        parse = Self.parser(side)
        return true
    }

    private mutating func broken(_ what: String) -> Bool {
        heard.append("BROKEN: \(what) of \(buffer.count)")
        isOver = true
        return false
    }

    /// Bytes of an unfinished body too: they were handed on. How far a body came before it was refused is of no matter.
    var result: [String] { heard + (isOver ? [] : body.map { ["part: \($0.data)"] } ?? []) }
}
