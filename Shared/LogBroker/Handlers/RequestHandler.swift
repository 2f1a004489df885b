import EventLog
import KafkaProtocol
import Reactor

/// Decodes requests of one connection and answers them; the families of calls are in extensions, one file each.
struct RequestHandler {
    let core: BrokerCore
    let session: Session
    let loop: EventLoop

    /// Answers a frame; nil closes the connection after what was answered before. Produce requests return before they
    /// are durable, all others when their answer is known.
    func handle(_ frame: [UInt8]) async throws -> PendingResponse? {
        if session.usesBareTokens, session.exchange != nil { return try bareToken(frame) }
        var reader = WireReader(frame)
        let header = try decode(.apiVersions) { () throws(WireError) in try RequestHeader(from: &reader) }
        guard let key = APIKey(rawValue: header.apiKey) else { throw RequestError.unknownAPI(header.apiKey) }
        let call = Call(key: key, header: header)
        session.clientID = header.clientID ?? ""
        if key == .apiVersions { return try apiVersions(call, &reader) }
        let isOldProduce = key == .produce && (0..<key.versions.lowerBound).contains(header.apiVersion)
        guard key.versions.contains(header.apiVersion) || isOldProduce else {
            throw RequestError.unsupportedVersion(key, header.apiVersion)
        }
        if key != .saslHandshake, key != .saslAuthenticate {
            guard session.mayProceed else { throw RequestError.notAuthenticated }
            guard !session.hasExpired else { throw RequestError.sessionExpired }
        }
        session.call = key.rawValue
        if isOldProduce { return try refuseOldProduce(call, &reader) }
        return try await dispatch(call, &reader)
    }

    private func dispatch(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse? {
        switch call.key {
        case .produce: try await produce(call, decode(call, &reader, ProduceRequest.init))
        case .fetch: ready(call, try await fetch(call, decode(call, &reader, FetchRequest.init)).encode)
        case .listOffsets:
            ready(call, try await listOffsets(call, decode(call, &reader, ListOffsetsRequest.init)).encode)
        case .metadata: ready(call, try await metadata(call, decode(call, &reader, MetadataRequest.init)).encode)
        case .offsetForLeaderEpoch:
            ready(call, try await offsetForLeaderEpoch(decode(call, &reader, OffsetForLeaderEpochRequest.init)).encode)
        case .describeCluster:
            ready(call, describeCluster(try decode(call, &reader, DescribeClusterRequest.init)).encode)
        case .saslHandshake:
            ready(call, saslHandshake(call, try decode(call, &reader, SaslHandshakeRequest.init)).encode)
        case .saslAuthenticate:
            ready(call, saslAuthenticate(try decode(call, &reader, SaslAuthenticateRequest.init)).encode)
        case .createTopics, .deleteTopics, .createPartitions, .deleteRecords:
            try await dispatchTopics(call, &reader)
        case .describeConfigs, .alterConfigs, .incrementalAlterConfigs:
            try await dispatchConfigs(call, &reader)
        case .describeAcls, .createAcls, .deleteAcls: try await dispatchAccess(call, &reader)
        case .describeClientQuotas, .alterClientQuotas: try await dispatchQuotas(call, &reader)
        case .describeUserScramCredentials, .alterUserScramCredentials: try await dispatchCredentials(call, &reader)
        case .electLeaders, .alterPartitionReassignments, .listPartitionReassignments, .describeQuorum,
            .describeLogDirs, .alterReplicaLogDirs:
            try await dispatchReplicas(call, &reader)
        case .describeTopicPartitions:
            ready(call, describeTopicPartitions(try decode(call, &reader, DescribeTopicPartitionsRequest.init)).encode)
        case .listConfigResources:
            ready(call, listConfigResources(call, try decode(call, &reader, ListConfigResourcesRequest.init)).encode)
        case .findCoordinator, .joinGroup, .syncGroup, .heartbeat, .leaveGroup, .offsetCommit, .offsetFetch,
            .offsetDelete, .describeGroups, .listGroups, .deleteGroups, .consumerGroupHeartbeat, .consumerGroupDescribe:
            try await dispatchGroups(call, &reader)
        case .initProducerID, .addPartitionsToTxn, .addOffsetsToTxn, .endTxn, .txnOffsetCommit, .describeProducers,
            .describeTransactions, .listTransactions:
            try await dispatchTransactions(call, &reader)
        case .apiVersions: try apiVersions(call, &reader)
        }
    }

    /// Decodes a body; what cannot be decoded closes the connection, as with Apache Kafka.
    func decode<Body>(
        _ call: Call,
        _ reader: inout WireReader,
        _ body: (inout WireReader) throws(WireError) -> Body
    ) throws -> Body {
        do throws(WireError) {
            return try body(&reader)
        } catch {
            throw RequestError.malformed(call.key, error)
        }
    }

    private func decode<Body>(_ key: APIKey, _ body: () throws(WireError) -> Body) throws -> Body {
        do throws(WireError) {
            return try body()
        } catch {
            throw RequestError.malformed(key, error)
        }
    }

    /// A response that is known already.
    func ready(_ call: Call, _ encode: (inout WireWriter) -> Void) -> PendingResponse {
        let throttle = settle(call)
        let slices = call.response(throttle: throttle, encode)
        return { slices }
    }

    /// The name of the topic with this id; nil for an id that is not known.
    func topicName(_ id: TopicID) -> String? { id.identifier.flatMap { core.store.topic(id: $0)?.name } }

    /// Whether the client may do this; one of the checks that ``AccessTable`` has for the call.
    func isAllowed(_ operation: AccessOperation, _ type: ResourceType, _ name: String) -> Bool {
        assert(AccessTable.has(session.call, operation, type), "\(session.call): \(operation) \(type) is not its check")
        return core.access.allows(session, operation, type, name)
    }

    /// Whether a rule of the cluster lets the client do this to every topic or group; the absence of such rules does not: the
    /// rules of a single one would say nothing then.
    func isGrantedByCluster(_ operation: AccessOperation) -> Bool {
        assert(AccessTable.has(session.call, operation, .cluster), "\(session.call): \(operation) is not its check")
        let name = AccessControl.clusterName
        return core.access.allows(session.principal, session.clientHost, operation, .cluster, name, isTrusted: false)
    }
}

/// One request's frame around its body.
struct Call: Sendable {
    let key: APIKey
    let header: RequestHeader

    /// Whether the request gives ids of topics where earlier versions gave names (KIP-516).
    var namesTopicsByID: Bool { (key == .fetch || key == .produce) && header.apiVersion >= 13 }

    /// The response's frame, in pieces.
    func response(throttle: Int32 = 0, _ encode: (inout WireWriter) -> Void) -> [ArraySlice<UInt8>] {
        response(version: header.apiVersion, throttle: throttle, encode)
    }

    /// `throttle`, in milliseconds, replaces what the response says, where it says that first.
    func response(
        version: Int16,
        throttle: Int32 = 0,
        _ encode: (inout WireWriter) -> Void
    ) -> [ArraySlice<UInt8>] {
        var writer = WireWriter()
        let length = writer.reserveInt32()
        ResponseHeader.encode(key, version: version, correlationID: header.correlationID, to: &writer)
        let body = writer.count
        encode(&writer)
        if throttle > 0, let first = key.firstVersionThatTellsThrottle, version >= first {
            writer.patch(throttle, at: body)
        }
        writer.patch(Int32(truncatingIfNeeded: writer.count - 4), at: length)
        return writer.slices
    }
}
