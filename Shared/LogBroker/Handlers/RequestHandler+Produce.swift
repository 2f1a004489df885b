import EventLog
import KafkaProtocol
import Reactor
import Synchronization
import System
import Telemetry

extension RequestHandler {
    /// Appends at once, on the connection's loop, and answers when all of it is durable; acks=0 is not answered.
    func produce(_ call: Call, _ request: ProduceRequest) async throws -> PendingResponse {
        guard request.acks == -1 || request.acks == 0 || request.acks == 1 else {
            return ready(call, rejected(request, .invalidRequiredAcks).encode)
        }
        if let id = request.transactionalID, !isAllowed(.write, .transactionalID, id) {
            return ready(call, rejected(request, .transactionalIDAuthorizationFailed).encode)
        }
        try await core.open(closedLogs(call, request))
        let completion = ProduceCompletion()
        let began = session.clock.beginning
        var response = ProduceResponse()
        for topic in request.topicData {
            let name = call.namesTopicsByID ? topicName(topic.topicID) : topic.name
            let refusal: ErrorCode? =
                switch name {
                case nil: .unknownTopicID
                case let name?: isAllowed(.write, .topic, name) ? nil : .topicAuthorizationFailed
                }
            var results = ProduceResponse.TopicProduceResponse(name: topic.name, topicID: topic.topicID)
            for partition in topic.partitionData {
                let position = (response.responses.count, results.partitionResponses.count)
                results.partitionResponses.append(
                    refusal.map { .init(index: partition.index, errorCode: $0.rawValue, baseOffset: -1) }
                        ?? append(partition, topic: name ?? "", request.transactionalID, position, completion)
                )
            }
            response.responses.append(results)
        }
        chargeProduce(request)
        response.throttleTimeMs = settle(call)
        if request.acks == 0 { return { nil } }
        completion.close()
        let (answer, traffic) = (response, core.traffic)
        return {
            try await completion.wait()
            traffic.produceDuration.observe(Double(MonotonicClock.nanoseconds - began) / 1e9)
            var answer = answer
            for (position, error) in completion.failures {
                answer.responses[position.0].partitionResponses[position.1].errorCode = error.rawValue
                answer.responses[position.0].partitionResponses[position.1].baseOffset = -1
            }
            return call.response(answer.encode)
        }
    }

    private func closedLogs(_ call: Call, _ request: ProduceRequest) -> [PartitionLog] {
        request.topicData.flatMap { topic in
            let name = call.namesTopicsByID ? topicName(topic.topicID) ?? "" : topic.name
            return topic.partitionData.compactMap { partition in
                core.store.partition(name, partition.index).flatMap { $0.isOpen ? nil : $0 }
            }
        }
    }

    private func append(
        _ partition: ProduceRequest.PartitionProduceData,
        topic: String,
        _ transactionalID: String?,
        _ position: (Int, Int),
        _ completion: ProduceCompletion
    ) -> ProduceResponse.PartitionProduceResponse {
        var result = ProduceResponse.PartitionProduceResponse(index: partition.index, baseOffset: -1)
        guard let log = core.store.partition(topic, partition.index), !InternalTopic.isOne(topic) else {
            let isInternal = InternalTopic.isOne(topic)
            result.errorCode = (isInternal ? ErrorCode.invalidTopic : .unknownTopicOrPartition).rawValue
            return result
        }
        do {
            guard let records = partition.records else { throw LogError.corruptBatch }
            let appended = try append(records, to: log, transactionalID)
            core.metrics.producedBytes.increment(by: UInt64(records.count))
            result.baseOffset = appended.baseOffset
            result.logAppendTimeMs = appended.logAppendTime
            result.logStartOffset = appended.logStartOffset
            completion.expect()
            log.whenDurable(appended) { completion.arrived(position, $0) }
        } catch {
            result.refuse(error, logStart: log.bounds.start)
        }
        return result
    }

    /// A transaction's batch is stored only while the transaction is open and has the partition.
    private func append(
        _ records: ArraySlice<UInt8>,
        to log: PartitionLog,
        _ transactionalID: String?
    ) throws -> PartitionLog.Appended {
        guard let header = try? RecordBatchHeader(records.span), header.attributes.contains(.transactional) else {
            return try log.append(Array(records))
        }
        guard let transactionalID else { throw ErrorCode.transactionalIDAuthorizationFailed }
        return try core.transactions.append(
            to: TopicPartition(topic: log.topic, partition: log.index),
            in: transactionalID,
            by: ProducerIdentity(id: header.producerID, epoch: header.producerEpoch)
        ) { () throws(LogError) in
            try log.append(Array(records))
        }
    }

    /// Versions before 3 are advertised for the sake of clients that look at version 0 to find out about compression, and
    /// refused in their own form (KAFKA-18659).
    func refuseOldProduce(_ call: Call, _ reader: inout WireReader) throws -> PendingResponse {
        let request = try decode(call, &reader, ProduceRequest.init)
        guard request.acks != 0 else { throw RequestError.unsupportedVersion(call.key, call.header.apiVersion) }
        return ready(call, rejected(request, .unsupportedVersion).encode)
    }

    private func rejected(_ request: ProduceRequest, _ error: ErrorCode) -> ProduceResponse {
        ProduceResponse(
            responses: request.topicData.map { topic in
                .init(
                    name: topic.name,
                    topicID: topic.topicID,
                    partitionResponses: topic.partitionData.map {
                        .init(index: $0.index, errorCode: error.rawValue, baseOffset: -1)
                    }
                )
            }
        )
    }
}

/// Counts the partitions of a produce request that are not durable yet. Any thread.
final class ProduceCompletion: Sendable {
    private struct State {
        // One for the request itself, until all its partitions are appended.
        var outstanding = 1
        var failures: [(position: (Int, Int), error: ErrorCode)] = []
    }

    private let state = Mutex(State())
    private let done = Waiter<Void>()

    func expect() { state.withLock { $0.outstanding += 1 } }

    func arrived(_ position: (Int, Int), _ result: Result<Int64, LogError>) {
        if case .failure(let error) = result {
            state.withLock { $0.failures.append((position, ErrorCode(error))) }
        }
        close()
    }

    /// One fewer to wait for.
    func close() {
        let isDone = state.withLock { state in
            state.outstanding -= 1
            return state.outstanding == 0
        }
        if isDone { done.resume(.success(())) }
    }

    func wait() async throws { try await done.wait() }

    var failures: [(position: (Int, Int), error: ErrorCode)] { state.withLock { $0.failures } }
}
