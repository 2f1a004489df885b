import HTTPCore
import Reactor
import System

/// Writes one response: the fields the connection is responsible for, and the body in its framing.
final class ResponseWriter {
    /// Bodies up to this size are copied behind the head, larger ones are gathered by the kernel.
    static let inlineBody = 4096
    /// Room for a head; a longer one grows.
    static let typicalHead = 1024
    private static let ownFields: HTTPField.Name.Set = [.connection, .transferEncoding, .keepAlive]
    private static let ownFieldsAndLength: HTTPField.Name.Set = [
        .connection, .transferEncoding, .keepAlive, .contentLength,
    ]
    private static let contentLength = Array("Content-Length: ".utf8)
    private static let dates = LoopLocal { _ in DateField() }

    private let connection: Connection
    private let version: HTTPVersion
    private let timeout: Duration
    /// Whether a part of the response may have been sent.
    private(set) var hasStarted = false

    init(_ connection: Connection, version: HTTPVersion, timeout: Duration) {
        self.connection = connection
        self.version = version
        self.timeout = timeout
    }

    func write(_ response: consuming Response, isHead: Bool, keepsAlive: Bool) async throws {
        let status = response.status
        switch response.body {
        case .none, .upgrade:
            let isEmpty = !status.forbidsBody && !isHead
            let head = serialize(&response, length: isEmpty ? 0 : nil, keepsAlive: keepsAlive)
            try await send(head, [])
        case .bytes(let bytes):
            let length = status.forbidsBody ? nil : UInt64(bytes.count)
            let isInline = bytes.count <= Self.inlineBody
            let room = Self.typicalHead + (isInline ? bytes.count : 0)
            var head = serialize(&response, length: length, keepsAlive: keepsAlive, room: room)
            guard !isHead, !status.forbidsBody else { return try await send(head, []) }
            if isInline { head += bytes }
            try await send(head, isInline ? [] : bytes)
        case .stream(let length, let body):
            try await stream(&response, length, body, isHead: isHead || status.forbidsBody, keepsAlive: keepsAlive)
        }
    }

    private func send(_ head: [UInt8], _ body: [UInt8]) async throws {
        let deadline = connection.loop.deadline(after: timeout)
        hasStarted = true
        if body.isEmpty {
            try await connection.write(head, until: deadline)
        } else {
            try await connection.send([head[...], body[...]], timeout: timeout)
        }
    }

    private func stream(
        _ response: inout Response,
        _ length: UInt64?,
        _ body: (BodyWriter) async throws -> Void,
        isHead: Bool,
        keepsAlive: Bool
    ) async throws {
        let isChunked = length == nil && version == .http11 && !response.status.forbidsBody
        let announced = response.status.forbidsBody ? nil : length
        let head = serialize(&response, length: announced, isChunked: isChunked, keepsAlive: keepsAlive)
        guard !isHead else { return try await send(head, []) }
        let framing: BodyWriter.Framing = length.map { .length($0) } ?? (isChunked ? .chunked : .untilClose)
        let writer = BodyWriter(connection, framing, head: head, timeout: timeout)
        do {
            try await body(writer)
            try await writer.finish()
            hasStarted = true
        } catch {
            hasStarted = writer.hasStarted
            throw error
        }
    }

    private func serialize(
        _ response: inout Response,
        length: UInt64?,
        isChunked: Bool = false,
        keepsAlive: Bool,
        room: Int = typicalHead
    ) -> [UInt8] {
        let status = response.status
        let replacesLength = length != nil || isChunked || status.code < 200 || status == .noContent
        var head: [UInt8] = []
        head.reserveCapacity(room)
        HeadSerializer.appendOpen(
            HTTPResponse(status: status, headerFields: response.headerFields),
            except: replacesLength ? Self.ownFieldsAndLength : Self.ownFields,
            to: &head
        )
        if !response.headerFields.contains(.date) { Self.dates[connection.loop].append(to: &head, on: connection.loop) }
        if let length {
            head += Self.contentLength
            head.append(decimal: Int64(clamping: length))
            head += HeadSerializer.chunkEnd
        }
        if isChunked { head.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8) }
        if status == .switchingProtocols {
            head.append(contentsOf: "Connection: upgrade\r\n".utf8)
        } else if !keepsAlive {
            head.append(contentsOf: "Connection: close\r\n".utf8)
        } else if version == .http10 {
            head.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
        head.append(contentsOf: HeadSerializer.chunkEnd)
        return head
    }
}

/// The Date field of one loop, written once a second.
final class DateField {
    private var line: [UInt8] = []
    private var second = UInt64.max

    func append(to output: inout [UInt8], on loop: EventLoop) {
        let present = loop.now / 1_000_000_000
        if present != second {
            second = present
            line = Array("Date: \(HTTPDate.format(WallClock.system.now))\r\n".utf8)
        }
        output += line
    }
}
