/// A statement whose interpolated values are bound, never pasted into the text:
/// `"SELECT name FROM users WHERE id = \(id)"` is `SELECT name FROM users WHERE id = ?` with one value.
public struct SQL: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The text with a `?` for each value.
    public let text: String
    /// The values in order.
    public let values: [StoredValue]

    /// A statement without values.
    public init(stringLiteral text: String) {
        self.text = text
        self.values = []
    }

    /// A statement of text and values.
    public init(stringInterpolation: StringInterpolation) {
        self.text = stringInterpolation.text
        self.values = stringInterpolation.values
    }

    /// Collects text and values of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [StoredValue] = []

        /// Reserves room.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        /// Text of the program.
        public mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        /// A value, bound.
        public mutating func appendInterpolation(_ value: some ColumnValue) {
            text += "?"
            values.append(value.stored)
        }

        /// A value, bound; nil is NULL.
        public mutating func appendInterpolation<Value: ColumnValue>(_ value: Value?) {
            text += "?"
            values.append(value.stored)
        }

        /// Several values, bound, with commas between: `WHERE id IN (\(list: ids))`.
        public mutating func appendInterpolation(list: [some ColumnValue]) {
            text += repeatElement("?", count: list.count).joined(separator: ",")
            values += list.map(\.stored)
        }

        /// A part of a statement, with its values.
        public mutating func appendInterpolation(_ part: SQL) {
            text += part.text
            values += part.values
        }
    }
}
