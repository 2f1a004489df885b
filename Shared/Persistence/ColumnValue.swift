public import System

/// A value as SQLite stores it.
public enum StoredValue: Sendable, Hashable {
    /// NULL.
    case null
    /// INTEGER.
    case integer(Int64)
    /// REAL.
    case real(Double)
    /// TEXT.
    case text(String)
    /// BLOB.
    case blob([UInt8])
}

/// A type that a column can hold: `Identifier` as a 16-byte BLOB, `Timestamp` as INTEGER milliseconds, integers, `Bool`
/// as 0 and 1, `Double`, `String`, bytes, their optionals, and enumerations with such raw values.
public protocol ColumnValue: Sendable {
    /// The form to store.
    var stored: StoredValue { get }
    /// Nil when the stored form is not one of this type.
    init?(stored: StoredValue)
}

extension ColumnValue where Self: RawRepresentable, RawValue: ColumnValue {
    /// Stores the raw value.
    public var stored: StoredValue { rawValue.stored }

    /// Nil when no case has the stored raw value.
    public init?(stored: StoredValue) {
        guard let rawValue = RawValue(stored: stored) else { return nil }
        self.init(rawValue: rawValue)
    }
}

extension Int64: ColumnValue {
    /// INTEGER.
    public var stored: StoredValue { .integer(self) }

    /// From INTEGER.
    public init?(stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self = value
    }
}

extension Int: ColumnValue {
    /// INTEGER.
    public var stored: StoredValue { .integer(Int64(self)) }

    /// From INTEGER.
    public init?(stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self.init(exactly: value)
    }
}

extension Int32: ColumnValue {
    /// INTEGER.
    public var stored: StoredValue { .integer(Int64(self)) }

    /// From INTEGER in range.
    public init?(stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self.init(exactly: value)
    }
}

extension Bool: ColumnValue {
    /// INTEGER, 0 or 1.
    public var stored: StoredValue { .integer(self ? 1 : 0) }

    /// From INTEGER; anything but 0 is true.
    public init?(stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self = value != 0
    }
}

extension Double: ColumnValue {
    /// REAL.
    public var stored: StoredValue { .real(self) }

    /// From REAL or INTEGER.
    public init?(stored: StoredValue) {
        switch stored {
        case .real(let value): self = value
        case .integer(let value): self = Double(value)
        default: return nil
        }
    }
}

extension String: ColumnValue {
    /// TEXT.
    public var stored: StoredValue { .text(self) }

    /// From TEXT.
    public init?(stored: StoredValue) {
        guard case .text(let value) = stored else { return nil }
        self = value
    }
}

extension [UInt8]: ColumnValue {
    /// BLOB.
    public var stored: StoredValue { .blob(self) }

    /// From BLOB.
    public init?(stored: StoredValue) {
        guard case .blob(let value) = stored else { return nil }
        self = value
    }
}

extension Identifier: ColumnValue {
    /// BLOB of 16 bytes.
    public var stored: StoredValue { .blob(bytes) }

    /// From a BLOB of 16 bytes.
    public init?(stored: StoredValue) {
        guard case .blob(let bytes) = stored else { return nil }
        self.init(bytes: bytes)
    }
}

extension Timestamp: ColumnValue {
    /// INTEGER milliseconds.
    public var stored: StoredValue { .integer(milliseconds) }

    /// From INTEGER milliseconds.
    public init?(stored: StoredValue) {
        guard case .integer(let value) = stored else { return nil }
        self.init(milliseconds: value)
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    /// NULL for nil.
    public var stored: StoredValue { self?.stored ?? .null }

    /// NULL is nil; another value must be one of the wrapped type.
    public init?(stored: StoredValue) {
        if case .null = stored {
            self = nil
        } else {
            guard let value = Wrapped(stored: stored) else { return nil }
            self = value
        }
    }
}
