import HTTPCore

/// What a server makes of the bytes of a connection: the requests it would answer, then an error or silence.
struct Outcome: Equatable {
    var requests: [String] = []
    var error: HTTPParseError?

    /// The statuses a peer would see.
    var statuses: [Int] { requests.map { _ in 200 } + (error.map { [$0.status.code] } ?? []) }
}

/// Reads requests and bodies out of `bytes` as a connection does that receives them in the given pieces.
func read(_ bytes: [UInt8], splitAt cuts: [Int] = []) -> Outcome {
    var outcome = Outcome()
    var buffer: [UInt8] = []
    var parser = RequestHeadParser()
    var body: (head: RequestHead, decoder: BodyDecoder, data: [UInt8])?
    var start = 0
    for end in cuts + [bytes.count] {
        buffer += bytes[start..<end]
        start = end
        do throws(HTTPParseError) {
            while true {
                if body == nil {
                    guard let (head, consumed) = try parser.parse(buffer.span) else { break }
                    buffer.removeFirst(consumed)
                    parser = RequestHeadParser()
                    body = (head, BodyDecoder(head.body), [])
                }
                guard var current = body else { break }
                while !current.decoder.isComplete {
                    let piece = try current.decoder.next(buffer.span)
                    if piece.consumed == 0 { break }
                    current.data += buffer[piece.framing..<piece.consumed]
                    buffer.removeFirst(piece.consumed)
                }
                body = current
                guard current.decoder.isComplete else { break }
                outcome.requests.append(describe(current.head, current.data))
                body = nil
                if !current.head.keepsAlive { return outcome }
            }
        } catch {
            outcome.error = error
            return outcome
        }
    }
    return outcome
}

private func describe(_ head: RequestHead, _ body: [UInt8]) -> String {
    let text = String(decoding: body, as: UTF8.self)
    return "\(head.request.method) \(head.request.path)" + (text.isEmpty ? "" : " \(text)")
}
