import EventLog
import KafkaProtocol
import Telemetry
import TestSupport
import Testing

@testable import LogBroker

/// Transactions as a client's calls see them.
struct TransactionCallTests {
    private func withBench(
        _ change: (inout BrokerConfiguration) -> Void = { _ in },
        _ body: (TransactionBench) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestBroker.configuration(directory)
        change(&configuration)
        let broker = try await TestBroker(configuration)
        do {
            let bench = TransactionBench(broker)
            try await bench.createTopic()
            try await body(bench)
        } catch {
            try await broker.stop()
            throw error
        }
        try await broker.stop()
    }

    @Test func `records are read by those who want committed ones when the transaction has committed`() async throws {
        try await withBench { bench in
            let producer = try await bench.initialize()
            #expect(try await bench.add(producer) == .none)
            #expect(try await bench.produce("a", producer) == .none)
            let open = try await bench.fetch(committed: true)
            #expect(open.records.isEmpty && open.lastStableOffset == 0 && open.highWatermark == 1)
            #expect(try await !bench.fetch(committed: false).records.isEmpty)
            #expect(try await bench.describe().transactionState == "Ongoing")
            #expect(try await bench.end(producer, commits: true) == .none)
            let committed = try await bench.fetch(committed: true)
            #expect(committed.lastStableOffset == 2 && committed.abortedTransactions == [])
            #expect(!committed.records.isEmpty)
            #expect(try await bench.end(producer, commits: true) == .none)
            #expect(try await bench.describe().transactionState == "CompleteCommit")
        }
    }

    @Test func `an aborted transaction is named to readers of committed records`() async throws {
        try await withBench { bench in
            let producer = try await bench.initialize()
            _ = try await bench.add(producer)
            _ = try await bench.produce("a", producer)
            #expect(try await bench.end(producer, commits: false) == .none)
            let read = try await bench.fetch(committed: true)
            #expect(read.abortedTransactions?.map(\.producerID) == [producer.producerID])
            #expect(read.lastStableOffset == 2)
        }
    }

    @Test func `a batch is refused before its partition is added and after the end`() async throws {
        try await withBench { bench in
            let producer = try await bench.initialize()
            #expect(try await bench.produce("a", producer) == .invalidTransactionState)
            _ = try await bench.add(producer)
            _ = try await bench.produce("a", producer)
            _ = try await bench.end(producer, commits: true)
            #expect(try await bench.produce("b", producer, sequence: 1) == .invalidTransactionState)
            #expect(try await bench.fetch(committed: true).lastStableOffset == 2)
        }
    }

    @Test func `a second producer of the id fences the first and aborts what it left open`() async throws {
        try await withBench { bench in
            let first = try await bench.initialize()
            _ = try await bench.add(first)
            _ = try await bench.produce("a", first)
            let second = try await bench.initialize()
            #expect(second.errorCode == 0 && second.producerEpoch > first.producerEpoch)
            #expect(try await bench.fetch(committed: true).abortedTransactions?.count == 1)
            #expect(try await bench.produce("b", first, sequence: 1) == .invalidProducerEpoch)
            #expect(try await bench.add(first) == .producerFenced)
            #expect(try await bench.add(first, version: 1) == .invalidProducerEpoch)
            #expect(try await bench.end(first, commits: true) == .producerFenced)
            #expect(try await bench.add(second) == .none)
        }
    }

    @Test func `a transaction that lasts too long is aborted and its producer fenced`() async throws {
        try await withBench { bench in
            #expect(
                try await bench.initialize(timeout: 900_001).errorCode == ErrorCode.invalidTransactionTimeout.rawValue
            )
            let producer = try await bench.initialize(timeout: 100)
            _ = try await bench.add(producer)
            _ = try await bench.produce("a", producer)
            try await eventually("the transaction is aborted") {
                try await bench.describe().transactionState == "CompleteAbort"
            }
            #expect(try await bench.end(producer, commits: true) == .producerFenced)
            #expect(try await bench.fetch(committed: true).abortedTransactions?.count == 1)
        }
    }

    @Test func `an id with rules is used by those who may`() async throws {
        try await withBench {
            $0.accessRules = [AccessRule(.transactionalID, "x", principal: "User:booking", operation: .write)]
        } _: { bench in
            let refused = ErrorCode.transactionalIDAuthorizationFailed
            #expect(try await bench.initialize().errorCode == refused.rawValue)
            let stranger = InitProducerIDResponse(producerID: 1)
            #expect(try await bench.add(stranger) == refused)
            #expect(try await bench.end(stranger, commits: true) == refused)
            #expect(try await bench.produce("a", stranger) == refused)
            #expect(try await bench.describe().errorCode == refused.rawValue)
            let request = FindCoordinatorRequest(key: "x", keyType: 1)
            let found = try await bench.call(.findCoordinator, 1, request.encode, FindCoordinatorResponse.init)
            #expect(found.errorCode == refused.rawValue)
            #expect(try await TransactionBench(bench.broker, id: "open").initialize().errorCode == 0)
        }
    }

    @Test(arguments: [true, false])
    func `an end that was decided before a crash is carried out at the next start`(commits: Bool) async throws {
        let directory = try TemporaryDirectory()
        let configuration = TestBroker.configuration(directory)
        let producer = InitProducerIDResponse(producerID: 7, producerEpoch: 3)
        try leaveDecided(configuration.dataDirectory, producer, commits: commits)
        let broker = try await TestBroker(configuration)
        let bench = TransactionBench(broker)
        try await eventually("the markers are written") {
            try await bench.describe().transactionState == (commits ? "CompleteCommit" : "CompleteAbort")
        }
        let read = try await bench.fetch(committed: true)
        #expect(read.lastStableOffset == 2 && read.abortedTransactions?.count == (commits ? 0 : 1))
        #expect(try await bench.add(producer) == .none)
        try await broker.stop()
    }

    /// The state between the two phases: the decision is on disk and no marker.
    private func leaveDecided(_ path: String, _ producer: InitProducerIDResponse, commits: Bool) throws {
        let store = try LogStore(directory: path, onFatal: { _ in })
        try store.createTopic(TransactionBench.topic, partitions: 1)
        try store.createTopic("__transaction_state", partitions: 1)
        _ = try store.partition(TransactionBench.topic, 0)?.append(try TransactionBench.batch("a", producer))
        var transaction = Transaction(
            id: "x",
            producer: ProducerIdentity(id: producer.producerID, epoch: producer.producerEpoch),
            timeout: 1000,
            updated: 1
        )
        transaction.status = commits ? .prepareCommit : .prepareAbort
        transaction.partitions = [TopicPartition(topic: TransactionBench.topic, partition: 0)]
        let record = TransactionRecord(transaction)
        var builder = RecordBatchBuilder()
        builder.append(timestamp: 1, key: record.key[...], value: record.value.map { $0[...] })
        _ = try store.partition("__transaction_state", 0)?.append(try builder.finish(), origin: .broker)
        store.close()
    }
}
