import KafkaProtocol
import LogBroker
import Testing

/// A transactional producer and a reader of one topic with one partition, call by call.
struct TransactionBench {
    static let topic = "t"
    let broker: TestBroker
    let id: String

    init(_ broker: TestBroker, id: String = "x") {
        self.broker = broker
        self.id = id
    }

    func call<Body>(
        _ key: APIKey,
        _ version: Int16,
        _ encode: (inout WireWriter) -> Void,
        _ decode: (inout WireReader) throws(WireError) -> Body
    ) async throws -> Body {
        let answer = try await broker.exchange([TestBroker.request(key, version, encode)]).first
        return try TestBroker.response(key, version, try #require(answer), decode)
    }

    func createTopic() async throws {
        let request = CreateTopicsRequest(topics: [.init(name: Self.topic, numPartitions: 1, replicationFactor: 1)])
        _ = try await call(.createTopics, 5, request.encode, CreateTopicsResponse.init)
    }

    func initialize(timeout: Int32 = 60_000) async throws -> InitProducerIDResponse {
        let request = InitProducerIDRequest(transactionalID: id, transactionTimeoutMs: timeout)
        return try await call(.initProducerID, 4, request.encode, InitProducerIDResponse.init)
    }

    func add(_ producer: InitProducerIDResponse, version: Int16 = 3) async throws -> ErrorCode {
        let request = AddPartitionsToTxnRequest(
            transactionalID: id,
            producerID: producer.producerID,
            producerEpoch: producer.producerEpoch,
            topics: [.init(name: Self.topic, partitions: [0])]
        )
        let response = try await call(.addPartitionsToTxn, version, request.encode, AddPartitionsToTxnResponse.init)
        return ErrorCode(rawValue: response.resultsByTopic[0].resultsByPartition[0].partitionErrorCode)
    }

    func end(_ producer: InitProducerIDResponse, commits: Bool, version: Int16 = 3) async throws -> ErrorCode {
        let request = EndTxnRequest(
            transactionalID: id,
            producerID: producer.producerID,
            producerEpoch: producer.producerEpoch,
            committed: commits
        )
        return ErrorCode(rawValue: try await call(.endTxn, version, request.encode, EndTxnResponse.init).errorCode)
    }

    static func batch(_ value: String, _ producer: InitProducerIDResponse, sequence: Int32 = 0) throws -> [UInt8] {
        var builder = RecordBatchBuilder(
            attributes: .transactional,
            producerID: producer.producerID,
            producerEpoch: producer.producerEpoch,
            baseSequence: sequence
        )
        builder.append(timestamp: 1, key: nil, value: Array(value.utf8)[...])
        return try builder.finish()
    }

    func produce(
        _ value: String,
        _ producer: InitProducerIDResponse,
        sequence: Int32 = 0,
        version: Int16 = 9
    ) async throws -> ErrorCode {
        let batch = try Self.batch(value, producer, sequence: sequence)
        let request = ProduceRequest(
            transactionalID: id,
            acks: -1,
            topicData: [.init(name: Self.topic, partitionData: [.init(index: 0, records: batch[...])])]
        )
        let response = try await call(.produce, version, request.encode, ProduceResponse.init)
        return ErrorCode(rawValue: response.responses[0].partitionResponses[0].errorCode)
    }

    func fetch(committed: Bool) async throws -> FetchResponse.PartitionData {
        let request = FetchRequest(
            isolationLevel: committed ? 1 : 0,
            topics: [.init(topic: Self.topic, partitions: [.init(partition: 0, partitionMaxBytes: 1 << 20)])]
        )
        return try await call(.fetch, 11, request.encode, FetchResponse.init).responses[0].partitions[0]
    }

    func describe() async throws -> DescribeTransactionsResponse.TransactionState {
        let request = DescribeTransactionsRequest(transactionalIDs: [id])
        return try await call(.describeTransactions, 0, request.encode, DescribeTransactionsResponse.init)
            .transactionStates[0]
    }
}
