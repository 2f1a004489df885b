import Contracts
import HTTPTransport
import Security
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("user", port: 8101) { service in
            let admin = FirstAdmin(&service.reader)
            let threads = service.reader.integer("PASSWORD_THREADS", default: Passwords.defaultThreads, in: 1...64)
            try service.reader.finish()

            let database = try service.openDatabase(UserSchema.migrations)
            let passwords = try Passwords(threads: threads)
            service.onStop { passwords.shutdown() }
            service.every(.seconds(10), "hash memory") { HashMemory.release() }
            let accounts = Accounts(database: database, passwords: passwords, clock: service.clock)
            try await admin?.ensure(in: accounts)

            let clock = service.clock
            try service.consume(group: UserConsumer.group, topics: UserConsumer.topics) { event, transaction in
                try UserConsumer.apply(event, in: transaction, at: clock.now)
            }
            try service.followRevocations()

            let secret = try PairSecret(
                "auth-user",
                given: service.reader.secret("AUTH_USER_SECRET"),
                directory: service.configuration.secretsDirectory
            )
            service.middleware.append(UserRoutes.explain)
            let bans = service.whenDue("bans", accounts.endBans)
            UserRoutes(accounts: accounts, tokens: service.tokens, secret: secret, bans: bans).add(to: &service.router)
        }
    }
}

/// The first admin, from `MARQUEE_ADMIN_EMAIL` and `MARQUEE_ADMIN_PASSWORD`; nil when neither is set.
private struct FirstAdmin {
    let email: EmailAddress
    let password: String

    init?(_ reader: inout ConfigurationReader) {
        let address = reader.optionalString("MARQUEE_ADMIN_EMAIL")
        let password = reader.secret("MARQUEE_ADMIN_PASSWORD")
        guard address != nil || password != nil else { return nil }
        guard let email = address.flatMap(EmailAddress.init), let password else {
            reader.report("MARQUEE_ADMIN_EMAIL must be an e-mail address, and MARQUEE_ADMIN_PASSWORD be set with it")
            return nil
        }
        self.email = email
        self.password = password
    }

    func ensure(in accounts: Accounts) async throws {
        try await accounts.ensureAdmin(email: email, password: password)
    }
}
