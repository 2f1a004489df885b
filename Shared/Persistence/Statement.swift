internal import CSQLite

/// A prepared statement. Belongs to its connection's thread.
@safe
final class Statement {
    private let handle: OpaquePointer
    let text: String
    /// Whether its rows are being read: it cannot be run anew meanwhile.
    var isInUse = false

    /// Compiles the first statement of `text`; `connection` must outlive this object's last use.
    init(_ text: String, on connection: OpaquePointer) throws(DatabaseError) {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = unsafe sqlite3_prepare_v3(connection, text, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let handle = unsafe prepared else {
            let reason = code == SQLITE_OK ? "no statement" : unsafe Connection.lastMessage(of: connection)
            throw DatabaseError(sqlite: code, "\(reason) in: \(text)")
        }
        unsafe self.handle = handle
        self.text = text
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    var columnCount: Int { unsafe Int(sqlite3_column_count(handle)) }

    /// Binds all values in order.
    func bind(_ values: [StoredValue]) throws(DatabaseError) {
        guard unsafe values.count == Int(sqlite3_bind_parameter_count(handle)) else {
            throw DatabaseError(.other, "\(values.count) values for: \(text)")
        }
        for (offset, value) in values.enumerated() {
            let code = bind(value, at: Int32(offset + 1))
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    private func bind(_ value: StoredValue, at index: Int32) -> Int32 {
        switch value {
        case .null:
            return unsafe sqlite3_bind_null(handle, index)
        case .integer(let value):
            return unsafe sqlite3_bind_int64(handle, index, value)
        case .real(let value):
            return unsafe sqlite3_bind_double(handle, index, value)
        case .text(var value):
            return value.withUTF8 { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                    unsafe sqlite_bind_text_copy(handle, index, characters.baseAddress, UInt64(characters.count))
                }
            }
        case .blob(let value):
            return unsafe value.withUnsafeBytes { bytes in
                unsafe sqlite_bind_blob_copy(handle, index, bytes.baseAddress, UInt64(bytes.count))
            }
        }
    }

    /// Goes to the next row; false when there is none.
    func step() throws(DatabaseError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    /// Makes the statement ready for another use and lets go of its values.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    /// The value of a column of the present row.
    func column(_ index: Int) -> StoredValue {
        let index = Int32(index)
        switch unsafe sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER:
            return unsafe .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT:
            return unsafe .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            let start = unsafe sqlite3_column_text(handle, index)
            let bytes = unsafe UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
            return unsafe .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let start = unsafe sqlite3_column_blob(handle, index)
            let count = unsafe Int(sqlite3_column_bytes(handle, index))
            return unsafe .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
        default:
            return .null
        }
    }

    private func error(_ code: Int32) -> DatabaseError {
        unsafe DatabaseError(sqlite: code, Connection.lastMessage(of: sqlite3_db_handle(handle)))
    }
}
