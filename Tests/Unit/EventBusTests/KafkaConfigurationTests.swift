import Testing

@testable import EventBus

struct KafkaConfigurationTests {
    @Test func `variables become properties, those of Kafka's own scripts do not`() {
        let configuration = KafkaConfiguration(environment: [
            "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "",
            "KAFKA_HOME": "/opt/kafka", "KAFKA_HEAP_OPTS": "-Xmx1G", "KAFKA_OPTS": "-D", "HOME": "/root",
        ])
        #expect(configuration.properties == ["bootstrap.servers": "kafka:9092", "sasl.mechanism": "PLAIN"])
    }
}
