import Contracts
import EventBus
import Security
import System
import TestSupport
import Testing

@Suite(.serialized) struct ChannelTests {
    private let user = Identifier.version7(at: WallClock.system.now)

    /// A service that sends to this machine, and knows the user.
    private func start(_ environment: [String: String] = [:]) async throws -> (NotificationRig, ServiceProcess) {
        let rig = try await NotificationRig()
        let service = try await rig.service(["ALLOW_PRIVATE_ENDPOINTS": "true"].merging(environment) { $1 })
        try await rig.register(user, email: "ngoc@example.com", locale: "en")
        try await rig.waitForProfile(of: user)
        return (rig, service)
    }

    @Test func `a browser gets what it alone can read, from who its page subscribed to`() async throws {
        let (rig, service) = try await start()
        let (pushService, browser) = (try await HTTPSink(statuses: [503]), try await Browser())
        let (url, token) = ("\(service.url)/v1/push-subscriptions", try rig.token(for: user))
        let body = browser.subscription(at: "\(pushService.url)/send/1")
        let made = try await Curl.request("POST", url, json: body, token: token)
        #expect(made.status == 201, "\(made.body)")
        let repeated = try await Curl.request("POST", url, json: body, token: token)
        #expect(repeated.json["id"].string == made.json["id"].string)
        try await rig.publish(rig.booked(user))
        try await eventually("the message is taken", within: 20) { rig.outcomes(of: "push").count == 1 }
        #expect(pushService.requests.count == 2)
        let listed = try await Curl.request("GET", url, token: token).json
        #expect(listed["items"].array.map { $0["origin"].string } == [pushService.url])
        let request = try #require(pushService.requests.last)
        let message = try await browser.open(
            request,
            from: listed["public_key"].string ?? "",
            audience: pushService.url
        )
        #expect(message["body"].string == "Your ticket for the 19:00 show has been booked!")
        #expect(message["type"].string == "booking.booked")
        #expect(request.fields["content-encoding"] == "aes128gcm" && request.fields["ttl"] == "86400")
        #expect(request.fields["urgency"] == "normal" && request.fields["topic"]?.count == 22)
        #expect(!request.body.contains("ticket"))
    }

    @Test func `a browser that its push service no longer knows is forgotten`() async throws {
        let (rig, service) = try await start()
        let (pushService, browser) = (try await HTTPSink(statuses: [410]), try await Browser())
        let (url, token) = ("\(service.url)/v1/push-subscriptions", try rig.token(for: user))
        let body = browser.subscription(at: "\(pushService.url)/send/1")
        #expect(try await Curl.request("POST", url, json: body, token: token).status == 201)
        try await rig.publish(rig.booked(user))
        try await eventually("the failure is told", within: 20) {
            rig.outcomes(of: "push") == [NotificationFailed.type]
        }
        #expect(try await Curl.request("GET", url, token: token).json["items"].array.count == 0)
    }

    @Test func `nobody has more than ten webhooks and twenty browsers, of which the oldest goes`() async throws {
        let (rig, service) = try await start()
        let (url, token) = ("\(service.url)/v1", try rig.token(for: user))
        for number in 1...11 {
            let body = #"{"url":"http://127.0.0.1:9/\#(number)","types":["booking"]}"#
            let answer = try await Curl.request("POST", "\(url)/notifications/webhooks", json: body, token: token)
            #expect(answer.status == (number <= 10 ? 201 : 409), "\(number): \(answer.body)")
        }
        let browser = try await Browser()
        for number in 1...21 {
            let body = browser.subscription(at: "http://127.0.0.\(number):9/send")
            let answer = try await Curl.request("POST", "\(url)/push-subscriptions", json: body, token: token)
            #expect(answer.status == 201, "\(number): \(answer.body)")
        }
        let listed = try await Curl.request("GET", "\(url)/push-subscriptions", token: token).json["items"].array
        #expect(Set(listed.compactMap { $0["origin"].string }) == Set((2...21).map { "http://127.0.0.\($0):9" }))
    }

    @Test func `a webhook is signed, tried again under its id, and told of what it takes alone`() async throws {
        let (rig, service) = try await start()
        let receiver = try await HTTPSink(statuses: [500])
        let (url, token) = ("\(service.url)/v1/notifications/webhooks", try rig.token(for: user))
        let body = #"{"url":"\#(receiver.url)/hook","types":["booking"]}"#
        let made = try await Curl.request("POST", url, json: body, token: token)
        #expect(made.status == 201, "\(made.body)")
        let signature = try #require(made.json["secret"].string.flatMap(WebhookSignature.init(secret:)))
        try await rig.publish(UserPasswordChanged(userID: user, timestamp: WallClock.system.now))
        try await rig.publish(rig.booked(user))
        try await eventually("the second try is taken", within: 20) { receiver.requests.count == 2 }
        #expect(Set(receiver.requests.map { $0.fields["webhook-id"] ?? "" }).count == 1)
        for request in receiver.requests {
            let isValid = signature.isValid(
                request.fields["webhook-signature"] ?? "",
                id: request.fields["webhook-id"] ?? "",
                timestamp: request.fields["webhook-timestamp"] ?? "",
                body: Array(request.body.utf8),
                now: WallClock.system.now
            )
            #expect(isValid)
            #expect(try JSON(parsing: request.body)["type"].string == "booking.booked")
        }
        let listed = try await Curl.request("GET", url, token: token).json["items"].array
        #expect(listed.count == 1 && listed[0]["secret"].string == nil)
        let id = try #require(made.json["id"].string)
        let other = try rig.token(for: .version7(at: WallClock.system.now))
        #expect(try await Curl.request("DELETE", "\(url)/\(id)", token: other).status == 404)
        #expect(try await Curl.request("DELETE", "\(url)/\(id)", token: token).status == 204)
        #expect(try await rig.rows("SELECT count(*) FROM webhooks") == "0\n")
    }

    @Test func `a text message goes to the provider, signed, and no further when the number is gone`() async throws {
        let provider = try await HTTPSink()
        let signature = WebhookSignature(key: Array("a shared secret".utf8))
        let (rig, service) = try await start(["SMS_URL": "\(provider.url)/sms", "SMS_SECRET": signature.secret])
        let (url, token) = ("\(service.url)/v1/notifications/phone", try rig.token(for: user))
        for number in ["0901234567", "+0901234567", "+84", "+84901234567890123", "+8490a234567"] {
            let json = #"{"number":"\#(number)"}"#
            #expect(try await Curl.request("PUT", url, json: json, token: token).status == 422)
        }
        let number = #"{"number":"+84901234567"}"#
        #expect(try await Curl.request("PUT", url, json: number, token: token).status == 204)
        try await rig.publish(rig.booked(user))
        try await eventually("the message is taken", within: 20) { rig.outcomes(of: "sms").count == 1 }
        let request = try #require(provider.requests.first)
        let isValid = signature.isValid(
            request.fields["webhook-signature"] ?? "",
            id: request.fields["webhook-id"] ?? "",
            timestamp: request.fields["webhook-timestamp"] ?? "",
            body: Array(request.body.utf8),
            now: WallClock.system.now
        )
        #expect(isValid)
        #expect(try JSON(parsing: request.body)["to"].string == "+84901234567")
        #expect(try await Curl.request("DELETE", url, token: token).status == 204)
        try await rig.publish(rig.booked(user))
        try await eventually("the second is told", within: 20) { rig.outcomes(of: "in_app").count == 2 }
        #expect(provider.requests.count == 1)
    }

    @Test func `nothing is sent into our own network, whatever name it has`() async throws {
        let rig = try await NotificationRig()
        let service = try await rig.service()
        try await rig.register(user, email: "ngoc@example.com")
        try await rig.waitForProfile(of: user)
        let token = try rig.token(for: user)
        let webhooks = "\(service.url)/v1/notifications/webhooks"
        for url in ["http://example.com/", "ftp://example.com/", "https://a@example.com/", "https://", "x", ""] {
            let answer = try await Curl.request("POST", webhooks, json: #"{"url":"\#(url)"}"#, token: token)
            #expect(answer.status == 422, "\(url)")
        }
        let made = try await Curl.request("POST", webhooks, json: #"{"url":"https://localhost:1/"}"#, token: token)
        #expect(made.status == 201)
        try await rig.publish(rig.booked(user))
        try await eventually("the try is given up at once", within: 20) {
            rig.outcomes(of: "webhook") == ["notification.failed"]
        }
        try await rig.waitForRows(1, in: "deliveries WHERE channel = 'webhook' AND state = 'failed' AND attempts = 1")
        let browser = try await Browser()
        let push = "\(service.url)/v1/push-subscriptions"
        let wrong = browser.subscription(at: "https://push.example/1").replacing(
            browser.publicKey.prefix(9),
            with: "BAAAAAAAA"
        )
        #expect(try await Curl.request("POST", push, json: wrong, token: token).status == 422)
        let plain = browser.subscription(at: "http://push.example/1")
        #expect(try await Curl.request("POST", push, json: plain, token: token).status == 422)
    }
}
