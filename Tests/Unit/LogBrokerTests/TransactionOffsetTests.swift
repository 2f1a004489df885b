import KafkaProtocol
import LogBroker
import Telemetry
import TestSupport
import Testing

/// Offsets that are committed with a transaction, and requests that are refused.
struct TransactionOffsetTests {
    private func fetchOffset(_ bench: TransactionBench, stable: Bool) async throws -> (offset: Int64, error: ErrorCode)
    {
        let request = OffsetFetchRequest(
            groupID: "g",
            topics: [.init(name: TransactionBench.topic, partitionIndexes: [0])],
            requireStable: stable
        )
        let response = try await bench.call(.offsetFetch, 7, request.encode, OffsetFetchResponse.init)
        let partition = response.topics[0].partitions[0]
        return (partition.committedOffset, ErrorCode(rawValue: partition.errorCode))
    }

    private func commit(_ offset: Int64, _ bench: TransactionBench, _ producer: InitProducerIDResponse) async throws
        -> ErrorCode
    {
        let request = TxnOffsetCommitRequest(
            transactionalID: bench.id,
            groupID: "g",
            producerID: producer.producerID,
            producerEpoch: producer.producerEpoch,
            topics: [
                .init(
                    name: TransactionBench.topic,
                    partitions: [.init(partitionIndex: 0, committedOffset: offset, committedMetadata: "")]
                )
            ]
        )
        let response = try await bench.call(.txnOffsetCommit, 3, request.encode, TxnOffsetCommitResponse.init)
        return ErrorCode(rawValue: response.topics[0].partitions[0].errorCode)
    }

    private func addOffsets(_ bench: TransactionBench, _ producer: InitProducerIDResponse) async throws -> ErrorCode {
        let request = AddOffsetsToTxnRequest(
            transactionalID: bench.id,
            producerID: producer.producerID,
            producerEpoch: producer.producerEpoch,
            groupID: "g"
        )
        let response = try await bench.call(.addOffsetsToTxn, 3, request.encode, AddOffsetsToTxnResponse.init)
        return ErrorCode(rawValue: response.errorCode)
    }

    @Test func `offsets of a transaction count with its commit, after a restart too`() async throws {
        let directory = try TemporaryDirectory()
        let configuration = TestBroker.configuration(directory)
        var bench = TransactionBench(try await TestBroker(configuration))
        try await bench.createTopic()
        let producer = try await bench.initialize()
        #expect(try await commit(5, bench, producer) == .invalidTransactionState)
        #expect(try await addOffsets(bench, producer) == .none)
        #expect(try await commit(5, bench, producer) == .none)
        #expect(try await fetchOffset(bench, stable: true) == (-1, .unstableOffsetCommit))
        #expect(try await fetchOffset(bench, stable: false) == (-1, .none))
        try await bench.broker.stop()
        bench = TransactionBench(try await TestBroker(configuration))
        #expect(try await fetchOffset(bench, stable: true) == (-1, .unstableOffsetCommit))
        #expect(try await bench.end(producer, commits: true) == .none)
        #expect(try await fetchOffset(bench, stable: true) == (5, .none))
        _ = try await addOffsets(bench, producer)
        _ = try await commit(9, bench, producer)
        #expect(try await bench.end(producer, commits: false) == .none)
        #expect(try await fetchOffset(bench, stable: true) == (5, .none))
        try await bench.broker.stop()
        bench = TransactionBench(try await TestBroker(configuration))
        #expect(try await fetchOffset(bench, stable: true) == (5, .none))
        try await bench.broker.stop()
    }

    private func commitPlainly(_ offset: Int64, _ bench: TransactionBench) async throws {
        let request = OffsetCommitRequest(
            groupID: "g",
            topics: [
                .init(
                    name: TransactionBench.topic,
                    partitions: [.init(partitionIndex: 0, committedOffset: offset, committedMetadata: "")]
                )
            ]
        )
        let response = try await bench.call(.offsetCommit, 7, request.encode, OffsetCommitResponse.init)
        try #require(response.topics[0].partitions[0].errorCode == 0)
    }

    @Test func `of a transaction's offset and a plain one the later commit counts, whenever the transaction ends`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let configuration = TestBroker.configuration(directory)
        var bench = TransactionBench(try await TestBroker(configuration))
        try await bench.createTopic()
        let producer = try await bench.initialize()
        _ = try await addOffsets(bench, producer)
        #expect(try await commit(5, bench, producer) == .none)
        try await commitPlainly(3, bench)
        #expect(try await fetchOffset(bench, stable: true) == (-1, .unstableOffsetCommit))
        #expect(try await fetchOffset(bench, stable: false) == (3, .none))
        #expect(try await bench.end(producer, commits: true) == .none)
        #expect(try await fetchOffset(bench, stable: true) == (3, .none))
        _ = try await addOffsets(bench, producer)
        try await commitPlainly(4, bench)
        #expect(try await commit(9, bench, producer) == .none)
        #expect(try await bench.end(producer, commits: true) == .none)
        #expect(try await fetchOffset(bench, stable: true) == (9, .none))
        _ = try await addOffsets(bench, producer)
        #expect(try await commit(11, bench, producer) == .none)
        try await commitPlainly(10, bench)
        #expect(try await bench.end(producer, commits: true) == .none)
        try await bench.broker.stop()
        bench = TransactionBench(try await TestBroker(configuration))
        #expect(try await fetchOffset(bench, stable: true) == (10, .none))
        try await bench.broker.stop()
    }

    @Test func `old versions of Produce are refused in their own form and an unknown call is counted`() async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestBroker.configuration(directory)
        let metrics = MetricRegistry()
        configuration.metrics = metrics
        let bench = TransactionBench(try await TestBroker(configuration))
        let request = ProduceRequest(acks: 1, topicData: [.init(name: "t", partitionData: [.init(index: 4)])])
        for version in Int16(0)...2 {
            let response = try await bench.call(.produce, version, request.encode, ProduceResponse.init)
            let partition = response.responses[0].partitionResponses[0]
            #expect(partition.index == 4 && partition.errorCode == ErrorCode.unsupportedVersion.rawValue)
        }
        var writer = WireWriter()
        RequestHeader(apiKey: 9999, apiVersion: 0, correlationID: 1, clientID: nil).encode(to: &writer)
        #expect((try? await bench.broker.exchange([writer.bytes]))?.isEmpty ?? true)
        #expect(metrics.counter("broker_refused_requests").value == 1)
        try await bench.broker.stop()
    }
}
