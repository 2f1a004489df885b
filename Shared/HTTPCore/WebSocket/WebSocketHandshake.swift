/// Why a request is not the opening handshake of a WebSocket.
public enum WebSocketHandshakeError: Error, Hashable, Sendable {
    /// Not a GET that asks for an upgrade to `websocket` with a valid key: 400.
    case notAnUpgrade
    /// Another version of the protocol: 426, with `Sec-WebSocket-Version: 13`.
    case unsupportedVersion

    /// The status to answer with.
    public var status: HTTPResponse.Status { self == .unsupportedVersion ? .upgradeRequired : .badRequest }
}

/// The opening handshake (RFC 6455 section 4). The digest comes in as a closure: this module has no cryptography.
public struct WebSocketHandshake: Sendable {
    /// The client's key.
    public let key: String
    /// The sub-protocols it offers, most wanted first.
    public let protocols: [String]

    /// What is appended to the key before it is hashed.
    static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Reads a request that asks for an upgrade (`RequestHead.wantsUpgrade`).
    public init(_ request: HTTPRequest) throws(WebSocketHandshakeError) {
        let fields = request.headerFields
        guard request.method == .get, fields.contains(.upgrade, listMember: "websocket"),
            fields.contains(.connection, listMember: "upgrade"), fields.count(of: .secWebSocketKey) == 1,
            let key = fields[.secWebSocketKey], Self.isKey(key)
        else { throw .notAnUpgrade }
        guard fields[.secWebSocketVersion] == "13" else { throw .unsupportedVersion }
        self.key = key
        protocols = fields.listMembers(of: .secWebSocketProtocol)
    }

    /// The response that switches protocols. `sha1` is the digest of bytes; the caller checked Origin and the protocol.
    public func response(selecting selected: String?, sha1: ([UInt8]) -> [UInt8]) -> HTTPResponse {
        var fields: HTTPFields = [
            .upgrade: "websocket", .connection: "Upgrade",
            .secWebSocketAccept: Self.acceptValue(key: key, sha1: sha1),
        ]
        if let selected { fields.append(.secWebSocketProtocol, selected) }
        return HTTPResponse(status: .switchingProtocols, headerFields: fields)
    }

    /// What a server answers to a key.
    public static func acceptValue(key: String, sha1: ([UInt8]) -> [UInt8]) -> String {
        base64(sha1(Array((key + guid).utf8)))
    }

    /// A client's request for an upgrade; `nonce` is sixteen random bytes.
    public static func request(
        authority: String,
        path: String,
        nonce: [UInt8],
        protocols: [String] = []
    ) -> HTTPRequest {
        var fields: HTTPFields = [
            .upgrade: "websocket", .connection: "Upgrade", .secWebSocketVersion: "13",
            .secWebSocketKey: base64(nonce),
        ]
        if !protocols.isEmpty { fields.append(.secWebSocketProtocol, protocols.joined(separator: ", ")) }
        return HTTPRequest(method: .get, authority: authority, path: path, headerFields: fields)
    }

    /// Sixteen bytes in base64: 22 letters and two `=`.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22] == 0x3D, bytes[23] == 0x3D else { return false }
        return bytes[..<22].allSatisfy { base64Letters.contains($0) }
    }

    private static let base64Letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    private static func base64(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let letter = base64Letters[Int(bits >> UInt32(18 - 6 * place) & 63)]
                output.append(place <= group.count ? letter : 0x3D)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
