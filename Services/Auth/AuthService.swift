import Contracts
import EventBus
import Mailing
import ServiceKit
import System

/// Sessions, tokens and their keys. Composition: configuration, keys, store, routes, consumers, housekeeping.
@main
enum Main {
    static func main() async {
        await Service.run("auth", port: 8102) { service in
            let settings = AuthConfiguration(&service.reader)
            let keys = try KeyRing(directory: service.configuration.dataDirectory + "/keys", policy: settings.keys)
            try keys.rotate(at: service.clock.now)
            let secrets = try AuthSecrets(directory: service.configuration.dataDirectory + "/keys")
            let store = AuthStore(
                database: try service.openDatabase(AuthStore.migrations),
                policy: settings.sessions,
                limits: LoginLimits(),
                clock: service.clock
            )
            let issuer = TokenIssuer(
                keys: keys,
                secret: secrets.refreshTokens,
                issuer: service.configuration.tokenIssuer,
                audience: service.configuration.tokenAudience
            )
            let credentials = CredentialVerifier(
                client: service.internalClient(),
                url: settings.userURL,
                secret: try PairSecret(
                    "auth-user",
                    given: service.reader.secret("AUTH_USER_SECRET"),
                    directory: service.configuration.secretsDirectory
                ),
                logger: service.logger
            )
            service.tokens.use(keys: keys.published(at: service.clock.now))

            let login = Login(store: store, credentials: credentials, secrets: secrets)
            let factor = SecondFactor(
                store: store,
                secrets: secrets,
                letPasswordStandAlone: credentials.letPasswordStandAlone
            )
            LoginRoutes(login: login, factor: factor, store: store, issuer: issuer).add(to: &service.router)
            SecondFactorRoutes(factor: factor, tokens: service.tokens).add(to: &service.router)
            let mails = try MailQueue.start(service, store.database, settings.mails, key: secrets.mails)
            let recovery = PasswordRecovery(
                store: store,
                secrets: secrets,
                credentials: credentials,
                mails: mails.queue,
                mailWork: mails.work,
                publicURL: service.configuration.publicURL
            )
            let resets = service.whenDue("password resets", recovery.step)
            PasswordRoutes(recovery: recovery, work: resets).add(to: &service.router)
            SessionRoutes(store: store, tokens: service.tokens).add(to: &service.router)
            KeyRoutes(keys: keys, tokens: service.tokens, store: store, clock: service.clock).add(to: &service.router)

            let events = AuthEvents(store: store, secrets: secrets)
            try service.consume(group: "auth", topics: [.userEvents, .userProfiles], events.handle)
            try service.followRevocations()
            let (limits, logger) = (store.limits, service.logger)
            try service.broadcast(topics: [.policyEvents], from: .beginning) { event, _ in
                limits.apply(event, logger: logger)
            }

            let (tokens, clock) = (service.tokens, service.clock)
            service.every(.seconds(max(1, min(60, settings.keys.leadSeconds / 2))), "rotate keys") {
                try keys.rotate(at: clock.now)
                tokens.use(keys: keys.published(at: clock.now))
            }
            service.every(.seconds(5), "end expired sessions") { try await store.sweep() }
        }
    }
}
