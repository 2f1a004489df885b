import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Reactor
import ServiceKit
import Synchronization
import System

@main
enum Main {
    static func main() async {
        await Service.run("gateway", port: 8080, eventLoops: Process.processors) { service in
            let services = service.upstreams(Upstream.makeClient())
            // Everybody may come here: nobody is believed unless it is said.
            service.trustedProxies = ""
            let origins = service.reader.list("CORS_ORIGINS", of: "an origin like https://example.org, or *") {
                CrossOrigin.origin($0)
            }
            try service.followRevocations()
            try service.logRequests()
            let limits = RateLimits(store: try service.followRateLimits())
            let proxy = Proxy(
                routes: RouteTable(),
                services: services,
                tokens: service.tokens,
                limits: limits
            )
            let edge = Edge(crossOrigin: CrossOrigin(origins: Set(origins)))
            service.middleware.append(edge.respond(to:next:))
            service.router.get("/", WebPage.story.show)
            service.router.get("/console", WebPage.console.show)
            service.router.get("/openapi.json", OpenAPIDocument.show)
            let access = AdminAccess(tokens: service.tokens, limits: limits)
            try service.rateLimitRoutes(limits.store, access).add(to: &service.router)
            try service.operationsRoutes(access).add(to: &service.router)
            let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
            for method in methods { service.router.on(method, "/*") { try await proxy.respond(to: $0) } }
        }
    }
}

extension ServiceBuilder {
    /// Where each service is: one address or several, separated by commas.
    fileprivate func upstreams(_ client: HTTPClient) -> [Backend: LoadBalancer] {
        var services: [Backend: LoadBalancer] = [:]
        for backend in Backend.allCases {
            let fallback = "http://127.0.0.1:\(backend.defaultPort)"
            let origins = reader.list(backend.variable, default: fallback, of: "http://host:port") { Origin($0) }
            let instances = origins.map { origin in
                let name = origins.count == 1 ? backend.rawValue : "\(backend.rawValue) \(origin)"
                let instance = Upstream(name, at: origin, client: client)
                health.add("upstream \(name)", required: false) { !instance.breaker.isOpen }
                return instance
            }
            if !instances.isEmpty { services[backend] = LoadBalancer(instances) }
        }
        return services
    }

    /// Goes by the policy that `policy-events` tells; the gateway is ready when it has caught up.
    fileprivate func followRateLimits() throws -> RateLimitStore {
        let producer = try EventProducer(
            configuration.kafka,
            givesUpAfter: RateLimitStore.deliveryTimeout,
            logger: logger
        )
        let store = RateLimitStore(clock: clock, logger: logger) { _ = try await producer.send($0) }
        try broadcast(topics: [.policyEvents], from: .beginning, store.apply)
        return store
    }

    fileprivate func rateLimitRoutes(_ store: RateLimitStore, _ access: AdminAccess) throws -> RateLimitRoutes {
        let pool = try WorkerPool(name: "simulation", threads: 1, queueLimit: 1)
        onStop { pool.shutdown() }
        return RateLimitRoutes(
            store: store,
            access: access,
            log: RequestLogReader(kafka: configuration.kafka, logger: logger),
            pool: pool
        )
    }

    /// Puts every request on the topic `gateway-requests`.
    fileprivate func logRequests() throws {
        let log = try RequestLog(
            gatewayID: Identifier.version7(at: clock.now).description,
            kafka: configuration.kafka,
            clock: clock,
            logger: logger
        )
        requestObserver = log.record
        let admin = TopicAdmin(configuration.kafka, logger: logger)
        let isMade = Atomic(false)
        every(.seconds(1), "the gateway's topics") {
            guard !isMade.load(ordering: .relaxed) else { return }
            try await admin.ensure([.gatewayRequests, .auditEvents])
            isMade.store(true, ordering: .relaxed)
            log.open()
        }
        onStop(log.stop)
    }
}
