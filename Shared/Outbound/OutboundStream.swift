/// An answer whose body comes piece by piece: what is not taken holds the sender up. The transfer ends when the last
/// reference goes.
public final class OutboundStream: Sendable {
    /// Status and header fields.
    public let head: OutboundHead
    private let exchange: Exchange
    private let client: OutboundClient

    init(_ head: OutboundHead, _ exchange: Exchange, _ client: OutboundClient) {
        self.head = head
        self.exchange = exchange
        self.client = client
    }

    deinit { client.abandon(exchange) }

    /// The next bytes of the body, up to 512 KiB; nil at its end. One task at a time.
    ///
    /// - Throws: `OutboundError` when the transfer broke: `unreachable` for a body that was cut.
    public func next() async throws -> [UInt8]? {
        try await exchange.next { client.resume(exchange) }
    }

    /// The whole body.
    ///
    /// - Throws: `tooLarge` when there are more than `limit` bytes; what `next` throws.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        var body: [UInt8] = []
        while let bytes = try await next() {
            guard body.count + bytes.count <= limit else {
                throw OutboundError(.tooLarge, "the answer is larger than \(limit) bytes")
            }
            body += bytes
        }
        return body
    }
}
