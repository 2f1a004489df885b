import KafkaProtocol
import System

/// What is read from side files and, where these are missing or damaged, from the batches.
extension LogRecovery {
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
        var from = state.segments[0].baseOffset
        for offset in snapshots {
            let path = "\(directory)/\(SegmentName.file(offset, SegmentName.producers))"
            guard offset <= state.nextOffset, let file = try context.fileSystem.contents(of: path),
                let table = ProducerTable(snapshot: file, at: offset)
            else {
                try context.fileSystem.remove(path)
                continue
            }
            state.producers = table
            from = offset
            break
        }
        var producers = state.producers
        var aborted = AbortedTransactions()
        try forEachBatch(state, from: from) { header, bytes in
            if let transaction = producers.aborted(by: header, bytes) { aborted.append(transaction) }
            producers.apply(header, base: header.baseOffset, last: header.lastOffset)
        }
        state.producers = producers
        state.aborted = aborted
    }

    private func forEachHeader(
        _ state: PartitionState,
        from offset: Int64,
        _ body: (RecordBatchHeader) -> Void
    ) throws(SystemError) {
        try forEachBatch(state, from: offset) { header, _ in body(header) }
    }

    /// Calls `body` with every sound batch that begins at `offset` or later.
    private func forEachBatch(
        _ state: PartitionState,
        from offset: Int64,
        _ body: (RecordBatchHeader, ArraySlice<UInt8>) -> Void
    ) throws(SystemError) {
        guard offset < state.nextOffset else { return }
        for (index, segment) in state.segments.enumerated() where segment.size > 0 {
            if index + 1 < state.segments.count, state.segments[index + 1].baseOffset <= offset { continue }
            let name = "\(directory)/\(SegmentName.file(segment.baseOffset, SegmentName.log))"
            let start = segment.index?.position(for: offset) ?? 0
            var walker = BatchWalker(try context.files.file(name), from: start, limit: segment.size)
            walk: while true {
                switch try walker.next(verifying: false) {
                case .end: break walk
                case .broken:
                    guard let next = try walker.resynchronize(minimumOffset: segment.baseOffset) else { break walk }
                    walker.seek(to: next)
                case .batch(let found):
                    if found.header.baseOffset >= offset { body(found.header, walker.window[found.range]) }
                }
            }
        }
    }
}
