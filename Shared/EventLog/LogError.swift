public import System

/// Why an operation on the log was refused. Each case maps to one error code of the Kafka protocol.
public enum LogError: Error, Sendable, Equatable {
    /// No such topic, or no such partition of it.
    case unknownTopicOrPartition
    /// A topic of this name exists.
    case topicExists
    /// Not a legal topic name: 1 to 249 of `A-Z a-z 0-9 . _ -`, neither `.` nor `..`.
    case invalidTopicName
    /// The partition count is not in 1...`LogStore.maximumPartitions`, or would shrink.
    case invalidPartitionCount
    /// A topic setting is unknown or has a bad value; the text says which.
    case invalidConfiguration(String)
    /// The offset lies before the log's start or after its end.
    case offsetOutOfRange
    /// The batch fails its checksum or its layout is broken.
    case corruptBatch
    /// The batch is larger than the topic's `max.message.bytes`.
    case messageTooLarge
    /// The batch is larger than a segment may be.
    case recordListTooLarge
    /// The batch breaks a rule for producers; the text says which.
    case invalidRecord(String)
    /// Records of a compacted topic have no key: their places in the batch.
    case missingKeys([Int32])
    /// Records' times are further from now than the topic allows, or not the producer's: their places in the batch.
    case invalidTimestamps([Int32])
    /// Only record batches of format 2 are stored.
    case unsupportedFormat
    /// An idempotent producer's batch does not follow its last one.
    case outOfOrderSequence
    /// The producer's epoch is older than one already seen.
    case invalidProducerEpoch
    /// The batch does not fit the state of the producer's transaction.
    case invalidTransactionState
    /// The disk is full: nothing was stored, reads go on, a later append may succeed.
    case storageFull
    /// A read of the disk failed.
    case readFailed(SystemError)
    /// A write or sync failed: nothing is acknowledged any more and the process has to start again.
    case storageFailed(SystemError)
    /// The log was closed or its topic deleted.
    case closed
}
