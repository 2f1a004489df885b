import System
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct BookingTests {
    @Test func `seats are locked, paid for and become tickets; a stranger sees nothing of it`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let (an, binh) = (try rig.person(), try rig.person())
        let booking = try await service.lock(showtime, ["A1", "B1"], as: an)
        #expect(try await service.taken(showtime) == ["A1": "locked", "B1": "locked"])
        let refused = try await service.book(showtime, ["B1", "B2"], as: binh)
        #expect(refused.status == 409)
        #expect(refused.json["code"].string == "seats_taken")
        #expect(refused.json["conflicts"].array.map(\.string) == ["B1"])
        let payment = try await service.pay(booking, as: an)
        #expect(payment.status == 202)
        #expect(payment.json["amount"].int == 210_000)
        try await service.wait(booking, for: "booked", as: an)
        #expect(try await service.taken(showtime) == ["A1": "booked", "B1": "booked"])
        for path in ["", "/tickets", "/stream"] {
            let foreign = try await Curl.request("GET", "\(service.url)/v1/bookings/\(booking)\(path)", token: binh)
            #expect(foreign.status == 404)
        }
        let tickets = try await Curl.request("GET", "\(service.url)/v1/bookings/\(booking)/tickets", token: an)
        let code = try #require(tickets.json["items"][0]["code"].string)
        let checkIn = "\(service.url)/v1/tickets/check-in"
        #expect(try await Curl.request("POST", checkIn, json: #"{"code":"\#(code)"}"#, token: an).status == 403)
        #expect(try await Curl.request("POST", checkIn, json: #"{"code":"\#(code)"}"#, token: rig.admin).status == 200)
        let again = try await Curl.request("POST", checkIn, json: #"{"code":"\#(code)"}"#, token: rig.admin)
        #expect(again.json["code"].string == "ticket_used")
        let audit = try await service.audit(showtime, of: 3, as: rig.admin)
        #expect(audit["booked_seats"].array.map(\.string) == ["A1", "B1"])
    }

    @Test func `a lock ends at its instant, its seat sells again and late money goes back`() async throws {
        let rig = try await BookingRig(lockSeconds: 2)
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let (an, binh) = (try rig.person(), try rig.person())
        let booking = try await service.lock(showtime, ["A1"], as: an)
        let text = try #require(try await service.booking(booking, as: an)["expires_at"].string)
        let expiry = try #require(Timestamp(rfc3339: text))
        let late = try await service.pay(booking, #"{"delay_ms":2600}"#, as: an)
        #expect(late.status == 202)
        try await service.wait(booking, for: "expired", as: an)
        let seen = WallClock.system.now
        #expect(seen >= expiry)
        #expect(seen < expiry.adding(milliseconds: 400))
        let other = try await service.lock(showtime, ["A1"], as: binh)
        try await service.wait(booking, for: "refunded", as: an)
        #expect(try await service.booking(other, as: binh)["state"].string == "locked")
        #expect(try await service.pay(booking, as: an).status == 409)
        try await service.audit(showtime, as: rig.admin)
    }

    @Test func `of many requests for one seat one is granted`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<24 {
                let person = try rig.person()
                group.addTask { try await service.book(showtime, ["A1", "A2"], as: person).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 1)
        #expect(statuses.filter { $0 == 409 }.count == 23)
        try await service.audit(showtime, of: 24, as: rig.admin)
    }

    @Test func `a crash between payment and ticket loses nothing and doubles nothing`() async throws {
        let rig = try await BookingRig()
        var service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        let options = #"{"copies":3,"reordered":true,"loses_answer":true,"delay_ms":200}"#
        #expect(try await service.pay(booking, options, as: an).status == 202)
        try await service.kill()
        service = try await rig.service()
        try await service.wait(booking, for: "booked", as: an, within: 20)
        try await service.audit(showtime, of: 2, as: rig.admin)
    }

    @Test func `a cancelled ticket frees its seat and its money goes back`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        _ = try await service.pay(booking, as: an)
        try await service.wait(booking, for: "booked", as: an)
        let cancel = "\(service.url)/v1/bookings/\(booking)/cancel"
        #expect(try await Curl.request("POST", cancel, token: an).status == 202)
        #expect(try await service.taken(showtime).isEmpty)
        try await service.wait(booking, for: "refunded", as: an)
        #expect(try await Curl.request("POST", cancel, token: an).json["code"].string == "booking_not_cancellable")
        try await service.audit(showtime, as: rig.admin)
    }
}
