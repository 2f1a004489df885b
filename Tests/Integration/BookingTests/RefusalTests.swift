import Security
import System
import TestSupport
import Testing

@testable import BookingService

@Suite(.serialized, .timeLimit(.minutes(3)))
struct RefusalTests {
    @Test func `bad requests get a coded problem and change nothing`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let nowhere = Identifier.version7(at: WallClock.system.now)
        let cases: [(String, Int, String)] = [
            ("{", 400, "malformed_json"), ("[]", 422, "invalid_request"),
            (#"{"showtime_id":1,"seats":["A1"]}"#, 422, "invalid_request"),
            (#"{"showtime_id":"\#(showtime)"}"#, 422, "invalid_request"),
            (#"{"showtime_id":"\#(showtime)","seats":[]}"#, 422, "invalid_request"),
            (#"{"showtime_id":"\#(showtime)","seats":["A1","A1"]}"#, 422, "invalid_request"),
            (#"{"showtime_id":"\#(showtime)","seats":["Z9"]}"#, 422, "unknown_seat"),
            (#"{"showtime_id":"\#(showtime)","seats":["A1"],"price":1}"#, 422, "unknown_field"),
            (#"{"showtime_id":"\#(nowhere)","seats":["A1"]}"#, 404, "not_found"),
            (
                #"{"showtime_id":"\#(showtime)","seats":["A1","A2","A3","A4","A5","A6","A7","A8","B1"]}"#, 403,
                "seat_limit_exceeded"
            ),
        ]
        for (body, status, code) in cases {
            let answer = try await Curl.request("POST", service.url + "/v1/bookings", json: body, token: an)
            #expect(answer.status == status, "\(body): \(answer.body)")
            #expect(answer.json["code"].string == code, "\(body): \(answer.body)")
        }
        let anonymous = try await Curl.request("POST", service.url + "/v1/bookings", json: "{}")
        #expect(anonymous.status == 401)
        #expect(try await service.taken(showtime).isEmpty)
        #expect(try await Curl.request("GET", service.url + "/v1/bookings", token: an).json["items"].array.isEmpty)
    }

    @Test func `forged, foreign and wrong payment reports change nothing`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        let payment = try await service.pay(booking, #"{"delay_ms":60000}"#, as: an).json["id"].string ?? ""
        let secret = try SecretFile.loadOrCreate(rig.data.appending("booking/webhook.secret"))
        func report(_ amount: Int, payment: String, signedWith key: [UInt8], age: Int64 = 0) async throws -> Int {
            let body = """
                {"type":"payment.succeeded","data":{"payment_id":"\(payment)","booking_id":"\(booking)",\
                "amount":\(amount),"currency":"VND"}}
                """
            let seconds = WallClock.system.now.milliseconds / 1000 - age
            let signature = WebhookSignature(key: key).sign(id: "w1", timestamp: seconds, body: Array(body.utf8))
            return try await Curl.request(
                "POST",
                service.url + "/v1/payments/webhook",
                json: body,
                headers: [
                    "webhook-id": "w1", "webhook-timestamp": String(seconds), "webhook-signature": signature,
                ]
            ).status
        }
        #expect(try await report(90_000, payment: payment, signedWith: Array("guess".utf8)) == 401)
        #expect(try await report(90_000, payment: payment, signedWith: secret, age: 600) == 401)
        #expect(try await report(1, payment: payment, signedWith: secret) == 422)
        #expect(try await report(90_000, payment: "pay_x", signedWith: secret) == 404)
        #expect(try await service.booking(booking, as: an)["state"].string == "locked")
        #expect(try await report(90_000, payment: payment, signedWith: secret) == 204)
        try await service.wait(booking, for: "booked", as: an)
        #expect(try await report(90_000, payment: payment, signedWith: secret) == 204)
        try await service.audit(showtime, of: 2, as: rig.admin)
    }

    @Test func `a repeated request with its key is one booking`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        func ask(_ seat: String) async throws -> Curl.Response {
            try await Curl.request(
                "POST",
                service.url + "/v1/bookings",
                json: #"{"showtime_id":"\#(showtime)","seats":["\#(seat)"]}"#,
                token: an,
                headers: ["Idempotency-Key": "once"]
            )
        }
        let (first, second) = (try await ask("A1"), try await ask("A1"))
        #expect(first.status == 202)
        #expect(second.json["id"].string == first.json["id"].string)
        #expect(try await ask("A2").json["code"].string == "idempotency_mismatch")
    }
}
