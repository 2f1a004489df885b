/// The present row of a query, inside the closure that reads it.
public struct Row: ~Copyable {
    private let statement: Statement

    // Not inlined: the optimizer of Swift 6.3.1 stops at a noncopyable value that it makes of a borrowed one.
    @inline(never)
    init(_ statement: Statement) {
        self.statement = statement
    }

    /// The value of a column, counted from 0, as the type that the context wants. Throws `decoding` when the stored
    /// value is none of that type (NULL for a type that is not optional, say) or there is no such column.
    public subscript<Value: ColumnValue>(index: Int) -> Value {
        get throws(DatabaseError) {
            guard index >= 0, index < statement.columnCount, let value = Value(stored: statement.column(index)) else {
                throw DatabaseError(.decoding, "column \(index) is not \(Value.self) in: \(statement.text)")
            }
            return value
        }
    }
}
