import EventLog
import KafkaProtocol
import Reactor
import System

/// InitProducerId and the calls of transactional producers.
extension RequestHandler {
    /// The first versions whose clients know PRODUCER_FENCED (KIP-588); others are told of the epoch.
    private static let firstVersionWithFenced: [APIKey: Int16] = [
        .initProducerID: 4, .addPartitionsToTxn: 2, .addOffsetsToTxn: 2, .endTxn: 2,
    ]

    func dispatchTransactions(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .initProducerID:
            ready(call, await initProducerID(call, try decode(call, &reader, InitProducerIDRequest.init)).encode)
        case .addPartitionsToTxn:
            ready(call, await addPartitions(call, try decode(call, &reader, AddPartitionsToTxnRequest.init)).encode)
        case .addOffsetsToTxn:
            ready(call, await addOffsets(call, try decode(call, &reader, AddOffsetsToTxnRequest.init)).encode)
        case .endTxn: ready(call, await endTxn(call, try decode(call, &reader, EndTxnRequest.init)).encode)
        case .txnOffsetCommit:
            ready(call, await txnOffsetCommit(try decode(call, &reader, TxnOffsetCommitRequest.init)).encode)
        case .describeProducers:
            ready(call, try await describeProducers(decode(call, &reader, DescribeProducersRequest.init)).encode)
        case .describeTransactions:
            ready(call, describeTransactions(try decode(call, &reader, DescribeTransactionsRequest.init)).encode)
        default: ready(call, listTransactions(try decode(call, &reader, ListTransactionsRequest.init)).encode)
        }
    }

    /// Runs a step of a transaction and returns its error code in the words of the client's version.
    private func outcome(_ call: Call, of id: String, _ body: () async throws -> Void) async -> ErrorCode {
        guard isAllowed(.write, .transactionalID, id) else { return .transactionalIDAuthorizationFailed }
        do {
            try await body()
            return .none
        } catch {
            let code = ErrorCode(any: error)
            let knowsFenced = call.header.apiVersion >= Self.firstVersionWithFenced[call.key, default: 0]
            return code == .producerFenced && !knowsFenced ? .invalidProducerEpoch : code
        }
    }

    private func initProducerID(_ call: Call, _ request: InitProducerIDRequest) async -> InitProducerIDResponse {
        guard let id = request.transactionalID else {
            // A client that goes on after an error asks for a new epoch of its own id; a fresh id does as well (KIP-360).
            return InitProducerIDResponse(producerID: core.producerIDs.next(), producerEpoch: 0)
        }
        let expected = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        var response = InitProducerIDResponse(producerEpoch: -1)
        response.errorCode = await outcome(call, of: id) {
            let producer = try await core.transactions.initialize(
                id,
                expected: expected.id >= 0 ? expected : nil,
                timeout: request.transactionTimeoutMs
            )
            response.producerID = producer.id
            response.producerEpoch = producer.epoch
        }.rawValue
        return response
    }

    private func addPartitions(_ call: Call, _ request: AddPartitionsToTxnRequest) async -> AddPartitionsToTxnResponse {
        var refused: [TopicPartition: ErrorCode] = [:]
        var added: Set<TopicPartition> = []
        for topic in request.topics {
            let isPermitted = isAllowed(.write, .topic, topic.name) && !InternalTopic.isOne(topic.name)
            for index in topic.partitions {
                let place = TopicPartition(topic: topic.name, partition: index)
                if !isPermitted {
                    refused[place] = .topicAuthorizationFailed
                } else if core.store.partition(topic.name, index) == nil {
                    refused[place] = .unknownTopicOrPartition
                } else {
                    added.insert(place)
                }
            }
        }
        // All or none: what is not refused itself is not tried.
        let error: ErrorCode =
            if refused.isEmpty {
                await outcome(call, of: request.transactionalID) {
                    try await core.transactions.add(added, to: request.transactionalID, by: request.producer)
                }
            } else { .operationNotAttempted }
        return AddPartitionsToTxnResponse(
            resultsByTopic: request.topics.map { topic in
                .init(
                    name: topic.name,
                    resultsByPartition: topic.partitions.map { index in
                        let place = TopicPartition(topic: topic.name, partition: index)
                        return .init(partitionIndex: index, partitionErrorCode: (refused[place] ?? error).rawValue)
                    }
                )
            }
        )
    }

    private func addOffsets(_ call: Call, _ request: AddOffsetsToTxnRequest) async -> AddOffsetsToTxnResponse {
        let error = await outcome(call, of: request.transactionalID) {
            guard isAllowed(.read, .group, request.groupID) else { throw ErrorCode.groupAuthorizationFailed }
            let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
            try await core.transactions.add([GroupCoordinator.partition], to: request.transactionalID, by: producer)
        }
        return AddOffsetsToTxnResponse(errorCode: error.rawValue)
    }

    private func endTxn(_ call: Call, _ request: EndTxnRequest) async -> EndTxnResponse {
        let error = await outcome(call, of: request.transactionalID) {
            let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
            try await core.transactions.end(request.transactionalID, by: producer, commits: request.committed)
        }
        return EndTxnResponse(errorCode: error.rawValue)
    }

    private func txnOffsetCommit(_ request: TxnOffsetCommitRequest) async -> TxnOffsetCommitResponse {
        var commits = OffsetCommits(group: request.groupID)
        for topic in request.topics {
            for partition in topic.partitions {
                add(
                    topic.name,
                    partition.partitionIndex,
                    partition.committedOffset,
                    partition.committedLeaderEpoch,
                    partition.committedMetadata,
                    to: &commits
                )
            }
        }
        var error = ErrorCode.none
        do {
            try await storePending(commits.records, request)
        } catch let failure {
            error = ErrorCode(any: failure)
        }
        return TxnOffsetCommitResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        let code = commits.code(topic.name, $0.partitionIndex, otherwise: error)
                        return .init(partitionIndex: $0.partitionIndex, errorCode: code)
                    }
                )
            }
        )
    }

    private func storePending(_ records: [OffsetRecord], _ request: TxnOffsetCommitRequest) async throws {
        guard isAllowed(.write, .transactionalID, request.transactionalID) else {
            throw ErrorCode.transactionalIDAuthorizationFailed
        }
        guard !records.isEmpty else { return }
        let error = core.groups.checkTransactionalCommit(
            request.groupID,
            member: request.memberID,
            instance: request.groupInstanceID,
            generation: request.generationID
        )
        guard error == .none else { throw error }
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        let waiter = Waiter<ErrorCode>()
        try core.transactions.append(to: GroupCoordinator.partition, in: request.transactionalID, by: producer) {
            () throws(LogError) in
            try core.groups.appendPending(records, by: producer, waiter)
        }
        let stored = try await waiter.wait()
        guard stored == .none else { throw stored }
    }
}

extension AddPartitionsToTxnRequest {
    /// Who asks.
    var producer: ProducerIdentity { ProducerIdentity(id: producerID, epoch: producerEpoch) }
}
