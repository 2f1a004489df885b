import Contracts
import HTTPTransport
import Mailing
import Security
import ServiceKit
import System

@main
enum Main {
    static func main() async {
        await Service.run("user", port: 8101) { service in
            let admin = FirstAdmin(&service.reader)
            let mail = MailSettings(&service.reader)
            let breachedURL = BreachedPasswords.url(&service.reader)
            let threads = service.reader.integer("PASSWORD_THREADS", default: Passwords.defaultThreads, in: 1...64)
            try service.reader.finish()

            let database = try service.openDatabase(UserSchema.migrations)
            let passwords = try Passwords(threads: threads)
            service.onStop { passwords.shutdown() }
            service.every(.seconds(2), "hash memory") { HashMemory.release() }
            let breached = try breachedURL.map { try BreachedPasswords(service, url: $0) }
            let secrets = try UserSecrets(directory: service.configuration.dataDirectory + "/keys")
            let accounts = Accounts(
                database: database,
                passwords: passwords,
                clock: service.clock,
                secret: secrets.allowances,
                breached: breached
            )
            try await admin?.ensure(in: accounts)

            let clock = service.clock
            try service.consume(
                group: UserConsumer.group,
                topics: UserConsumer.topics,
                ignoring: UserConsumer.ignored
            ) { event, transaction in
                try UserConsumer.apply(event, in: transaction, at: clock.now)
            }
            try service.followRevocations()

            let secret = try PairSecret(
                "auth-user",
                given: service.reader.secret("AUTH_USER_SECRET"),
                directory: service.configuration.secretsDirectory
            )
            service.middleware.append(UserRoutes.explain)
            let (queue, work) = try MailQueue.start(service, database, mail, key: secrets.mails)
            let mails = AccountMails(
                queue: queue,
                work: work,
                publicURL: service.configuration.publicURL,
                secret: secrets.allowances
            )
            let confirmations = EmailConfirmations(accounts: accounts, mails: mails)
            service.every(.seconds(60), "prune confirmations", confirmations.prune)
            let bans = service.whenDue("bans", accounts.endBans)
            UserRoutes(
                accounts: accounts,
                confirmations: confirmations,
                tokens: service.tokens,
                secret: secret,
                bans: bans
            ).add(to: &service.router)
        }
    }
}

/// Keys of User's own, each for one purpose, derived from one secret file (mode 0600).
private struct UserSecrets {
    /// Seals mails that wait.
    let mails: [UInt8]
    /// Hides whose allowances are counted.
    let allowances: [UInt8]

    init(directory: String) throws {
        let secret = try SecretFile.loadOrCreate(directory + "/user.secret")
        mails = try KeyDerivation.hkdfSHA256(secret: secret, info: "mails")
        allowances = try KeyDerivation.hkdfSHA256(secret: secret, info: "allowances")
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
