/// One record of a batch. Key, value and headers are slices of the batch's (decompressed) bytes: no copy.
public struct Record: Sendable, Equatable {
    /// Absolute offset in the partition.
    public var offset: Int64
    /// Milliseconds since 1970.
    public var timestamp: Int64
    /// The key; nil when absent.
    public var key: ArraySlice<UInt8>?
    /// The value; nil for a tombstone.
    public var value: ArraySlice<UInt8>?
    /// Application headers in order.
    public var headers: [RecordHeader]
}

/// One application header of a record.
public struct RecordHeader: Sendable, Equatable {
    /// UTF-8 text.
    public var key: ArraySlice<UInt8>
    /// The value; nil when absent.
    public var value: ArraySlice<UInt8>?

    /// A header from its parts.
    public init(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>?) {
        self.key = key
        self.value = value
    }
}
