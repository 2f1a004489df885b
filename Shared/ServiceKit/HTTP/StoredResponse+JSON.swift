import FoundationEssentials
public import Persistence

extension StoredResponse {
    /// An answer with a JSON body, for a write that may be repeated.
    public static func json(
        _ value: some Encodable,
        status: Int = 200,
        headers: [OutboxHeader] = []
    ) throws -> StoredResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .json(bytes: Array(try encoder.encode(value)), status: status, headers: headers)
    }

    /// The same of a body that is JSON already.
    public static func json(bytes: [UInt8], status: Int = 200, headers: [OutboxHeader] = []) -> StoredResponse {
        StoredResponse(
            status: status,
            headers: [OutboxHeader("Content-Type", text: "application/json")] + headers,
            body: bytes
        )
    }
}
