import KafkaProtocol
import Reactor
import System
import Telemetry

/// What the clients' quotas make of requests: time is counted for all of them, bytes for produce and fetch, partitions
/// for changes of topics.
extension RequestHandler {
    /// Counts against a quota of the client; what is owed delays the request at hand.
    func charge(_ kind: QuotaKind, _ amount: Double) {
        guard core.quotas.isActive, amount > 0 else { return }
        owe(kind, amount)
    }

    func chargeProduce(_ request: ProduceRequest) {
        guard core.quotas.isActive else { return }
        var bytes = 0
        for topic in request.topicData {
            for partition in topic.partitionData { bytes += partition.records?.count ?? 0 }
        }
        charge(.produceRate, Double(bytes))
    }

    /// Whether the client has fetched so much that it gets nothing now.
    func owesForFetches() -> Bool {
        guard core.quotas.isActive else { return false }
        return owe(.fetchRate, 0) > 0
    }

    /// Most bytes of one fetch: what the client's quota allows at once.
    var fetchLimit: Int {
        let rate = core.quotas.rate(.fetchRate, user: session.principal.name, clientID: session.clientID)
        return rate.map { max(1, Int(min($0 * QuotaManager.burstSeconds, Double(Limit.fetchBytes)))) } ?? .max
    }

    /// Ends the account of a request: returns the milliseconds to be told in its answer, for which the connection is not
    /// read afterwards.
    func settle(_ call: Call) -> Int32 {
        let busy = session.clock.busy
        switch call.key {
        case .produce: break
        case .fetch: core.traffic.fetchDuration.observe(Double(busy) / 1e9)
        default: core.traffic.otherDuration.observe(Double(busy) / 1e9)
        }
        guard core.quotas.isActive else { return 0 }
        // A hundred percent is all the time of one thread.
        owe(.requestPercentage, Double(busy) / 1e9 * 100)
        defer { session.owed = 0 }
        session.pause = session.owed
        return session.owed
    }

    @discardableResult
    private func owe(_ kind: QuotaKind, _ amount: Double) -> Int32 {
        let owed = core.quotas.charge(
            kind,
            amount,
            user: session.principal.name,
            clientID: session.clientID,
            now: MonotonicClock.nanoseconds
        )
        if owed > 0 { core.traffic.throttled(kind) }
        session.owed = max(session.owed, owed)
        return owed
    }
}

extension BrokerCore {
    /// Serves a connection when there is a place for it; else closes it, counted and logged.
    func admit(_ connection: Connection, _ serve: () async -> Void) async {
        let address = connection.remoteAddress.host
        let isTooFast = quotas.refusesConnection(from: address, now: MonotonicClock.nanoseconds)
        if let refusal = isTooFast ? .rate : connections.admit(address) {
            traffic.refused(refusal)
            logger.info(
                "connection closed: too many",
                metadata: ["client": .string(address), "limit": .string(refusal.rawValue)]
            )
            return
        }
        defer { connections.release(address) }
        await serve()
    }
}
