import Contracts
import EventBus
import FoundationEssentials
import System

/// Request bodies read strictly: what the type does not know is refused, and what is wrong is named by its JSON pointer.
public enum JSONBody {
    /// Larger bodies are refused unless a route allows more: 64 KiB.
    public static let sizeLimit = 64 << 10
    private static let reportLimit = 20

    /// Decodes a body. Throws ``Problem``: 400 `malformed_json`, 413 `payload_too_large`, 415 `unsupported_media_type`
    /// (a present type that is not JSON), 422 `unknown_field` or `invalid_request` with pointers.
    public static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from bytes: [UInt8],
        contentType: String? = nil,
        limit: Int = sizeLimit
    ) throws(Problem) -> Value {
        try decodeStrictly(type, from: bytes, contentType: contentType, limit: limit)
    }

    private static func decodeStrictly<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        contentType: String?,
        limit: Int
    ) throws(Problem) -> Value {
        if let contentType, !isJSON(contentType) {
            throw Problem(.unsupportedMediaType, "send application/json")
        }
        guard bytes.count <= limit else { throw Problem(.payloadTooLarge, "at most \(limit) bytes") }
        guard !JSONNesting.isTooDeep(bytes) else { throw Problem(.malformedJSON, "too deep") }
        let tracker = KeyTracker()
        let decoder = JSONDecoder()
        decoder.userInfo[KeyTracker.userInfoKey] = tracker
        let value: Value
        do {
            value = try decoder.decode(Strict<Value>.self, from: Data(bytes)).value
        } catch let error as DecodingError {
            throw tracker.hasBegun ? problem(for: error) : Problem(.malformedJSON)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.malformedJSON)
        }
        let unknown = tracker.unknown
        guard unknown.isEmpty else { throw unknownFields(unknown) }
        return value
    }

    /// Decodes a body that may be written plainly.
    public static func decode<Value: FlatBody>(
        _ type: Value.Type = Value.self,
        from bytes: [UInt8],
        contentType: String? = nil,
        limit: Int = sizeLimit
    ) throws(Problem) -> Value {
        if bytes.count <= limit, contentType.map(isJSON) ?? true,
            let object = FlatJSONReader(bytes), let value = Value(flat: object)
        {
            return value
        }
        return try decodeStrictly(type, from: bytes, contentType: contentType, limit: limit)
    }

    private static func isJSON(_ contentType: String) -> Bool {
        if contentType == "application/json" { return true }
        let type = contentType.prefix { $0 != ";" }.lowercased()
        let bare = String(type.reversed().drop { $0 == " " }.reversed())
        return bare == "application/json" || bare == "application/merge-patch+json"
    }

    private static func unknownFields(_ pointers: [String]) -> Problem {
        Problem(
            .unknownField,
            errors: pointers.prefix(reportLimit).map {
                Problem.FieldError(pointer: $0, code: "unknown_field", detail: "this member is not known here")
            }
        )
    }

    private static func problem(for error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context):
            return .invalid(pointer(context.codingPath + [key]), "this member is required", code: "required")
        case .valueNotFound(_, let context):
            return .invalid(pointer(context.codingPath), "this member must not be null", code: "required")
        case .typeMismatch(_, let context):
            return .invalid(pointer(context.codingPath), "this member has another type", code: "invalid_type")
        case .dataCorrupted(let context):
            return .invalid(pointer(context.codingPath), context.debugDescription)
        @unknown default:
            return Problem(.malformedJSON)
        }
    }

    /// RFC 6901.
    static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            let name = key.intValue.map(String.init) ?? key.stringValue
            return "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
        }.joined()
    }
}

extension KeyedDecodingContainer {
    /// A member that may be missing but not null, which `decodeIfPresent` takes for the same.
    public func decodeUnlessMissing<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        contains(key) ? try decode(type, forKey: key) : nil
    }
}
