import FoundationEssentials

/// Any JSON value, for reading answers in tests: `answer["items"][0]["id"].string`.
public enum JSON: Sendable, Equatable, Codable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Parses a text; throws what JSONDecoder throws.
    public init(parsing text: String) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    /// The compact text, on one line.
    public func text() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }

    /// The member of an object; null when there is none.
    public subscript(name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        return members[name] ?? .null
    }

    /// The element of an array; null when there is none.
    public subscript(index: Int) -> JSON {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return .null }
        return elements[index]
    }

    /// The text, if it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The member of an object that must be a text; throws ``MissingMember``.
    public func text(_ name: String) throws(MissingMember) -> String {
        guard let text = self[name].string else { throw MissingMember(name: name) }
        return text
    }

    /// The whole number, if it is one.
    public var int: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements; empty for anything but an array.
    public var array: [JSON] { if case .array(let value) = self { value } else { [] } }

    /// Decodes any value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    /// Encodes the value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

/// An answer lacks a member that it must have.
public struct MissingMember: Error {
    /// The member's name.
    public let name: String
}
