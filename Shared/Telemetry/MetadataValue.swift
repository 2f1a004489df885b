/// One value of a log line's metadata.
public enum MetadataValue: Sendable, Hashable {
    /// Text; quoted and escaped in the output.
    case string(String)
    /// A number, written bare.
    case integer(Int64)
    /// A fraction, written bare when it is finite.
    case double(Double)
    /// `true` or `false`.
    case bool(Bool)
}

extension MetadataValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral
{
    /// Text, also by interpolation: `"\(id)"`.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Any whole number; values beyond 64 bits are clamped.
    public static func count(_ value: some BinaryInteger) -> MetadataValue { .integer(Int64(clamping: value)) }
}
