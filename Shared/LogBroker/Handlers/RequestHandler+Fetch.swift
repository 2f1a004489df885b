import EventLog
import KafkaProtocol
import Reactor
import Telemetry

extension RequestHandler {
    /// Reads what is there; when that is less than the client wants, waits until something becomes durable, without
    /// polling. Fetch sessions are not kept: session id 0 says so, and every fetch is a full one.
    func fetch(_ call: Call, _ request: FetchRequest) async throws -> FetchResponse {
        guard request.sessionID == 0 else {
            return FetchResponse(errorCode: ErrorCode.fetchSessionIDNotFound.rawValue)
        }
        // Who owes too much gets no records until then.
        guard !owesForFetches() else { return FetchResponse() }
        var request = request
        if call.namesTopicsByID {
            for index in request.topics.indices {
                request.topics[index].topic = topicName(request.topics[index].topicID) ?? ""
            }
        }
        try await core.open(logs(request).filter { !$0.isKnown })
        let wait = min(max(request.maxWaitMs, 0), Limit.fetchWait)
        let deadline = loop.deadline(after: .milliseconds(wait))
        while true {
            // Noted before the read, so that what becomes durable in between is not slept through.
            let ends = wait > 0 ? logs(request).map { ($0, $0.bounds.durableEnd) } : []
            let result = try await read(call, request)
            let isEnough = result.byteCount >= max(1, Int(request.minBytes)) || result.hasError
            if wait == 0 || request.minBytes <= 0 || isEnough || ends.isEmpty || core.isStopping {
                return finished(result)
            }
            guard try await waitForMore(ends, until: deadline) else { return finished(try await read(call, request)) }
        }
    }

    private func finished(_ result: FetchResult) -> FetchResponse {
        core.metrics.fetchedBytes.increment(by: UInt64(result.byteCount))
        charge(.fetchRate, Double(result.byteCount))
        return FetchResponse(responses: result.topics)
    }

    private struct FetchResult {
        var topics: [FetchResponse.FetchableTopicResponse] = []
        var byteCount = 0
        var hasError = false
    }

    private func logs(_ request: FetchRequest) -> [PartitionLog] {
        request.topics.flatMap { topic in
            topic.partitions.compactMap { core.store.partition(topic.topic, $0.partition) }
        }
    }

    /// Waits until a partition grows; false when the time is over.
    private func waitForMore(
        _ ends: [(log: PartitionLog, end: Int64)],
        until deadline: Deadline
    ) async throws -> Bool {
        let waiter = Waiter<Void>()
        let ids = ends.map { log, end in
            (log, log.whenDurable(upTo: end + 1) { _ in waiter.resume(.success(())) })
        }
        defer {
            for case (let log, let id?) in ids { log.cancel(id) }
        }
        do {
            try await RequestClock.waiting { try await loop.wait(for: waiter, until: deadline) }
            return true
        } catch is DeadlineExceeded {
            return false
        }
    }

    private func read(_ call: Call, _ request: FetchRequest) async throws -> FetchResult {
        var result = FetchResult()
        let total = min(Int(min(request.maxBytes, Limit.fetchBytes)), fetchLimit)
        for topic in request.topics {
            let isPermitted = isAllowed(.read, .topic, topic.topic)
            var partitions: [FetchResponse.PartitionData] = []
            for partition in topic.partitions {
                let budget = min(Int(partition.partitionMaxBytes), total - result.byteCount)
                var data = FetchResponse.PartitionData(
                    partitionIndex: partition.partition,
                    highWatermark: -1,
                    abortedTransactions: request.isolationLevel == 1 ? [] : nil
                )
                do {
                    let isUnknown = call.namesTopicsByID && topic.topic.isEmpty
                    guard !isUnknown else { throw ErrorCode.unknownTopicID }
                    guard isPermitted else { throw ErrorCode.topicAuthorizationFailed }
                    let isCommitted = request.isolationLevel == 1
                    // One batch is always given, the only one then: a client with small limits must get on.
                    let isFirst = result.byteCount == 0
                    try await read(partition, topic.topic, isFirst ? max(budget, 1) : budget, isCommitted, into: &data)
                    if !isFirst, data.size > budget { data.records = [] }
                } catch {
                    data = .init(partition.partition, error: ErrorCode(any: error))
                    result.hasError = true
                }
                result.byteCount += data.size
                partitions.append(data)
            }
            result.topics.append(.init(topic: topic.topic, topicID: topic.topicID, partitions: partitions))
        }
        return result
    }

    private func read(
        _ partition: FetchRequest.FetchPartition,
        _ topic: String,
        _ budget: Int,
        _ isCommitted: Bool,
        into data: inout FetchResponse.PartitionData
    ) async throws {
        guard let log = core.store.partition(topic, partition.partition) else {
            throw ErrorCode.unknownTopicOrPartition
        }
        try checkEpoch(partition.currentLeaderEpoch, log)
        let bounds = log.bounds
        data.highWatermark = bounds.durableEnd
        data.lastStableOffset = bounds.stableEnd
        data.logStartOffset = bounds.start
        let offset = partition.fetchOffset
        guard offset >= bounds.start, offset <= bounds.durableEnd else { throw ErrorCode.offsetOutOfRange }
        guard budget > 0 else { return }
        let records: FetchedRecords
        if let recent = try log.read(from: offset, maxBytes: budget, committedOnly: isCommitted) {
            records = recent
        } else {
            records = try await core.onReadThread {
                try log.readBlocking(from: offset, maxBytes: budget, committedOnly: isCommitted)
            }
        }
        data.records = records.chunks
        if isCommitted, !records.chunks.isEmpty {
            // Up to what was read, which may be more than was stable before.
            data.abortedTransactions = log.abortedTransactions(in: offset..<max(offset + 1, records.nextOffset)).map {
                .init(producerID: $0.producerID, firstOffset: $0.firstOffset)
            }
        }
    }

    /// A client that knows an older or newer epoch than this start's asks for metadata first (KIP-320).
    func checkEpoch(_ epoch: Int32, _ log: PartitionLog) throws {
        guard epoch >= 0 else { return }
        if epoch < log.leaderEpoch { throw ErrorCode.fencedLeaderEpoch }
        if epoch > log.leaderEpoch { throw ErrorCode.unknownLeaderEpoch }
    }
}

extension FetchResponse.PartitionData {
    /// Of a partition that cannot be read nothing is told but why; there is no list of aborted transactions when it is
    /// the place that is wrong.
    fileprivate init(_ partition: Int32, error: ErrorCode) {
        let isRead = error == .offsetOutOfRange || error == .fencedLeaderEpoch || error == .unknownLeaderEpoch
        self.init(
            partitionIndex: partition,
            errorCode: error.rawValue,
            highWatermark: -1,
            abortedTransactions: isRead ? nil : []
        )
    }

    /// Bytes of records.
    fileprivate var size: Int { records.reduce(0) { $0 + $1.count } }
}
