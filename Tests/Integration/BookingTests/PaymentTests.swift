import Security
import System
import TestSupport
import Testing

@testable import BookingService

@Suite(.serialized, .timeLimit(.minutes(3)))
struct PaymentTests {
    /// The rows of a table of a stopped service, as the program `sqlite3` of Python reads them.
    private func rows(_ rig: BookingRig, _ query: String) async throws -> String {
        let program = """
            import sqlite3, sys
            for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row)
            """
        return try await Command.python(program, [rig.data.appending("booking/booking.sqlite"), query]).output
    }

    @Test func `money is reserved first and taken once the seats are sold`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        _ = try await service.pay(booking, #"{"copies":2,"loses_answer":true}"#, as: an)
        try await service.wait(booking, for: "booked", as: an)
        try await eventually("the money is taken") {
            try await rows(rig, "SELECT state, verdict FROM payments") == "captured in_time\n"
        }
    }

    @Test func `what a payment causes carries the trace of the call that began it`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let payment = try await Curl.request(
            "POST",
            "\(service.url)/v1/bookings/\(booking)/payment",
            json: #"{"method":"sandbox"}"#,
            token: an,
            headers: ["traceparent": "00-\(trace)-b7ad6b7169203331-01"]
        )
        try #require(payment.status == 202, "\(payment.body)")
        for topic in ["payment-events", "ticket-events", "notifications"] {
            try await eventually("\(topic) has a record of the trace") {
                let log = [
                    "-C", "-q", "-e", "-o", "beginning", "-b", "127.0.0.1:\(rig.broker.port)", "-t", topic, "-f",
                    "%h\n",
                ]
                return try await Command.run("kcat", log).output.contains("traceparent=00-\(trace)-")
            }
        }
    }

    @Test func `money reserved too late is released, money taken too late is refunded, and both are told`() async throws
    {
        let rig = try await BookingRig(lockSeconds: 1)
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let (an, binh) = (try rig.person(), try rig.person())
        let reserved = try await service.lock(showtime, ["A1"], as: an)
        _ = try await service.pay(reserved, #"{"delay_ms":1300}"#, as: an)
        let taken = try await service.lock(showtime, ["A2"], as: binh)
        _ = try await service.pay(taken, #"{"delay_ms":1300,"captures_at_once":true}"#, as: binh)
        try await service.wait(reserved, for: "refunded", as: an)
        try await service.wait(taken, for: "refunded", as: binh)
        #expect(try await rows(rig, "SELECT state FROM payments ORDER BY created_at") == "voided\nrefunded\n")
        let told = try await rig.records(of: "notifications").filter { $0["template"].string == "booking.refunded" }
        #expect(told.count == 2)
        try await service.audit(showtime, as: rig.admin)
    }

    @Test func `tickets whose reserved money cannot be taken are taken back`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        _ = try await service.pay(booking, #"{"capture_outcome":"fail"}"#, as: an)
        try await service.wait(booking, for: "cancelled", as: an)
        #expect(try await service.booking(booking, as: an)["reason"].string == "payment_failed")
        #expect(try await service.taken(showtime).isEmpty)
        try await service.audit(showtime, as: rig.admin)
    }

    @Test func `a failed payment leaves the lock as long as it was, and the next one counts`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        let expiry = try await service.booking(booking, as: an)["expires_at"].string
        _ = try await service.pay(booking, #"{"outcome":"fail"}"#, as: an)
        try await eventually("the payment has failed") {
            try await rows(rig, "SELECT state FROM payments") == "failed\n"
        }
        let again = try await service.book(showtime, ["A1"], as: an)
        #expect(again.status == 409 && again.json["conflicts"][0].string == "A1")
        #expect(try await service.booking(booking, as: an)["expires_at"].string == expiry)
        #expect(try await service.pay(booking, as: an).status == 202)
        try await service.wait(booking, for: "booked", as: an)
    }

    @Test func `a webhook signed by another implementation counts once; refused ones are counted`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        let payment = try await service.pay(booking, #"{"delay_ms":60000}"#, as: an).json["id"].string ?? ""
        let post = """
            import base64, hashlib, hmac, json, sys, time, urllib.error, urllib.request
            url, secret, payment, booking = sys.argv[1:]
            key = bytes.fromhex(open(secret).read())
            def send(amount=90000, currency="VND", booking=booking, id="evt_1", at=None, signature=None):
                body = json.dumps({"type": "payment.authorized", "data": {"payment_id": payment, "booking_id": booking,
                    "amount": amount, "currency": currency}}).encode()
                at = str(int(time.time())) if at is None else at
                mac = hmac.new(key, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
                signature = signature or "v1," + base64.b64encode(mac).decode()
                head = {"webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature}
                try: return urllib.request.urlopen(urllib.request.Request(url, body, head)).status
                except urllib.error.HTTPError as error: return error.code
            now = int(time.time())
            print(send(amount=1), send(currency="USD"), send(booking="01a1fedf-8b1a-7943-b090-646362381e2f"),
                send(at=str(now - 301)), send(at=str(now + 310)), send(at="-9223372036854775808"), send(at="x"),
                send(signature="v1,AAAA"), send(), send(), send(id="evt_2"))
            """
        let secret = rig.data.appending("booking/webhook.secret")
        let arguments = [service.url + "/v1/payments/webhook", secret, payment, booking]
        let answers = try await Command.python(post, arguments)
        #expect(answers.output == "422 422 404 401 401 401 401 401 204 204 204\n")
        try await service.wait(booking, for: "booked", as: an)
        try await service.audit(showtime, of: 2, as: rig.admin)
        let metrics = try await Curl.request("GET", service.url + "/metrics").body
        for (outcome, count) in [
            ("invalid_signature", 5), ("amount_mismatch", 2), ("unknown_payment", 1), ("repeated", 1),
        ] {
            let line = metrics.split(separator: "\n").first { $0.contains(#"outcome="\#(outcome)""#) }
            #expect(line?.hasSuffix(" \(count)") == true, "\(outcome): \(line ?? "")")
        }
    }
}
