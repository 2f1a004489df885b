import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import ServiceKit
import Synchronization
import System

@main
enum Main {
    static func main() async {
        await Service.run("gateway", port: 8080) { service in
            var backends: [Backend: Proxy.Address] = [:]
            for backend in Backend.allCases {
                let url = service.reader.url(backend.variable, default: "http://127.0.0.1:\(backend.defaultPort)")
                guard let address = Proxy.Address(url: url) else {
                    service.reader.report("\(backend.variable) is \"\(url)\"; it must be http://host:port")
                    continue
                }
                backends[backend] = address
            }
            let trusted = service.reader.string("TRUSTED_PROXIES", default: "").split(separator: ",").map(String.init)
            try service.followRevocations()
            try service.logRequests()
            let limits = RateLimits(store: try service.followRateLimits())
            let proxy = Proxy(
                routes: RouteTable(),
                backends: backends,
                tokens: service.tokens,
                limits: limits,
                trustedProxies: Set(trusted)
            )
            service.router.get("/", WebPage.show)
            service.router.get("/openapi.json", OpenAPIDocument.show)
            RateLimitRoutes(store: limits.store, limits: limits, tokens: service.tokens).add(to: &service.router)
            let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
            for method in methods { service.router.on(method, "/*") { try await proxy.respond(to: $0) } }
        }
    }
}

extension ServiceBuilder {
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
        every(.seconds(1), "request log's topic") {
            guard !isMade.load(ordering: .relaxed) else { return }
            try await admin.ensure([.gatewayRequests])
            isMade.store(true, ordering: .relaxed)
            log.open()
        }
        onStop(log.stop)
    }
}

extension Proxy.Address {
    /// The host and port of an `http://` address; nil for another scheme.
    init?(url: String) {
        guard url.hasPrefix("http://") else { return nil }
        let parts = url.dropFirst("http://".count).split(separator: ":")
        guard let host = parts.first, !host.contains("/"), parts.count <= 2,
            let port = UInt16(parts.count == 2 ? parts[1] : "80")
        else { return nil }
        self.init(host: String(host), port: port)
    }
}
