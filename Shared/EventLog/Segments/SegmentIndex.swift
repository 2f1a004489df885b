import KafkaProtocol

/// The sparse indexes of a segment, byte for byte Kafka's. Both can be rebuilt from the `.log` file.
///
/// ```
///   .index      0                 4                 8
///               +-----------------+-----------------+
///               | offset - base   | position in log |     greatest offset of a batch -> where that batch starts
///               +-----------------+-----------------+
///   .timeindex  0                          8                 12
///               +--------------------------+-----------------+
///               | greatest timestamp so far | offset - base  |     rises strictly with the offset
///               +--------------------------+-----------------+
/// ```
struct SegmentIndex: Sendable, Equatable {
    static let offsetEntrySize = 8
    static let timeEntrySize = 12

    struct OffsetEntry: Sendable, Equatable {
        let offset: Int64
        let position: Int
    }

    struct TimeEntry: Sendable, Equatable {
        let timestamp: Int64
        let offset: Int64
    }

    let baseOffset: Int64
    private(set) var offsets: [OffsetEntry] = []
    private(set) var times: [TimeEntry] = []

    init(baseOffset: Int64) { self.baseOffset = baseOffset }

    mutating func append(offset: Int64, position: Int) {
        guard offsets.last.map({ $0.offset < offset }) ?? true else { return }
        offsets.append(OffsetEntry(offset: offset, position: position))
    }

    mutating func append(timestamp: Int64, offset: Int64) {
        guard timestamp >= 0, times.last.map({ $0.timestamp < timestamp }) ?? true else { return }
        times.append(TimeEntry(timestamp: timestamp, offset: offset))
    }

    /// Where to start reading to find the batch with `offset`: never after it.
    func position(for offset: Int64) -> Int { entry(for: offset)?.position ?? 0 }

    /// The last entry at or before an offset.
    func entry(for offset: Int64) -> OffsetEntry? {
        let index = offsets.partitioningIndex { $0.offset > offset }
        return index == 0 ? nil : offsets[index - 1]
    }

    /// An offset at or before the first record with a time of at least `timestamp`.
    func offset(forTimestamp timestamp: Int64) -> Int64 {
        let index = times.partitioningIndex { $0.timestamp >= timestamp }
        return index == 0 ? baseOffset : times[index - 1].offset
    }

    /// Keeps the first entries only.
    mutating func keep(offsets offsetCount: Int, times timeCount: Int) {
        offsets.removeLast(max(0, offsets.count - offsetCount))
        times.removeLast(max(0, times.count - timeCount))
    }

    /// Drops what describes the log at or after `position`, which starts with `offset`.
    mutating func drop(fromPosition position: Int, offset: Int64) {
        keep(
            offsets: offsets.partitioningIndex { $0.position >= position },
            times: times.partitioningIndex { $0.offset >= offset }
        )
    }

    func encodedOffsets(from first: Int) -> [UInt8] {
        var writer = WireWriter()
        for entry in offsets[first...] {
            writer.int32(Int32(truncatingIfNeeded: entry.offset - baseOffset))
            writer.int32(Int32(truncatingIfNeeded: entry.position))
        }
        return writer.bytes
    }

    func encodedTimes(from first: Int) -> [UInt8] {
        var writer = WireWriter()
        for entry in times[first...] {
            writer.int64(entry.timestamp)
            writer.int32(Int32(truncatingIfNeeded: entry.offset - baseOffset))
        }
        return writer.bytes
    }

    /// Reads both files, keeping of each what rises as it must: a torn or zero-filled end is left out.
    init(baseOffset: Int64, offsetFile: [UInt8], timeFile: [UInt8], logSize: Int) {
        self.init(baseOffset: baseOffset)
        var reader = WireReader(offsetFile)
        while let relative = try? reader.int32(), let position = try? reader.int32() {
            let entry = OffsetEntry(offset: baseOffset + Int64(relative), position: Int(position))
            guard relative >= 0, position >= 0, entry.position < logSize,
                offsets.last.map({ $0.offset < entry.offset && $0.position < entry.position }) ?? true
            else { break }
            offsets.append(entry)
        }
        reader = WireReader(timeFile)
        while let timestamp = try? reader.int64(), let relative = try? reader.int32() {
            let entry = TimeEntry(timestamp: timestamp, offset: baseOffset + Int64(relative))
            guard timestamp > 0, relative >= 0,
                times.last.map({ $0.timestamp < timestamp && $0.offset <= entry.offset }) ?? true
            else { break }
            times.append(entry)
        }
    }
}

extension RandomAccessCollection {
    /// The first index whose element satisfies `predicate`, in a collection where all that do follow all that do not.
    func partitioningIndex(where predicate: (Element) -> Bool) -> Index {
        var low = startIndex
        var count = self.count
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if predicate(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}
