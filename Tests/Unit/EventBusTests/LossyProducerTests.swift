import System
import TestSupport
import Testing

@testable import EventBus

struct LossyProducerTests {
    @Test func `a topic that nobody declared is not made by a send; once declared, events arrive`() async throws {
        let broker = try ServiceProcess("broker")
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let kafka = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(port)")
        let producer = try LossyProducer(kafka, keepsFor: 500, logger: quiet)
        defer { producer.stop() }
        let greeting = Greeting(id: "g-1", text: "xin chào")
        let event = try Event(greeting, at: Timestamp(milliseconds: 1_742_378_400_000))
        #expect(producer.send(event))
        try await eventually("the event is given up") { producer.undeliveredCount == 1 }
        let admin = TopicAdmin(kafka, logger: quiet)
        try await admin.ensure([Greeting.topic])
        try await eventually("an event is in the log") {
            producer.send(event)
            return try await admin.ends(of: [Greeting.topic]).values.reduce(0, +) > 0
        }
    }
}
