import CRdKafka
import EventBus
import Telemetry
import Testing

/// librdkafka's broker in memory, in this process.
@safe final class MockBroker: @unchecked Sendable {  // used by one test at a time; the C side has its own locks
    private let client: OpaquePointer
    private let cluster: OpaquePointer
    let configuration: KafkaConfiguration

    init() throws {
        let conf = unsafe rd_kafka_conf_new()
        unsafe rd_kafka_conf_set(conf, "log_level", "0", nil, 0)
        guard let client = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, conf, nil, 0),
            let cluster = unsafe rd_kafka_mock_cluster_new(client, 1)
        else { throw EventError(.broker, "no mock cluster") }
        unsafe self.client = client
        unsafe self.cluster = cluster
        configuration = KafkaConfiguration(
            bootstrapServers: unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        )
    }

    /// The mock answers no CreateTopics: topics are made here.
    func create(_ topics: [Topic]) {
        for topic in topics { unsafe _ = rd_kafka_mock_topic_create(cluster, topic.name, Int32(topic.partitions), 1) }
    }

    /// The next Produce requests fail with this error code.
    func failProduce(_ code: rd_kafka_resp_err_t, times: Int) {
        for _ in 0..<times {
            var errors = [code]
            unsafe rd_kafka_mock_push_request_errors_array(cluster, 0, 1, &errors)
        }
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(cluster)
        unsafe rd_kafka_destroy(client)
    }
}

let quiet = Logger(label: "test", level: .critical)
