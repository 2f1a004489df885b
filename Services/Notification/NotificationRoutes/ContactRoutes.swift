import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Where a person is reached beside the inbox: browsers, a telephone, webhooks of their own.
struct ContactRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let channels: Channels

    func add(to router: inout Router) {
        router.get("/v1/push-subscriptions", tokens.user(listSubscriptions))
        router.post("/v1/push-subscriptions", tokens.user(subscribe))
        router.delete("/v1/push-subscriptions/:id", tokens.user(endSubscription))
        router.put("/v1/notifications/phone", tokens.user(setPhone))
        router.delete("/v1/notifications/phone", tokens.user(removePhone))
        router.get("/v1/notifications/webhooks", tokens.user(listWebhooks))
        router.post("/v1/notifications/webhooks", tokens.user(addWebhook))
        router.delete("/v1/notifications/webhooks/:id", tokens.user(removeWebhook))
    }

    // MARK: Push subscriptions

    private struct SubscriptionDocument: Encodable, Sendable {
        let id: Identifier
        let origin: String
        let createdAt: Timestamp

        init(_ subscription: PushSubscription) {
            id = subscription.id
            origin = EndpointRules.origin(of: subscription.endpoint)
            createdAt = subscription.createdAt
        }

        enum CodingKeys: String, CodingKey {
            case id, origin
            case createdAt = "created_at"
        }
    }

    private struct SubscriptionList: Encodable, Sendable {
        let publicKey: String
        let items: [SubscriptionDocument]

        enum CodingKeys: String, CodingKey {
            case publicKey = "public_key"
            case items
        }
    }

    /// The key that a page subscribes with, and the browsers that have.
    @Sendable private func listSubscriptions(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        let found = try await database.read { try NotificationStore.subscriptions(of: user, $0) }
        let items = found.map(SubscriptionDocument.init)
        return try .json(SubscriptionList(publicKey: channels.identity.publicKey, items: items))
    }

    /// What `PushSubscription.toJSON()` gives.
    private struct NewSubscription: Decodable, Sendable {
        struct Keys: Decodable, Sendable {
            let p256dh: String
            let auth: String
        }
        let endpoint: String
        let keys: Keys
        let expirationTime: Double?
    }

    @Sendable private func subscribe(_ request: Request, _ token: AccessToken) async throws -> Response {
        let body = try await request.json(NewSubscription.self)
        guard channels.rules.isAllowed(body.endpoint) else { throw Problem.invalid("/endpoint", "an https URL") }
        guard let point = Self.bytes(body.keys.p256dh), (try? P256Key().sharedSecret(with: point)) != nil else {
            throw Problem.invalid("/keys/p256dh", "an uncompressed point of P-256 in base64url")
        }
        guard let secret = Self.bytes(body.keys.auth), secret.count == 16 else {
            throw Problem.invalid("/keys/auth", "16 bytes in base64url")
        }
        var subscription = PushSubscription(
            id: .version7(at: clock.now),
            userID: token.userID,
            endpoint: body.endpoint,
            publicKey: point,
            secret: secret,
            createdAt: clock.now
        )
        let new = subscription
        // The same browser has the same subscription, so a repeat needs no key.
        subscription.id = try await database.write { try NotificationStore.save(new, $0) }
        var response = try Response.json(SubscriptionDocument(subscription), status: .created)
        response.headerFields[.location] = "/v1/push-subscriptions/\(subscription.id)"
        return response
    }

    /// Base64url; browsers leave the padding out, some libraries do not.
    private static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 200 else { return nil }
        return Base64.decodeURLSafe(text.prefix { $0 != "=" })
    }

    @Sendable private func endSubscription(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (id, user) = (try request.identifier("id"), token.userID)
        let isRemoved = try await database.write { try NotificationStore.removeSubscription(id, of: user, $0) }
        guard isRemoved else { throw Problem(.notFound) }
        return .noContent
    }

    // MARK: Telephone

    private struct Phone: Decodable, Sendable {
        let number: String
    }

    @Sendable private func setPhone(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (number, user) = (try await request.json(Phone.self).number, token.userID)
        guard EndpointRules.isPhoneNumber(number) else {
            throw Problem.invalid("/number", "a number in the form of E.164, such as +84901234567")
        }
        try await database.write { try NotificationStore.setPhone(number, of: user, $0) }
        return .noContent
    }

    @Sendable private func removePhone(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        try await database.write { try NotificationStore.setPhone(nil, of: user, $0) }
        return .noContent
    }

    // MARK: Webhooks

    private struct WebhookDocument: Encodable, Sendable {
        let id: Identifier
        let url: String
        let types: [String]
        let createdAt: Timestamp
        /// Shown once, to who made it.
        var secret: String?

        init(_ webhook: Webhook) {
            (id, url, types, createdAt) = (webhook.id, webhook.url, webhook.types, webhook.createdAt)
        }

        enum CodingKeys: String, CodingKey {
            case id, url, types, secret
            case createdAt = "created_at"
        }
    }

    @Sendable private func listWebhooks(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        let found = try await database.read { try NotificationStore.webhooks(of: user, $0) }
        return try .json(["items": found.map(WebhookDocument.init)])
    }

    private struct NewWebhook: Decodable, Sendable {
        let url: String
        let types: [String]?
    }

    @Sendable private func addWebhook(_ request: Request, _ token: AccessToken) async throws -> Response {
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let contentType = request.headerFields[.contentType] ?? ""
        let body = try JSONBody.decode(NewWebhook.self, from: bytes, contentType: contentType)
        let types = body.types ?? ["*"]
        guard channels.rules.isAllowed(body.url) else { throw Problem.invalid("/url", "an https URL") }
        guard (1...Webhook.maximumTypes).contains(types.count), types.allSatisfy({ $0 == "*" || Template.isType($0) })
        else { throw Problem.invalid("/types", "types or groups of types, or *") }
        let secret = SecureRandom.bytes(Webhook.secretLength)
        let id = Identifier.version7(at: clock.now)
        let webhook = Webhook(
            id: id,
            userID: token.userID,
            url: body.url,
            types: types,
            sealedSecret: try channels.secrets.seal(secret, context: id.bytes),
            createdAt: clock.now
        )
        var document = WebhookDocument(webhook)
        document.secret = WebhookSignature(key: secret).secret
        let location = OutboxHeader("Location", text: "/v1/notifications/webhooks/\(id)")
        let answer = try StoredResponse.json(document, status: 201, headers: [location])
        return try await request.idempotent(
            scope: token.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            guard try NotificationStore.insert(webhook, transaction) else {
                throw Problem(.conflict, "at most \(Webhook.limit) webhooks")
            }
            return answer
        }
    }

    @Sendable private func removeWebhook(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (id, user) = (try request.identifier("id"), token.userID)
        guard try await database.write({ try NotificationStore.removeWebhook(id, of: user, $0) }) else {
            throw Problem(.notFound)
        }
        return .noContent
    }
}
