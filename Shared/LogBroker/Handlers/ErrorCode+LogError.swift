import EventLog
import KafkaProtocol
import System

extension ErrorCode {
    /// The protocol's code for what the log refused.
    init(_ error: LogError) {
        self =
            switch error {
            case .unknownTopicOrPartition: .unknownTopicOrPartition
            case .topicExists: .topicAlreadyExists
            case .invalidTopicName: .invalidTopic
            case .invalidPartitionCount: .invalidPartitions
            case .invalidConfiguration: .invalidConfig
            case .offsetOutOfRange: .offsetOutOfRange
            case .corruptBatch: .corruptMessage
            case .messageTooLarge: .messageTooLarge
            case .recordListTooLarge: .recordListTooLarge
            case .invalidRecord, .missingKeys: .invalidRecord
            case .invalidTimestamps: .invalidTimestamp
            // Producers of format 2 send nothing else: another one is a broken record (Kafka answers so from Produce 3 on).
            case .unsupportedFormat: .invalidRecord
            case .outOfOrderSequence: .outOfOrderSequenceNumber
            case .invalidProducerEpoch: .invalidProducerEpoch
            case .invalidTransactionState: .invalidTransactionState
            case .storageFull, .readFailed, .storageFailed: .storageError
            case .closed: .notLeaderOrFollower
            }
    }

    /// The protocol's code for any error of a handler.
    init(any error: any Error) {
        self = (error as? LogError).map { ErrorCode($0) } ?? (error as? ErrorCode) ?? .unknownServerError
    }
}

/// A text for people with an error; nil when the code says it all.
func message(_ error: any Error) -> String? {
    if let code = error as? ErrorCode, code == .policyViolation {
        return "the broker has as many topics or partitions as it may have"
    }
    return switch error as? LogError {
    case .invalidConfiguration(let text), .invalidRecord(let text): text
    case .missingKeys, .invalidTimestamps: "One or more records have been rejected"
    default: nil
    }
}

extension ProduceResponse.PartitionProduceResponse {
    /// What the log refused, and for which records (KIP-467).
    mutating func refuse(_ error: any Error, logStart: Int64) {
        errorCode = ErrorCode(any: error).rawValue
        errorMessage = message(error)
        switch error as? LogError {
        case .missingKeys(let places):
            refuse(places, "Compacted topic cannot accept message without key.", logStart)
        case .invalidTimestamps(let places):
            refuse(places, "The timestamp of the message is out of the acceptable range.", logStart)
        // A producer whose order is broken learns whether what it remembers is still there (KIP-360).
        case .outOfOrderSequence, .invalidProducerEpoch: logStartOffset = logStart
        default: break
        }
    }

    private mutating func refuse(_ places: [Int32], _ text: String, _ logStart: Int64) {
        logStartOffset = logStart
        recordErrors = places.map { .init(batchIndex: $0, batchIndexErrorMessage: text) }
    }
}

extension TopicID {
    /// The id that the log knows, on the wire.
    init(_ id: Identifier) {
        var reader = WireReader(id.bytes)
        self = (try? reader.topicID()) ?? .zero
    }

    /// The log's form of the id.
    var identifier: Identifier? {
        var writer = WireWriter()
        writer.topicID(self)
        return Identifier(bytes: writer.bytes)
    }
}
