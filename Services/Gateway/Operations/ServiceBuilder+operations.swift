import Contracts
import EventBus
import HTTPTransport
import Reactor
import ServiceKit

extension ServiceBuilder {
    /// Looks at the log that may run at once, and wait.
    private static let lookLimit = (running: 2, waiting: 8)

    /// What operators see. Broker and media workers, which the gateway sends nobody to, are named by `BROKER_URL` and
    /// `MEDIA_WORKER_URL`, when they are to be shown.
    func operationsRoutes(_ access: AdminAccess) throws -> OperationsRoutes {
        let pool = try WorkerPool(
            name: "operations",
            threads: Self.lookLimit.running,
            queueLimit: Self.lookLimit.waiting
        )
        onStop { pool.shutdown() }
        let producer = try EventProducer(
            configuration.kafka,
            givesUpAfter: OperationsRoutes.deliveryTimeout,
            logger: logger
        )
        onStop { producer.stop() }
        return OperationsRoutes(
            access: access,
            services: ServiceStates(
                instances: instances(),
                client: internalClient(),
                logger: logger
            ),
            log: LogInspector(configuration.kafka, logger: logger),
            deadLetters: DeadLetters(configuration.kafka, logger: logger),
            pool: pool,
            audit: { _ = try await producer.send($0) },
            clock: clock,
            logger: logger
        )
    }

    private func instances() -> [ServiceStates.Instance] {
        let others = [("broker", "BROKER_URL", ""), ("media_worker", "MEDIA_WORKER_URL", "")]
        let backends = Backend.allCases.map { ($0.rawValue, $0.variable, "http://127.0.0.1:\($0.defaultPort)") }
        return [ServiceStates.Instance(name: "gateway", url: "http://127.0.0.1:\(configuration.port)")]
            + (others + backends).flatMap { name, variable, fallback in
                let origins = reader.list(variable, default: fallback, of: "http://host:port") { Origin($0) }
                return origins.map { origin in
                    ServiceStates.Instance(
                        name: origins.count == 1 ? name : "\(name) \(origin)",
                        url: "http://\(origin)"
                    )
                }
            }
    }
}
