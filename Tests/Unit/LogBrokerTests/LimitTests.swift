import KafkaProtocol
import LogBroker
import Reactor
import System
import Telemetry
import TestSupport
import Testing

/// Every limit: what goes beyond is refused with a code, or closed and counted.
struct LimitTests {
    private func value(_ registry: MetricRegistry, _ series: String) -> String? {
        registry.exposition().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { $0.split(separator: " ").last.map(String.init) }
    }

    private let asksForAll = TestBroker.request(.metadata, 5) { MetadataRequest(topics: []).encode(to: &$0) }

    @Test func `a connection beyond the limit of its address is closed and counted`() async throws {
        let registry = MetricRegistry()
        try await TestBroker.with {
            $0.metrics = registry
            $0.maximumConnectionsPerAddress = 1
        } _: { (broker: TestBroker) async throws in
            let loops = try EventLoopGroup()
            let (loop, port) = (loops.loops[0], broker.port)
            try await loop.run {
                let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
                let deadline = Deadline.after(.seconds(10))
                let first = try await Connection.connect(to: address, on: loop, until: deadline)
                defer { first.close() }
                // Answered once, it is counted for sure.
                var writer = WireWriter()
                writer.int32(Int32(asksForAll.count))
                writer.raw(asksForAll)
                try await first.write(writer.bytes, until: deadline)
                #expect(try await first.fill(toHold: 4, until: deadline))
                let second = try await Connection.connect(to: address, on: loop, until: deadline)
                defer { second.close() }
                #expect(try await !second.fill(until: deadline), "the broker closes it")
            }
            loops.shutdown()
            #expect(value(registry, "broker_refused_connections_total{limit=\"address\"}") == "1")
            try await eventually("there is room again") { try await !broker.exchange([asksForAll]).isEmpty }
        }
    }

    @Test func `a client may change the limit of connections while the broker runs`() async throws {
        let registry = MetricRegistry()
        try await TestBroker.with {
            $0.metrics = registry
        } _: { (broker: TestBroker) async throws in
            func setLimit(_ value: String?) async throws -> Int16 {
                let answer = try await broker.call(.incrementalAlterConfigs, 1) {
                    let change = IncrementalAlterConfigsRequest.AlterableConfig(
                        name: "max.connections",
                        configOperation: value == nil ? 1 : 0,
                        value: value
                    )
                    IncrementalAlterConfigsRequest(
                        resources: [.init(resourceType: 4, resourceName: "1", configs: [change])]
                    ).encode(to: &$0)
                } _: {
                    (reader: inout WireReader) throws(WireError) in
                    try IncrementalAlterConfigsResponse(from: &reader)
                }
                return answer.responses[0].errorCode
            }
            #expect(try await setLimit("0") == ErrorCode.invalidConfig.rawValue)
            // The connection of the call before may still be counted.
            #expect(try await setLimit("5") == 0)
            let answers = try await broker.call(.describeConfigs, 1) {
                let resource = DescribeConfigsRequest.DescribeConfigsResource(
                    resourceType: 4,
                    resourceName: "1",
                    configurationKeys: ["max.connections", "broker.id"]
                )
                DescribeConfigsRequest(resources: [resource], includeSynonyms: true).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try DescribeConfigsResponse(from: &reader)
            }
            let settings = answers.results[0].configs
            #expect(settings.map(\.value) == ["1", "5"] && settings.map(\.readOnly) == [true, false])
            #expect(settings[1].synonyms.map(\.source) == [2, 4])
        }
    }

    @Test func `a frame that is too large closes the connection and is counted`() async throws {
        try await TestBroker.with {
            $0.maximumRequestBytes = 1000
        } _: { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            let answers = try? await broker.exchange([try TestBroker.produce("t", bytes: 2000)])
            #expect(answers?.isEmpty ?? true)
            #expect(try await broker.exchange([asksForAll]).count == 1)
        }
    }

    @Test func `there are only so many topics and partitions`() async throws {
        try await TestBroker.with {
            $0.maximumTopics = 4
            $0.maximumPartitions = 10
        } _: { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("a", partitions: 11) == .policyViolation)
            #expect(try await broker.createTopic("a", partitions: 2) == .none)
            #expect(try await broker.createTopic("b") == .none)
            var codes: [ErrorCode] = []
            for name in ["c", "d", "e"] { codes.append(try await broker.createTopic(name)) }
            #expect(codes.last == .policyViolation)
            let automatic = try await broker.call(.metadata, 5, asAdmin: false) {
                MetadataRequest(topics: [.init(name: "f")]).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try MetadataResponse(from: &reader)
            }
            #expect(automatic.topics[0].errorCode == ErrorCode.policyViolation.rawValue)
        }
    }

    @Test func `what the broker does and holds is counted`() async throws {
        let registry = MetricRegistry()
        try await TestBroker.with {
            $0.metrics = registry
        } _: { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            _ = try await broker.exchange([try TestBroker.produce("t", bytes: 1000), TestBroker.fetch("t")])
            let commit = TestBroker.request(.offsetCommit, 2) {
                OffsetCommitRequest(
                    groupID: "g",
                    topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: 0)])]
                ).encode(to: &$0)
            }
            _ = try await broker.exchange([commit])
            #expect(value(registry, "broker_group_lag{group=\"g\",topic=\"t\"}") == "1")
            #expect(Int(value(registry, "broker_log_size_bytes{topic=\"t\"}") ?? "").map { $0 > 1000 } == true)
            #expect(value(registry, "broker_request_duration_seconds_count{api=\"produce\"}") == "1")
            #expect(value(registry, "broker_request_duration_seconds_count{api=\"fetch\"}") == "1")
            for name in [
                "broker_log_commit_duration_seconds_count", "broker_received_bytes_total", "broker_sent_bytes_total",
            ] {
                #expect(Int(value(registry, name) ?? "").map { $0 > 0 } == true, "\(name)")
            }
        }
    }

    @Test func `an address that connects too often is turned away until it has waited`() async throws {
        let registry = MetricRegistry()
        try await TestBroker.with {
            $0.metrics = registry
        } _: { (broker: TestBroker) async throws in
            let answer = try await broker.call(.alterClientQuotas, 1) {
                let op = AlterClientQuotasRequest.OpData(key: "connection_creation_rate", value: 2)
                let entity = AlterClientQuotasRequest.EntityData(entityType: "ip", entityName: "127.0.0.1")
                AlterClientQuotasRequest(entries: [.init(entity: [entity], ops: [op])]).encode(to: &$0)
            } _: {
                (reader: inout WireReader) throws(WireError) in
                try AlterClientQuotasResponse(from: &reader)
            }
            #expect(answer.entries[0].errorCode == 0)
            let refused = "broker_refused_connections_total{limit=\"rate\"}"
            try await eventually("one is refused") {
                _ = try? await broker.exchange([asksForAll])
                return value(registry, refused).map { $0 != "0" } ?? false
            }
            try await eventually("who keeps trying gets in") {
                (try? await broker.exchange([asksForAll]))?.isEmpty == false
            }
        }
    }

    @Test func `a request waits while others fill the memory there is for requests`() async throws {
        try await TestBroker.with {
            $0.maximumQueuedBytes = 100_000
        } _: { (broker: TestBroker) async throws in
            #expect(try await broker.createTopic("t") == .none)
            let loops = try EventLoopGroup()
            let (loop, port) = (loops.loops[0], broker.port)
            let large = try TestBroker.produce("t", bytes: 50_000)
            try await loop.run {
                let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
                let deadline = Deadline.after(.seconds(20))
                let greedy = try await Connection.connect(to: address, on: loop, until: deadline)
                // It announces a large request and keeps the rest to itself.
                var writer = WireWriter()
                writer.int32(90_000)
                try await greedy.write(writer.bytes, until: deadline)
                async let answer = broker.exchange([large])
                let small = try await broker.exchange([asksForAll])
                #expect(small.count == 1, "small requests do not wait")
                greedy.close()
                #expect(try await answer.count == 1)
            }
            loops.shutdown()
        }
    }

    @Test func `more requests than may wait on a connection are answered all the same, in order`() async throws {
        try await TestBroker.with { (broker: TestBroker) async throws in
            let frames = (0..<500).map { number in
                TestBroker.request(.metadata, 5, correlation: number) { MetadataRequest(topics: []).encode(to: &$0) }
            }
            let numbers = try await broker.exchange(frames).map { bytes in
                var reader = WireReader(bytes)
                return try reader.int32()
            }
            #expect(numbers == Array(0..<500))
        }
    }
}
