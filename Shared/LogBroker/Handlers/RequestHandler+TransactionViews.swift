import EventLog
import KafkaProtocol
import System

/// DescribeProducers, DescribeTransactions and ListTransactions (KIP-664, KIP-994).
extension RequestHandler {
    func describeProducers(_ request: DescribeProducersRequest) async throws -> DescribeProducersResponse {
        let logs = request.topics.flatMap { topic in
            topic.partitionIndexes.compactMap { core.store.partition(topic.name, $0) }
        }
        try await core.open(logs.filter { !$0.isOpen })
        return DescribeProducersResponse(
            topics: request.topics.map { topic in
                let isPermitted = isAllowed(.read, .topic, topic.name)
                return .init(
                    name: topic.name,
                    partitions: topic.partitionIndexes.map { index in
                        guard isPermitted else {
                            return .init(
                                partitionIndex: index,
                                errorCode: ErrorCode.topicAuthorizationFailed.rawValue
                            )
                        }
                        guard let log = core.store.partition(topic.name, index) else {
                            return .init(partitionIndex: index, errorCode: ErrorCode.unknownTopicOrPartition.rawValue)
                        }
                        do throws(LogError) {
                            let producers = try log.activeProducers().map(Self.described)
                            return .init(partitionIndex: index, activeProducers: producers)
                        } catch {
                            return .init(partitionIndex: index, errorCode: ErrorCode(error).rawValue)
                        }
                    }
                )
            }
        )
    }

    private static func described(_ producer: ActiveProducer) -> DescribeProducersResponse.ProducerState {
        .init(
            producerID: producer.id,
            producerEpoch: Int32(producer.epoch),
            lastSequence: producer.lastSequence,
            lastTimestamp: producer.lastTimestamp,
            coordinatorEpoch: producer.transactionStart == nil ? -1 : 0,
            currentTxnStartOffset: producer.transactionStart ?? -1
        )
    }

    func describeTransactions(_ request: DescribeTransactionsRequest) -> DescribeTransactionsResponse {
        DescribeTransactionsResponse(
            transactionStates: request.transactionalIDs.map { id in
                guard isAllowed(.describe, .transactionalID, id) else {
                    let error = ErrorCode.transactionalIDAuthorizationFailed
                    return .init(errorCode: error.rawValue, transactionalID: id)
                }
                guard let transaction = core.transactions.transaction(id) else {
                    return .init(errorCode: ErrorCode.transactionalIDNotFound.rawValue, transactionalID: id)
                }
                // What the client may not see is left out.
                let topics = Dictionary(grouping: transaction.partitions, by: \.topic).filter {
                    isAllowed(.describe, .topic, $0.key)
                }
                return .init(
                    transactionalID: id,
                    transactionState: transaction.status.name,
                    transactionTimeoutMs: transaction.timeout,
                    transactionStartTimeMs: transaction.started,
                    producerID: transaction.producer.id,
                    producerEpoch: transaction.producer.epoch,
                    topics: topics.sorted { $0.key < $1.key }.map {
                        .init(topic: $0.key, partitions: $0.value.map(\.partition).sorted())
                    }
                )
            }
        )
    }

    func listTransactions(_ request: ListTransactionsRequest) -> ListTransactionsResponse {
        let known = Set(Transaction.Status.allCases.map(\.name))
        let (states, producers) = (Set(request.stateFilters), Set(request.producerIDFilters))
        let now = WallClock.system.now.milliseconds
        var pattern: RegularExpression?
        if let text = request.transactionalIDPattern, !text.isEmpty {
            do throws(RegularExpression.Failure) {
                pattern = try RegularExpression(text)
            } catch {
                return ListTransactionsResponse(errorCode: ErrorCode.invalidRegularExpression.rawValue)
            }
        }
        let transactions = core.transactions.all.filter { transaction in
            let isLongEnough =
                request.durationFilter < 0
                || transaction.started >= 0 && now - transaction.started > request.durationFilter
            return (states.isEmpty || states.contains(transaction.status.name))
                && (producers.isEmpty || producers.contains(transaction.producer.id)) && isLongEnough
                && pattern?.matches(transaction.id) ?? true
                && isAllowed(.describe, .transactionalID, transaction.id)
        }
        return ListTransactionsResponse(
            unknownStateFilters: request.stateFilters.filter { !known.contains($0) },
            transactionStates: transactions.sorted { $0.id < $1.id }.map {
                .init(transactionalID: $0.id, producerID: $0.producer.id, transactionState: $0.status.name)
            }
        )
    }
}
