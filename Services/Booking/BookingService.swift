import Contracts
import EventBus
import Persistence
import Security
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("booking", port: 8110, compose)
    }

    /// The service's table of contents.
    static func compose(_ service: ServiceBuilder) async throws {
        let settings = try BookingConfiguration(service)
        let clock = service.clock
        let database = try service.openDatabase(BookingSchema.migrations)
        try service.followRevocations()
        let changes = Changes<Booking>()

        // Locks: requests in log order, expiries at their instant.
        let expiry = LockExpiry(database: database, changes: changes)
        let expiring = service.whenDue("lock expiry") { try await expiry.step(at: $0) }
        let locker = SeatLocker(rules: settings.rules, clock: clock, changes: changes)
        try service.consume(group: "seat-locker", topics: [.ticketRequests]) { event, transaction in
            try locker.handle(event, in: transaction)
            transaction.afterCommit { expiring.wake() }
        }

        // Accounts that are banned or gone.
        let users = UserConsumer(clock: clock)
        try service.consume(group: "booking-users", topics: [.userEvents], users.handle(_:in:))

        // What read models reconcile with.
        let counts = TicketCounts(database: database, clock: clock, groups: ["seat-locker", "booking-payments"])
        service.every(.seconds(settings.countsSeconds), "ticket counts") { try await counts.report() }

        let calling = try composePayments(service, settings, database, changes)
        try addRoutes(service, settings, database, changes, calling)
    }

    /// Calls to providers, their reports, and what follows from them. Hands back what makes the calls.
    private static func composePayments(
        _ service: ServiceBuilder,
        _ settings: BookingConfiguration,
        _ database: Database,
        _ changes: Changes<Booking>
    ) throws -> DueWork {
        let (clock, logger) = (service.clock, service.logger)
        let signature = WebhookSignature(key: settings.webhookSecret)
        let providers = [SandboxProvider(database: database, clock: clock)].reduce(into: [:]) { $0[$1.name] = $1 }
        let providerCalls = ProviderCalls(database: database, providers: providers, logger: logger)
        let delivery = SandboxDelivery(
            database: database,
            signature: signature,
            logger: logger,
            post: SandboxDelivery.posting(to: settings.webhookURL, by: service.internalClient())
        )
        let delivering = service.whenDue("sandbox webhooks") { try await delivery.step(at: $0) }
        let calling = service.whenDue("provider calls") { now in
            let next = try await providerCalls.step(at: now)
            delivering.wake()
            return next
        }
        let payments = PaymentConsumer(clock: clock, changes: changes)
        try service.consume(group: "booking-payments", topics: [.paymentEvents], failurePolicy: .halt) {
            event,
            transaction in
            try payments.handle(event, in: transaction)
            transaction.afterCommit { calling.wake() }
        }
        PaymentRoutes(
            database: database,
            tokens: service.tokens,
            clock: clock,
            providers: providers,
            signature: signature,
            judge: PaymentJudge(clock: clock),
            calls: calling,
            changes: changes
        ).add(to: &service.router)
        return calling
    }

    private static func addRoutes(
        _ service: ServiceBuilder,
        _ settings: BookingConfiguration,
        _ database: Database,
        _ changes: Changes<Booking>,
        _ calling: DueWork
    ) throws {
        let (clock, tokens, key, rules) = (service.clock, service.tokens, settings.ticketKey, settings.rules)
        let feed = LiveFeed<Identifier>()
        try service.broadcast(topics: [.seatLocked]) { event, position in
            LedgerEntry.announce(event, at: position, in: feed)
        }
        CatalogueRoutes(database: database, tokens: tokens, clock: clock).add(to: &service.router)
        let audit = SeatAudit(kafka: service.configuration.kafka, logger: service.logger)
        SeatRoutes(database: database, tokens: tokens, clock: clock, feed: feed, audit: audit)
            .add(to: &service.router)
        BookingRoutes(
            database: database,
            tokens: tokens,
            clock: clock,
            rules: rules,
            changes: changes,
            calls: calling,
            feed: feed,
            catalogue: CatalogueCache(database: database)
        ).add(to: &service.router)
        TicketRoutes(database: database, tokens: tokens, clock: clock, key: key).add(to: &service.router)
        TransferRoutes(database: database, tokens: tokens, clock: clock, key: key, rules: rules, changes: changes)
            .add(to: &service.router)
    }
}
