import KafkaProtocol
import LogBroker
import Security
import System
import TestSupport
import Testing

/// What tools ask for and change.
struct AdminTests {
    private typealias Setting = AlterClientQuotasRequest.OpData

    private func setQuota(
        _ broker: TestBroker,
        _ entity: [(String, String?)],
        _ ops: [Setting],
        asAdmin: Bool = true
    ) async throws -> ErrorCode {
        let response = try await broker.call(.alterClientQuotas, 1, asAdmin: asAdmin) {
            AlterClientQuotasRequest(
                entries: [.init(entity: entity.map { .init(entityType: $0.0, entityName: $0.1) }, ops: ops)]
            ).encode(to: &$0)
        } _: {
            (reader: inout WireReader) throws(WireError) in
            try AlterClientQuotasResponse(from: &reader)
        }
        return ErrorCode(rawValue: response.entries[0].errorCode)
    }

    private func quotas(_ broker: TestBroker) async throws -> [DescribeClientQuotasResponse.EntryData] {
        let response = try await broker.call(.describeClientQuotas, 1) {
            DescribeClientQuotasRequest().encode(to: &$0)
        } _: {
            (reader: inout WireReader) throws(WireError) in
            try DescribeClientQuotasResponse(from: &reader)
        }
        return response.entries ?? []
    }

    @Test func `a producer beyond its quota is told so and not read for that long`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            let op = Setting(key: "producer_byte_rate", value: 100_000)
            #expect(try await setQuota(broker, [("client-id", "test")], [op]) == .none)
            let start = MonotonicClock.nanoseconds
            let frames = try (0..<2).map { try TestBroker.produce("t", bytes: 130_000, correlation: $0) }
            let answers = try await broker.exchange(frames)
            let elapsed = (MonotonicClock.nanoseconds - start) / 1_000_000
            let first = try TestBroker.response(.produce, 7, answers[0], ProduceResponse.init)
            #expect((300...320).contains(first.throttleTimeMs), "130 KB of 100 KB a second are 0.3 s too many")
            #expect(elapsed >= 300, "the second request was read only then")
            #expect(first.responses[0].partitionResponses[0].errorCode == 0)
        }
    }

    @Test func `a consumer beyond its quota gets nothing until it has paid`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            _ = try await broker.exchange([try TestBroker.produce("t", bytes: 50_000)])
            let op = Setting(key: "consumer_byte_rate", value: 20_000)
            #expect(try await setQuota(broker, [("user", "ANONYMOUS")], [op]) == .none)
            let first = try await broker.exchange([TestBroker.fetch("t")])
            let full = try TestBroker.response(.fetch, 11, first[0], FetchResponse.init)
            #expect(!full.responses[0].partitions[0].records.isEmpty && full.throttleTimeMs > 1000)
            let second = try await broker.exchange([TestBroker.fetch("t")])
            let empty = try TestBroker.response(.fetch, 11, second[0], FetchResponse.init)
            #expect(empty.responses.isEmpty && empty.errorCode == 0 && empty.throttleTimeMs > 1000)
        }
    }

    @Test func `time of requests is limited too`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            let op = Setting(key: "request_percentage", value: 0.001)
            #expect(try await setQuota(broker, [("client-id", nil)], [op]) == .none)
            let asks = TestBroker.request(.metadata, 5) { MetadataRequest(topics: []).encode(to: &$0) }
            var throttled = false
            for _ in 0..<50 where !throttled {
                let answer = try #require(try await broker.exchange([asks]).first)
                throttled = try TestBroker.response(.metadata, 5, answer, MetadataResponse.init).throttleTimeMs > 0
            }
            #expect(throttled, "fifty requests cost more than 10 µs")
        }
    }

    @Test func `quotas are kept over a restart and removed when asked`() async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestBroker.configuration(directory)
        configuration.users = ["admin": BrokerUser(password: "s")]
        configuration.superUsers = ["User:admin"]
        let first = try await TestBroker(configuration)
        let limit = Setting(key: "consumer_byte_rate", value: 5)
        #expect(try await setQuota(first, [("user", "u"), ("client-id", nil)], [limit]) == .none)
        #expect(try await setQuota(first, [("ip", "10.0.0.1")], [limit]) == .invalidRequest)
        #expect(try await setQuota(first, [("user", "u")], [limit], asAdmin: false) == .clusterAuthorizationFailed)
        try await first.stop()
        let second = try await TestBroker(configuration)
        let kept = try await quotas(second)
        #expect(kept.count == 1 && kept[0].entity.contains(.init(entityType: "user", entityName: "u")))
        #expect(kept.first?.values == [.init(key: "consumer_byte_rate", value: 5)])
        let removal = Setting(key: "consumer_byte_rate", remove: true)
        #expect(try await setQuota(second, [("user", "u"), ("client-id", nil)], [removal]) == .none)
        #expect(try await quotas(second).isEmpty)
        try await second.stop()
    }

    @Test func `a user made by a client authenticates, and is gone when deleted`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            let salted = try KeyDerivation.pbkdf2(.sha256, password: Array("p".utf8), salt: [1, 2], iterations: 4096)
            func alter(_ request: AlterUserScramCredentialsRequest) async throws -> [ErrorCode] {
                let response = try await broker.call(.alterUserScramCredentials, 0) {
                    request.encode(to: &$0)
                } _: {
                    (reader: inout WireReader) throws(WireError) in
                    try AlterUserScramCredentialsResponse(from: &reader)
                }
                return response.results.map { ErrorCode(rawValue: $0.errorCode) }
            }
            func canLogIn() async throws -> Bool {
                let answers = try await broker.exchange(TestBroker.logIn("new", "p"))
                let last = try #require(answers.last)
                return try TestBroker.response(.saslAuthenticate, 1, last, SaslAuthenticateResponse.init).errorCode == 0
            }
            let good = AlterUserScramCredentialsRequest.ScramCredentialUpsertion(
                name: "new",
                mechanism: 1,
                iterations: 4096,
                salt: [1, 2],
                saltedPassword: salted
            )
            var weak = good
            weak.iterations = 100
            #expect(try await !canLogIn())
            #expect(try await alter(.init(upsertions: [weak])) == [.unacceptableCredential])
            #expect(try await alter(.init(upsertions: [good])) == [.none])
            #expect(try await canLogIn())
            let described = try await broker.call(.describeUserScramCredentials, 0) {
                DescribeUserScramCredentialsRequest(users: [.init(name: "new"), .init(name: "nobody")]).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try DescribeUserScramCredentialsResponse(from: &reader)
            }
            #expect(described.results[0].credentialInfos == [.init(mechanism: 1, iterations: 4096)])
            #expect(described.results[1].errorCode == ErrorCode.resourceNotFound.rawValue)
            #expect(try await alter(.init(deletions: [.init(name: "new", mechanism: 1)])) == [.none])
            #expect(try await alter(.init(deletions: [.init(name: "new", mechanism: 1)])) == [.resourceNotFound])
            #expect(try await !canLogIn())
        }
    }

    @Test func `a topic's settings come with sources, synonyms, types and texts`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            let answer = try await broker.call(.describeConfigs, 4) {
                DescribeConfigsRequest(
                    resources: [.init(resourceType: 2, resourceName: "t")],
                    includeSynonyms: true,
                    includeDocumentation: true
                ).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try DescribeConfigsResponse(from: &reader)
            }
            let retention = try #require(answer.results[0].configs.first { $0.name == "retention.ms" })
            #expect(retention.configSource == 5 && retention.configType == 5 && retention.value == "604800000")
            #expect(retention.synonyms.map(\.name) == ["log.retention.ms"])
            #expect(answer.results[0].configs.allSatisfy { $0.documentation?.isEmpty == false && $0.configType > 0 })
        }
    }

    @Test func `partitions are described page by page`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("a", partitions: 3) == .none)
            #expect(try await broker.createTopic("b", partitions: 2) == .none)
            var cursor: DescribeTopicPartitionsRequest.Cursor?
            var seen: [String] = []
            repeat {
                let asked = cursor
                let page = try await broker.call(.describeTopicPartitions, 0) {
                    DescribeTopicPartitionsRequest(
                        topics: [.init(name: "b"), .init(name: "a")],
                        responsePartitionLimit: 2,
                        cursor: asked
                    ).encode(to: &$0)
                } _: {
                    (reader: inout WireReader) throws(WireError) in
                    try DescribeTopicPartitionsResponse(from: &reader)
                }
                seen += page.topics.flatMap { topic in
                    topic.partitions.map { "\(topic.name ?? "")\($0.partitionIndex)" }
                }
                cursor = page.nextCursor.map { .init(topicName: $0.topicName, partitionIndex: $0.partitionIndex) }
            } while cursor != nil
            #expect(seen == ["a0", "a1", "a2", "b0", "b1"])
        }
    }

    @Test func `tools for clusters learn that there is one node`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            _ = try await broker.exchange([try TestBroker.produce("t", bytes: 1000)])
            let folders = try await broker.call(.describeLogDirs, 4) {
                DescribeLogDirsRequest(topics: nil).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try DescribeLogDirsResponse(from: &reader)
            }
            let topic = try #require(folders.results[0].topics.first { $0.name == "t" })
            #expect(topic.partitions[0].partitionSize > 1000)
            let wanted = [folders.results[0].logDir, "/elsewhere"].map { path in
                AlterReplicaLogDirsRequest.AlterReplicaLogDir(
                    path: path,
                    topics: [.init(name: "t", partitions: [0, 9])]
                )
            }
            let moved = try await broker.call(.alterReplicaLogDirs, 2) {
                AlterReplicaLogDirsRequest(dirs: wanted).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try AlterReplicaLogDirsResponse(from: &reader)
            }
            let codes = moved.results.flatMap { $0.partitions.map(\.errorCode) }
            #expect(codes == [0, 3, 57, 57], "where it is, it may stay; there is no other folder")
            let election = try await broker.call(.electLeaders, 2) {
                ElectLeadersRequest(topicPartitions: [.init(topic: "t", partitions: [0, 9])]).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try ElectLeadersResponse(from: &reader)
            }
            #expect(election.replicaElectionResults[0].partitionResult.map(\.errorCode) == [84, 3])
            let move = try await broker.call(.alterPartitionReassignments, 0) {
                AlterPartitionReassignmentsRequest(
                    topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, replicas: [1, 2])])]
                ).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try AlterPartitionReassignmentsResponse(from: &reader)
            }
            let code = move.responses[0].partitions[0].errorCode
            #expect(code == ErrorCode.invalidReplicaAssignment.rawValue)
            let quorum = try await broker.call(.describeQuorum, 2) {
                DescribeQuorumRequest(
                    topics: [.init(topicName: "__cluster_metadata", partitions: [.init(partitionIndex: 0)])]
                ).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try DescribeQuorumResponse(from: &reader)
            }
            #expect(quorum.topics[0].partitions[0].leaderID == 1 && quorum.nodes.map(\.nodeID) == [1])
        }
    }
}
