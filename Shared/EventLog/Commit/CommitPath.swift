/// How appended batches become durable. Appending puts a batch in memory; the commit path stores it and then lets the
/// partition's waiters go.
///
/// Group commit: one round stores everything, of all partitions, that was appended during the round before.
protocol CommitPath: Sendable {
    /// A partition has batches to store. Called once until the next round takes them; never blocks.
    func submit(_ log: PartitionLog)
    /// Stores what was submitted before and ends the thread. Blocks.
    func stop()
}
