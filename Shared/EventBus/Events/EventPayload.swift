import FoundationEssentials
import System

/// What an event says: one type a CloudEvents `type`, declared in Contracts. Written as JSON under its coding keys, which
/// are snake_case; readers ignore members they do not know, so a payload evolves by addition only.
public protocol EventPayload: Codable, Sendable {
    /// The CloudEvents type, such as `user.registered`.
    static var type: String { get }
    /// The topic its events go to.
    static var topic: Topic { get }
    /// The CloudEvents source: the service that publishes it, such as `/user`.
    static var source: String { get }
    /// The aggregate's id: the record's key, so order holds per aggregate, and the event's subject.
    var key: String { get }
    /// The payload as JSON. A type of a busy topic may write its own (`FlatJSON`).
    ///
    /// - Throws: `unencodable` when it is not JSON (a NaN).
    func json() throws(EventError) -> [UInt8]
    /// The payload of JSON as `json()` writes it, where a type of a busy topic reads that itself (`FlatJSONReader`); nil
    /// leaves the bytes to `JSONDecoder`.
    static func read(_ json: [UInt8]) -> Self?
}

extension EventPayload {
    /// By the type's `Codable` conformance.
    public func json() throws(EventError) -> [UInt8] { try EventJSON.encode(self) }

    /// Leaves all to `JSONDecoder`.
    public static func read(_ json: [UInt8]) -> Self? { nil }
}

/// JSON as events carry it: keys sorted, so the same payload is always the same bytes; instants as RFC 3339 text.
enum EventJSON {
    static func encode(_ payload: some EventPayload) throws(EventError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(payload))
        } catch {
            throw EventError(.unencodable, "\(error)")
        }
    }

    static func decode<Payload: EventPayload>(
        _ type: Payload.Type,
        from bytes: [UInt8]
    ) throws(EventError) -> Payload {
        if let payload = type.read(bytes) { return payload }
        guard !JSONNesting.isTooDeep(bytes) else { throw EventError(.undecodable, "too deep") }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw EventError(.undecodable, "\(error)")
        }
    }
}
