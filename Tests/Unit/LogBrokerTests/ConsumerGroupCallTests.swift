import KafkaProtocol
import LogBroker
import TestSupport
import Testing

/// The calls of groups whose assignments the broker makes, on the wire.
struct ConsumerGroupCallTests {
    private func beat(
        _ broker: TestBroker,
        _ member: String,
        _ epoch: Int32,
        version: Int16 = 1,
        asAdmin: Bool = true,
        topics: [String]? = nil,
        expression: String? = nil
    ) async throws -> ConsumerGroupHeartbeatResponse {
        let joins = epoch == 0
        let request = ConsumerGroupHeartbeatRequest(
            groupID: "g",
            memberID: member,
            memberEpoch: epoch,
            rebalanceTimeoutMs: joins ? 5000 : -1,
            subscribedTopicNames: topics,
            subscribedTopicRegex: expression,
            topicPartitions: joins ? [] : nil
        )
        return try await broker.call(.consumerGroupHeartbeat, version, asAdmin: asAdmin, request.encode) {
            (reader: inout WireReader) throws(WireError) in
            try ConsumerGroupHeartbeatResponse(from: &reader)
        }
    }

    private func describe(_ broker: TestBroker, asAdmin: Bool = true) async throws
        -> ConsumerGroupDescribeResponse.DescribedGroup
    {
        let request = ConsumerGroupDescribeRequest(groupIDs: ["g"], includeAuthorizedOperations: true)
        let response = try await broker.call(.consumerGroupDescribe, 1, asAdmin: asAdmin, request.encode) {
            (reader: inout WireReader) throws(WireError) in
            try ConsumerGroupDescribeResponse(from: &reader)
        }
        return try #require(response.groups.first)
    }

    private func commit(_ broker: TestBroker, _ member: String, _ epoch: Int32, at offset: Int64) async throws
        -> ErrorCode
    {
        let partition = OffsetCommitRequest.OffsetCommitRequestPartition(committedOffset: offset, committedMetadata: "")
        let request = OffsetCommitRequest(
            groupID: "g",
            generationIDOrMemberEpoch: epoch,
            memberID: member,
            topics: [.init(name: "t", partitions: [partition])]
        )
        let response = try await broker.call(.offsetCommit, 9, request.encode) {
            (reader: inout WireReader) throws(WireError) in
            try OffsetCommitResponse(from: &reader)
        }
        return ErrorCode(rawValue: response.topics[0].partitions[0].errorCode)
    }

    @Test func `after a restart members go on with their epochs and what they read`() async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestBroker.configuration(directory)
        configuration.users = ["admin": BrokerUser(password: "s")]
        configuration.superUsers = ["User:admin"]
        var broker = try await TestBroker(configuration)
        #expect(try await broker.createTopic("t", partitions: 3) == .none)
        #expect(try await beat(broker, "a", 0, topics: ["t"]).memberEpoch == 1)
        #expect(try await beat(broker, "b", 0, topics: ["t"]).memberEpoch == 2)
        #expect(try await commit(broker, "a", 1, at: 5) == .none)
        let before = try await describe(broker)
        try await broker.stop()
        broker = try await TestBroker(configuration)
        #expect(try await describe(broker) == before)
        #expect(try await beat(broker, "a", 1).memberEpoch == 1)
        #expect(try await beat(broker, "b", 2).errorCode == 0)
        #expect(try await commit(broker, "a", 1, at: 6) == .none)
        #expect(try await commit(broker, "b", 1, at: 7) == .staleMemberEpoch)
        #expect(try await beat(broker, "a", -1).memberEpoch == -1)
        #expect(try await beat(broker, "b", -1).memberEpoch == -1)
        try await broker.stop()
        broker = try await TestBroker(configuration)
        #expect(try await describe(broker).groupState == "Empty")
        #expect(try await beat(broker, "b", 2).errorCode == ErrorCode.unknownMemberID.rawValue)
        try await broker.stop()
    }

    @Test func `a member sees only topics that it may describe`() async throws {
        try await TestBroker.with { configuration in
            configuration.accessRules = [
                AccessRule(.topic, "t.secret", principal: "User:admin", operation: .read),
                AccessRule(.topic, "t.open", principal: "User:ANONYMOUS", operation: .describe),
            ]
        } _: { broker in
            for topic in ["t.secret", "t.open"] { #expect(try await broker.createTopic(topic) == .none) }
            let named = try await beat(broker, "a", 0, asAdmin: false, topics: ["t.open", "t.secret"])
            #expect(named.errorCode == ErrorCode.topicAuthorizationFailed.rawValue)
            let matched = try await beat(broker, "a", 0, asAdmin: false, expression: "t\\..*")
            #expect(matched.assignment?.topicPartitions.count == 1)
            #expect(try await describe(broker).members[0].assignment.topicPartitions.map(\.topicName) == ["t.open"])
            _ = try await beat(broker, "b", 0, topics: ["t.secret"])
            #expect(try await describe(broker, asAdmin: false).errorCode == ErrorCode.topicAuthorizationFailed.rawValue)
            #expect(try await describe(broker).members.count == 2)
        }
    }

    @Test func `a client of version 0 is given an id, and settings hold for the next heartbeat`() async throws {
        try await TestBroker.with { broker in
            #expect(try await broker.createTopic("t") == .none)
            let joined = try await beat(broker, "", 0, version: 0, topics: ["t"])
            let id = try #require(joined.memberID)
            #expect(!id.isEmpty && joined.heartbeatIntervalMs == 5000)
            let change = IncrementalAlterConfigsRequest.AlterableConfig(
                name: "group.consumer.heartbeat.interval.ms",
                value: "700"
            )
            let request = IncrementalAlterConfigsRequest(
                resources: [.init(resourceType: 4, resourceName: "1", configs: [change])]
            )
            _ = try await broker.call(.incrementalAlterConfigs, 1, request.encode) {
                (reader: inout WireReader) throws(WireError) in
                try IncrementalAlterConfigsResponse(from: &reader)
            }
            #expect(try await beat(broker, id, 1, version: 0).heartbeatIntervalMs == 700)
        }
    }
}
