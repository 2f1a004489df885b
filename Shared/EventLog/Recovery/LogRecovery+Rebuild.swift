import KafkaProtocol
import System

/// What is read from side files and, where these are missing or damaged, from the batches.
extension LogRecovery {
    /// Bytes read at a time where only headers are looked at.
    private static let headerWindow = 16 << 10

    func loadEpochs(_ state: inout PartitionState) throws(SystemError) {
        let file = try context.fileSystem.contents(of: "\(directory)/\(LeaderEpochs.fileName)")
        if let file, let epochs = LeaderEpochs(file) {
            state.epochs = epochs
            state.epochs.truncate(to: state.nextOffset)
            return
        }
        guard state.nextOffset > state.logStart else { return }
        var epochs = LeaderEpochs()
        try forEachHeader(state, from: state.logStart) { header in
            _ = epochs.begin(header.leaderEpoch, at: header.baseOffset)
        }
        state.epochs = epochs
        state.epochsChanged = true
    }

    /// The newest snapshot that is sound and not ahead of the log, and the batches after it.
    func loadProducers(_ state: inout PartitionState, names: [String]) throws(SystemError) {
        let snapshots = names.compactMap { SegmentName.offset($0, SegmentName.producers) }.sorted(by: >)
        state.snapshots = snapshots.reversed()
        var from = state.segments[0].baseOffset
        for offset in snapshots {
            let path = "\(directory)/\(SegmentName.file(offset, SegmentName.producers))"
            guard offset <= state.nextOffset, let file = try context.fileSystem.contents(of: path),
                let snapshot = ProducerSnapshot(file, at: offset)
            else {
                try context.fileSystem.remove(path)
                state.snapshots.removeLast()
                continue
            }
            state.producers = snapshot.producers
            state.aborted = snapshot.aborted
            from = offset
            break
        }
        var producers = state.producers
        var aborted = state.aborted
        // One flipped bit makes no id of this one.
        try forEachBatch(state, from: from, loading: { $0.producerID != -1 }) { header, bytes in
            if let transaction = producers.aborted(by: header, bytes) { aborted.append(transaction) }
            producers.apply(header, base: header.baseOffset, last: header.lastOffset)
        }
        state.producers = producers
        aborted.trim(before: state.logStart)
        state.aborted = aborted
    }

    private func forEachHeader(
        _ state: PartitionState,
        from offset: Int64,
        _ body: (RecordBatchHeader) -> Void
    ) throws(SystemError) {
        try forEachBatch(state, from: offset, loading: { _ in false }) { header, _ in body(header) }
    }

    /// Calls `body` with every batch that begins at `offset` or later, with the bytes of those that are to be loaded. A
    /// damaged one is mended for it as far as that can be: a transaction must not end another way than it did.
    private func forEachBatch(
        _ state: PartitionState,
        from offset: Int64,
        loading: (RecordBatchHeader) -> Bool,
        _ body: (RecordBatchHeader, ArraySlice<UInt8>) -> Void
    ) throws(SystemError) {
        guard offset < state.nextOffset else { return }
        for (index, segment) in state.segments.enumerated() where segment.size > 0 {
            if index + 1 < state.segments.count, state.segments[index + 1].baseOffset <= offset { continue }
            let name = "\(directory)/\(SegmentName.file(segment.baseOffset, SegmentName.log))"
            let end = index + 1 < state.segments.count ? state.segments[index + 1].baseOffset : state.nextOffset
            let file = try context.files.file(name)
            var walker = BatchWalker(
                file,
                from: segment.index?.position(for: offset) ?? 0,
                limit: segment.size,
                windowSize: Self.headerWindow,
                offsets: segment.baseOffset..<max(segment.baseOffset, end)
            )
            walk: while true {
                switch try walker.next(verifying: true, loading: loading) {
                case .end: break walk
                case .broken:
                    let found = try Self.mended(&walker, file, segment, end: end)
                    if let found, found.header.baseOffset >= offset { body(found.header, found.bytes[...]) }
                case .batch(let found):
                    if found.header.baseOffset >= offset { body(found.header, walker.window[found.range]) }
                }
            }
        }
    }

    /// Steps over what is broken; the batch that it was, as far as that can be known.
    private static func mended(
        _ walker: inout BatchWalker,
        _ file: any LogFile,
        _ segment: Segment,
        end: Int64
    ) throws(SystemError) -> (header: RecordBatchHeader, bytes: [UInt8])? {
        let next = try walker.resynchronize(minimumOffset: segment.baseOffset) ?? segment.size
        let bytes = try file.read(at: walker.position, count: next - walker.position)
        var bound = end
        if next < segment.size {
            // Its offsets lie before those of the batch behind it.
            let head = try file.read(at: next, count: RecordBatchHeader.size)
            bound = (try? RecordBatchHeader(head.span))?.baseOffset ?? end
        }
        walker.seek(to: next)
        return BatchRepair.mended(bytes, in: walker.expectedOffset..<max(walker.expectedOffset, bound))
    }
}
