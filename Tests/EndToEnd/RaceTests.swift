import System
import TestSupport
import Testing

extension EndToEnd {
    /// Many who want the same thing at once.
    @Suite struct RaceTests {
        /// Runs `body` so many times, `width` at a time.
        static func atOnce<Value: Sendable>(
            _ count: Int,
            width: Int,
            _ body: @escaping @Sendable (Int) async throws -> Value
        ) async throws -> [Value] {
            try await withThrowingTaskGroup(of: Value.self) { group in
                var values: [Value] = []
                for number in 0..<count {
                    if number >= width, let value = try await group.next() { values.append(value) }
                    group.addTask { try await body(number) }
                }
                for try await value in group { values.append(value) }
                return values
            }
        }

        @Test func `of a thousand requests for one hall no seat goes to two, and each refusal says why`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack, rows: "ABCDE")
                let visitors = try await Self.atOnce(8, width: 4) { try await cinema.visitor("visitor-\($0)") }
                let answers = try await Self.atOnce(1000, width: 32) { number in
                    let seat = number * 7 % 50
                    let row = ["A", "B", "C", "D", "E"][seat / 10]
                    let visitor = visitors[number % visitors.count]
                    // Every third wants the neighbour, too.
                    let (first, second) = ("\(row)\(seat % 10 + 1)", "\(row)\((seat + 1) % 10 + 1)")
                    return try await number % 3 == 0 ? visitor.book(first, second) : visitor.book(first)
                }
                let sold = answers.filter { $0.status == 201 }.flatMap { $0.json["seats"].array.compactMap(\.string) }
                #expect(Set(sold).count == sold.count && sold.count >= 40, "\(sold.sorted())")
                let refusals: Set<String?> = ["seats_taken", "seat_limit_exceeded"]
                let others = answers.filter { $0.status != 201 && !refusals.contains($0.json["code"].string) }
                #expect(others.isEmpty, "\(others.first?.status ?? 0) \(others.first?.body ?? "")")
                let shown = try await stack.call("GET", "/v1/showtimes/\(cinema.showtime)/seats", status: 200)
                let taken = shown["items"].array.filter { $0["state"].string != "available" }
                #expect(Set(taken.compactMap { $0["seat"].string }) == Set(sold))
                let audit = try await stack.call(
                    "GET",
                    "/v1/admin/showtimes/\(cinema.showtime)/audit",
                    token: try await stack.administrator(),
                    status: 200
                )
                #expect(audit["violations"].array.isEmpty, "\(audit)")
            }
        }

        @Test func `fifty refreshes of one token at once get one successor`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                _ = try await cinema.visitor("lan")
                let logIn = #"{"email":"lan@example.com","password":"correct horse battery lan"}"#
                let session = try await stack.call("POST", "/v1/auth/login", logIn, status: 200)
                let body = #"{"refresh_token":"\#(try session.text("refresh_token"))"}"#
                let answers = try await Self.atOnce(50, width: 50) { _ in
                    try await Curl.request("POST", stack.url + "/v1/auth/token", json: body)
                }
                #expect(answers.allSatisfy { $0.status == 200 })
                let successors = Set(answers.map { $0.json["refresh_token"].string })
                #expect(successors.count == 1)
                let next = try #require(successors.first ?? nil)
                _ = try await stack.call("POST", "/v1/auth/token", #"{"refresh_token":"\#(next)"}"#, status: 200)
            }
        }

        @Test func `who presses the button many times has one booking, one payment and one cancellation`() async throws
        {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                // With a key: the same answer, or a word that the first is at work.
                let keyed = try await Self.atOnce(16, width: 16) { _ in try await lan.request("A1", key: "one") }
                #expect(Set(keyed.compactMap { $0.json["id"].string }).count == 1)
                #expect(
                    keyed.allSatisfy { $0.status == 202 || $0.json["code"].string == "idempotency_in_progress" }
                )
                // Without one: one gets the seat, the others are refused.
                let bare = try await Self.atOnce(16, width: 16) { _ in try await lan.book("A2") }
                #expect(bare.filter { $0.status == 201 }.count == 1)
                #expect(bare.filter { $0.json["code"].string == "seats_taken" }.count == 15)
                let booking = try #require(bare.first { $0.status == 201 }?.json["id"].string)
                let paid = try await Self.atOnce(8, width: 8) { _ in
                    try await Curl.request(
                        "POST",
                        "\(stack.url)/v1/bookings/\(booking)/payment",
                        json: #"{"method":"sandbox"}"#,
                        token: lan.token
                    ).status
                }
                #expect(paid.filter { $0 == 202 }.count == 1 && Set(paid).isSubset(of: [202, 409]), "\(paid)")
                try await lan.expect(booking, is: "booked")
                let cancelled = try await Self.atOnce(8, width: 8) { _ in
                    try await Curl.request(
                        "POST",
                        "\(stack.url)/v1/bookings/\(booking)/cancel",
                        token: lan.token
                    ).status
                }
                #expect(cancelled.filter { $0 == 202 }.count == 1 && Set(cancelled).isSubset(of: [202, 409]))
                try await lan.expect(booking, is: "refunded")
                let told = try await eventually("the refund is told") {
                    let messages = try await lan.messages().filter { $0.contains("hoàn lại") }
                    return messages.isEmpty ? nil : messages
                }
                #expect(told.count == 1)
            }
        }

        @Test func `one person in two sessions has each seat once, and paying against cancelling ends in one of both`()
            async throws
        {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let phone = try await cinema.visitor("lan")
                let token = try await stack.logIn("lan@example.com", password: "correct horse battery lan")
                let laptop = Visitor(cinema: cinema, token: token)
                for number in 1...6 {
                    async let one = phone.book("A\(number)")
                    async let other = laptop.book("A\(number)")
                    let answers = try await [one, other]
                    #expect(answers.map(\.status).sorted() == [201, 409])
                    let booking = try #require(answers.first { $0.status == 201 }?.json["id"].string)
                    let path = "\(stack.url)/v1/bookings/\(booking)"
                    async let payment = Curl.request(
                        "POST",
                        path + "/payment",
                        json: #"{"method":"sandbox","sandbox":{"captures_at_once":\#(number % 2 == 0)}}"#,
                        token: phone.token
                    )
                    async let cancellation = Curl.request("POST", path + "/cancel", token: laptop.token)
                    let (paid, cancelled) = try await (payment.status, cancellation.status)
                    #expect([202, 409, 410].contains(paid) && [202, 409].contains(cancelled))
                    // A cancellation that was taken holds; money that had moved goes back.
                    let ends: Set<String> = cancelled == 202 ? ["cancelled", "refunded"] : ["booked"]
                    try await eventually("booking \(booking) has come to one of \(ends)") {
                        let state = try await Curl.request("GET", path, token: phone.token).json["state"].string
                        return ends.contains(state ?? "")
                    }
                    try await eventually("the seat is as the booking") {
                        try await cinema.seat("A\(number)") == (cancelled == 202 ? "available" : "booked")
                    }
                }
            }
        }
    }
}
