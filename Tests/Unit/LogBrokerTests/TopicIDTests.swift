import KafkaProtocol
import LogBroker
import Testing

/// Topics by their ids (KIP-516), and what a client is told it may do (KIP-430).
struct TopicIDTests {
    private func describe(
        _ broker: TestBroker,
        _ topic: String,
        login: [[UInt8]] = []
    ) async throws -> (response: MetadataResponse, topic: MetadataResponse.MetadataResponseTopic) {
        let request = MetadataRequest(
            topics: [.init(name: topic)],
            allowAutoTopicCreation: false,
            includeClusterAuthorizedOperations: true,
            includeTopicAuthorizedOperations: true
        )
        let frames = login + [TestBroker.request(.metadata, 10, request.encode)]
        let answer = try #require(try await broker.exchange(frames).last)
        let response = try TestBroker.response(.metadata, 10, answer, MetadataResponse.init)
        return (response, try #require(response.topics.first))
    }

    private func produce(_ broker: TestBroker, _ id: TopicID) async throws -> ErrorCode {
        var builder = RecordBatchBuilder()
        builder.append(timestamp: 1, key: nil, value: [1])
        let records = try builder.finish()
        let topic = ProduceRequest.TopicProduceData(
            topicID: id,
            partitionData: [.init(index: 0, records: records[...])]
        )
        let request = ProduceRequest(acks: -1, timeoutMs: 1000, topicData: [topic])
        let response = try await broker.call(.produce, 13, asAdmin: false, request.encode, ProduceResponse.init)
        #expect(response.responses[0].topicID == id)
        return ErrorCode(rawValue: response.responses[0].partitionResponses[0].errorCode)
    }

    private func fetch(_ broker: TestBroker, _ id: TopicID) async throws -> FetchResponse.PartitionData {
        let topic = FetchRequest.FetchTopic(topicID: id, partitions: [.init(partition: 0, partitionMaxBytes: 1 << 20)])
        let request = FetchRequest(maxWaitMs: 60_000, minBytes: 1, topics: [topic])
        let response = try await broker.call(.fetch, 17, asAdmin: false, request.encode, FetchResponse.init)
        #expect(response.responses[0].topicID == id)
        return response.responses[0].partitions[0]
    }

    @Test func `records go in and out by a topic's id, which is not that of a later topic of the same name`()
        async throws
    {
        try await TestBroker.with { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            let id = try await describe(broker, "t").topic.topicID
            #expect(try await produce(broker, id) == .none)
            #expect(try await fetch(broker, id).records.isEmpty == false)
            let deletion = DeleteTopicsRequest(topicNames: ["t"])
            _ = try await broker.call(.deleteTopics, 4, deletion.encode, DeleteTopicsResponse.init)
            #expect(try await broker.createTopic("t") == .none)
            #expect(try await describe(broker, "t").topic.topicID != id)
            #expect(try await produce(broker, id) == .unknownTopicID)
            #expect(try await fetch(broker, id).errorCode == ErrorCode.unknownTopicID.rawValue, "it does not wait")
        }
    }

    @Test func `a client is told what it may do, when it asks`() async throws {
        try await TestBroker.with {
            $0.users["reader"] = BrokerUser(password: "r")
            $0.accessRules = [
                AccessRule(.topic, "t", principal: "User:reader", operation: .read),
                AccessRule(.cluster, "kafka-cluster", principal: "User:nobody", operation: .all),
            ]
        } _: { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            let reader = try await describe(broker, "t", login: TestBroker.logIn("reader", "r"))
            #expect(reader.topic.topicAuthorizedOperations == 1 << 3 | 1 << 8, "read implies describe")
            #expect(reader.response.clusterAuthorizedOperations == 0)
            let admin = try await describe(broker, "t", login: TestBroker.logIn("admin", "s"))
            #expect(admin.topic.topicAuthorizedOperations == 0b1101_1111_1000)
            #expect(admin.response.clusterAuthorizedOperations == 0b1_1111_1010_0000)
        }
    }
}
