import System
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct LimitTests {
    @Test func `locks and tickets count towards the limit, whatever is asked at once`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1", "A2"], as: an)
        _ = try await service.pay(booking, as: an)
        try await service.wait(booking, for: "booked", as: an)
        // Six are left of eight: two of these four requests fit.
        let answers = try await withThrowingTaskGroup(of: Curl.Response.self) { group in
            for seats in [["A3", "A4", "A5"], ["A6", "A7", "A8"], ["B1", "B2", "B3"], ["B4", "B5", "B6"]] {
                group.addTask { try await service.book(showtime, seats, as: an) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0.status == 201 }.count == 2)
        #expect(answers.filter { $0.json["code"].string == "seat_limit_exceeded" }.count == 2)
        #expect(try await service.taken(showtime).count == 8)
        let more = try await service.book(showtime, ["B8"], as: an)
        #expect(more.status == 403)
        #expect(try await service.book(try await rig.showtime(service), ["B8"], as: an).status == 201)
    }

    @Test func `seats of another hall are refused`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let rows = #"[{"row":"Z","seats":1,"category":"standard"}]"#
        _ = try await rig.showtime(service, rows: rows, prices: #"{"standard":1}"#)
        let answer = try await service.book(showtime, ["A1", "Z1"], as: try rig.person())
        #expect(answer.status == 422 && answer.json["code"].string == "unknown_seat")
        #expect(answer.json["errors"][0]["pointer"].string == "/seats/1")
        #expect(try await service.taken(showtime).isEmpty)
    }

    @Test func `once the film has begun nothing is sold, cancelled or given away`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let start = WallClock.system.now.adding(milliseconds: 2500)
        let showtime = try await rig.showtime(service, startsAt: start.description)
        let an = try rig.person()
        let booking = try await service.lock(showtime, ["A1"], as: an)
        _ = try await service.pay(booking, as: an)
        try await service.wait(booking, for: "booked", as: an)
        try await eventually("the film has begun") { WallClock.system.now >= start }
        let answer = try await service.book(showtime, ["A2"], as: an)
        #expect(answer.status == 409 && answer.json["code"].string == "conflict")
        for action in ["cancel", "transfer"] {
            let url = "\(service.url)/v1/bookings/\(booking)/\(action)"
            #expect(try await Curl.request("POST", url, token: an).status == 409)
        }
        #expect(try await service.taken(showtime) == ["A1": "booked"])
    }
}
