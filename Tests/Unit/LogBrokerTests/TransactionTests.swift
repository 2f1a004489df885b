import KafkaProtocol
import Testing

@testable import LogBroker

/// The state machine of a transactional id, without a log.
struct TransactionTests {
    private let places: Set = [TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)]

    private func fresh() throws -> Transaction {
        let new = Transaction(id: "x", producer: ProducerIdentity(id: 7, epoch: -1), timeout: 0, updated: 0)
        return try new.initialized(expected: nil, timeout: 1000, now: 1) { 99 }
    }

    private func open() throws -> Transaction {
        let fresh = try fresh()
        return try #require(try fresh.adding(places, by: fresh.producer, now: 2))
    }

    private func again(_ transaction: Transaction, expected: ProducerIdentity? = nil) throws -> Transaction {
        try transaction.initialized(expected: expected, timeout: 1000, now: 9) { 99 }
    }

    @Test func `a transaction is opened by its first partition, committed and opened again`() throws {
        let open = try open()
        #expect(open.status == .ongoing && open.started == 2 && open.partitions == places)
        #expect(try open.adding(places, by: open.producer, now: 3) == nil)
        let decided = try #require(try open.ending(commits: true, by: open.producer, now: 4))
        #expect(decided.status == .prepareCommit && decided.partitions == places)
        let complete = decided.completed(now: 5)
        #expect(complete.status == .completeCommit && complete.partitions.isEmpty)
        #expect(try complete.ending(commits: true, by: open.producer, now: 6) == nil)
        let next = try #require(try complete.adding([places.first!], by: open.producer, now: 7))
        #expect(next.status == .ongoing && next.started == 7 && next.partitions.count == 1)
    }

    @Test func `only the newest producer of an id may add and end`() throws {
        let open = try open()
        var old = open.producer
        old.epoch -= 1
        #expect(throws: ErrorCode.producerFenced) { try open.adding(places, by: old, now: 3) }
        #expect(throws: ErrorCode.producerFenced) { try open.ending(commits: true, by: old, now: 3) }
        let stranger = ProducerIdentity(id: 8, epoch: 0)
        #expect(throws: ErrorCode.invalidProducerIDMapping) { try open.adding(places, by: stranger, now: 3) }
        #expect(throws: ErrorCode.invalidProducerIDMapping) { try open.ending(commits: false, by: stranger, now: 3) }
    }

    @Test func `what is decided stays decided and meanwhile everybody is told to ask again`() throws {
        let open = try open()
        let decided = try #require(try open.ending(commits: true, by: open.producer, now: 4))
        #expect(throws: ErrorCode.concurrentTransactions) { try decided.adding(places, by: open.producer, now: 5) }
        #expect(throws: ErrorCode.concurrentTransactions) {
            try decided.ending(commits: true, by: open.producer, now: 5)
        }
        #expect(throws: ErrorCode.invalidTransactionState) {
            try decided.ending(commits: false, by: open.producer, now: 5)
        }
        #expect(throws: ErrorCode.concurrentTransactions) { try again(decided) }
        #expect(try decided.fenced(now: 5) == nil)
        #expect(throws: ErrorCode.invalidTransactionState) {
            try decided.completed(now: 6).ending(commits: false, by: open.producer, now: 7)
        }
    }

    @Test func `nothing can be ended that was not begun`() throws {
        let fresh = try fresh()
        #expect(throws: ErrorCode.invalidTransactionState) {
            try fresh.ending(commits: true, by: fresh.producer, now: 2)
        }
    }

    @Test func `fencing aborts an open transaction with an epoch that nobody has`() throws {
        let open = try open()
        #expect(throws: ErrorCode.concurrentTransactions) { try again(open) }
        let fenced = try #require(try open.fenced(now: 5))
        #expect(fenced.status == .prepareAbort && fenced.producer == ProducerIdentity(id: 7, epoch: 1))
        #expect(throws: ErrorCode.producerFenced) { try fenced.ending(commits: true, by: open.producer, now: 6) }
        #expect(try again(fenced.completed(now: 6)).producer == ProducerIdentity(id: 7, epoch: 2))
    }

    @Test func `a batch needs its partition in the open transaction of its own epoch`() throws {
        let open = try open()
        let place = try #require(places.first)
        try open.verify(place, by: open.producer)
        #expect(throws: ErrorCode.invalidTransactionState) {
            try open.verify(TopicPartition(topic: "u", partition: 0), by: open.producer)
        }
        #expect(throws: ErrorCode.invalidProducerEpoch) {
            try open.verify(place, by: ProducerIdentity(id: 7, epoch: 1))
        }
        #expect(throws: ErrorCode.invalidProducerIDMapping) {
            try open.verify(place, by: ProducerIdentity(id: 8, epoch: 0))
        }
        let decided = try #require(try open.ending(commits: true, by: open.producer, now: 4))
        #expect(throws: ErrorCode.invalidTransactionState) { try decided.verify(place, by: open.producer) }
    }

    @Test func `a producer that goes on gets its next epoch, once even if it asks twice`() throws {
        let fresh = try fresh()
        let next = try again(fresh, expected: fresh.producer)
        #expect(next.producer == ProducerIdentity(id: 7, epoch: 1))
        #expect(try again(next, expected: fresh.producer).producer == next.producer)
        #expect(throws: ErrorCode.producerFenced) { try again(try again(next), expected: fresh.producer) }
        #expect(throws: ErrorCode.producerFenced) { try again(next, expected: ProducerIdentity(id: 8, epoch: 1)) }
    }

    @Test func `used up epochs end in a new producer id`() throws {
        var worn = try fresh()
        worn.producer.epoch = Transaction.lastEpoch
        #expect(try again(worn).producer == ProducerIdentity(id: 99, epoch: 0))
    }

    @Test(arguments: Transaction.Status.allCases)
    func `a record tells all of a transaction, as Apache Kafka writes it`(status: Transaction.Status) throws {
        var transaction = try open()
        transaction.status = status
        if status == .empty { transaction.partitions = [] }
        var builder = RecordBatchBuilder()
        let record = TransactionRecord(transaction)
        builder.append(timestamp: 1, key: record.key[...], value: record.value.map { $0[...] })
        builder.append(timestamp: 1, key: TransactionRecord(forgetting: "x").key[...], value: nil)
        var cursor = try RecordCursor(try builder.finish())
        #expect(try TransactionRecord(try #require(try cursor.next())) == record)
        let forgotten = try TransactionRecord(try #require(try cursor.next()))
        #expect(forgotten?.id == "x" && forgotten?.transaction == nil)
    }
}
