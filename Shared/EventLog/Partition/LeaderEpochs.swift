/// At which offset each leader epoch began: the file `leader-epoch-checkpoint`, byte for byte Kafka's text.
///
/// ```
///   0            version
///   2            number of entries
///   1 0          epoch, first offset
///   3 120
/// ```
/// Rebuildable: every batch carries the epoch it was appended in.
struct LeaderEpochs: Sendable, Equatable {
    static let fileName = "leader-epoch-checkpoint"

    struct Entry: Sendable, Equatable {
        let epoch: Int32
        let startOffset: Int64
    }

    private(set) var entries: [Entry] = []

    init() {}

    /// Notes that `epoch` appends at `offset`; true when that is new.
    mutating func begin(_ epoch: Int32, at offset: Int64) -> Bool {
        if let last = entries.last, last.epoch >= epoch { return false }
        entries.append(Entry(epoch: epoch, startOffset: offset))
        return true
    }

    /// Forgets epochs that began at or after `offset`: their records were cut off.
    mutating func truncate(to offset: Int64) {
        entries.removeAll { $0.startOffset >= offset && $0.startOffset > 0 }
    }

    /// The greatest epoch not above `epoch` and where it ends (OffsetForLeaderEpoch); nil when all are above.
    func end(of epoch: Int32, logEnd: Int64) -> (epoch: Int32, endOffset: Int64)? {
        let next = entries.partitioningIndex { $0.epoch > epoch }
        guard next > 0 else { return nil }
        return (entries[next - 1].epoch, next < entries.count ? entries[next].startOffset : logEnd)
    }

    var encoded: [UInt8] {
        var text = "0\n\(entries.count)\n"
        for entry in entries { text += "\(entry.epoch) \(entry.startOffset)\n" }
        return Array(text.utf8)
    }

    /// Reads the file; nil when it is damaged.
    init?(_ file: [UInt8]) {
        guard let text = String(validating: file, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n")
        guard lines.count >= 2, lines[0] == "0", let count = Int(lines[1]), lines.count == count + 2 else { return nil }
        for line in lines.dropFirst(2) {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let epoch = Int32(fields[0]), let offset = Int64(fields[1]),
                entries.last.map({ $0.epoch < epoch && $0.startOffset <= offset }) ?? true
            else { return nil }
            entries.append(Entry(epoch: epoch, startOffset: offset))
        }
    }
}
