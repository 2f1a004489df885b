internal import CSQLite

/// Why a read, a write or the opening of a database failed.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller can act on.
    public enum Code: String, Sendable {
        /// A UNIQUE or PRIMARY KEY constraint; `constraint` names its columns.
        case uniqueViolation
        /// A FOREIGN KEY constraint.
        case foreignKeyViolation
        /// Another constraint: CHECK, NOT NULL, the type of a STRICT column.
        case constraintViolation
        /// Another process holds the file's lock.
        case busy
        /// The disk is full.
        case diskFull
        /// The file is damaged or no database.
        case corrupt
        /// A read took longer than it may.
        case timeout
        /// Too much is queued already; try later.
        case overloaded
        /// The database has been closed.
        case closed
        /// A column's value is not what was asked for.
        case decoding
        /// The file was written by a newer version of this program.
        case newerSchema
        /// Another process serves this data folder.
        case alreadyServed
        /// Anything else, such as wrong SQL or an I/O error.
        case other
    }

    /// What went wrong.
    public let code: Code
    /// Details for people; holds names of tables and columns, never values.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// From SQLite's extended result code.
    init(sqlite extendedCode: Int32, _ message: String) {
        self.init(Code(sqlite: extendedCode), "\(message) (\(extendedCode))")
    }

    /// Whether the same call may succeed later.
    public var isRetriable: Bool {
        switch code {
        case .busy, .timeout, .overloaded, .diskFull: true
        default: false
        }
    }

    /// For a violated UNIQUE constraint its columns, such as `users.email`.
    public var constraint: String? {
        guard code == .uniqueViolation, let start = message.lastRange(of: ": "), let end = message.lastRange(of: " (")
        else { return nil }
        return start.upperBound <= end.lowerBound ? String(message[start.upperBound..<end.lowerBound]) : nil
    }

    /// `uniqueViolation: UNIQUE constraint failed: users.email (2067)`.
    public var description: String { "\(code.rawValue): \(message)" }
}

extension DatabaseError.Code {
    fileprivate init(sqlite extendedCode: Int32) {
        switch extendedCode {
        case sqlite_constraint_unique, sqlite_constraint_primary_key: self = .uniqueViolation
        case sqlite_constraint_foreign_key: self = .foreignKeyViolation
        default:
            switch extendedCode & 0xFF {
            case SQLITE_CONSTRAINT: self = .constraintViolation
            case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
            case SQLITE_FULL: self = .diskFull
            case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
            case SQLITE_INTERRUPT: self = .timeout
            default: self = .other
            }
        }
    }
}

extension String {
    /// The last place where the two ASCII characters stand next to each other.
    fileprivate func lastRange(of pair: String) -> Range<Index>? {
        var end = endIndex
        while let start = index(end, offsetBy: -pair.count, limitedBy: startIndex) {
            if self[start..<end] == pair { return start..<end }
            end = index(before: end)
        }
        return nil
    }
}
