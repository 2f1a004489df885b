import System
import TestSupport
import Testing

/// Tests of the whole stack, as real processes. One stack at a time: the machine is small.
@Suite(.serialized) enum EndToEnd {}

extension EndToEnd {
    /// The ticket story through the gateway.
    @Suite struct StoryTests {
        /// The words a booking ends with.
        private static let booked = "đã được đặt thành công"

        @Test func `somebody signs up, books, pays, and is told`() async throws {
            try await RunningStack.with([:], Self.story)
        }

        @Test(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME is not set"))
        func `the same story on Apache Kafka`() async throws {
            let kafka = try await ApacheKafka(home: try #require(ApacheKafka.home))
            try await RunningStack.with(kafka: kafka, Self.story)
        }

        private static func story(_ stack: RunningStack) async throws {
            let cinema = try await Cinema(stack)
            let lan = try await cinema.visitor("lan")
            let answer = try await lan.book("A1", "A2")
            try #require(answer.status == 201, "\(answer.body)")
            #expect(answer.json["state"].string == "locked")
            #expect(answer.json["amount"].int == 180_000)
            let booking = try #require(answer.json["id"].string)
            #expect(try await cinema.seat("A1") == "locked")

            try await lan.pay(booking)
            try await lan.expect(booking, is: "booked")
            try await eventually("the seats show as booked") { try await cinema.seat("A2") == "booked" }
            let tickets = try await stack.call("GET", "/v1/bookings/\(booking)/tickets", token: lan.token, status: 200)
            #expect(tickets["items"].array.compactMap { $0["seat"].string }.sorted() == ["A1", "A2"])
            try await eventually("the person is told") {
                try await lan.messages().contains { $0.contains(booked) }
            }

            let minh = try await cinema.visitor("minh")
            let refused = try await minh.book("A2", "A3")
            #expect(refused.status == 409)
            #expect(refused.body.contains("A2"))
            #expect(try await cinema.seat("A3") == "available")
            let foreign = try await Curl.request("GET", "\(stack.url)/v1/bookings/\(booking)", token: minh.token)
            #expect(foreign.status == 404)
            try await checkLog(of: stack)
        }

        /// All that is in the log is as asyncapi.yaml says.
        private static func checkLog(of stack: RunningStack) async throws {
            let judged = try await EventCheck.run(broker: stack.broker, isOpen: stack.isOnKafka)
            #expect(judged.status.isSuccess, "\(judged.output)")
            let types = Set(judged.output.split(separator: "\n").compactMap { $0.split(separator: " ").first })
            let story: Set<Substring> = [
                "user.registered", "user.profile", "auth.login-succeeded", "ticket.requested", "seat.locked",
                "seat.rejected",
                "payment.succeeded", "seat.booked", "ticket.booked", "notification.requested", "notification.delivered",
                "gateway.request",
            ]
            #expect(story.subtracting(types) == [], "\(judged.output)")
        }

        @Test func `of many who want one seat at once, one gets it`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                var visitors: [Visitor] = []
                for name in ["an", "binh", "chi", "dung"] { visitors.append(try await cinema.visitor(name)) }
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for visitor in visitors { group.addTask { try await visitor.book("B5").status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.sorted() == [201, 409, 409, 409])
                #expect(try await cinema.seat("B5") == "locked")
            }
        }

        @Test func `a lock nobody pays for expires, and the seat is free again`() async throws {
            try await RunningStack.with(["SEAT_LOCK_SECONDS": "2"]) { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                let booking = try #require(try await lan.book("A7").json["id"].string)
                try await lan.expect(booking, is: "expired")
                try await eventually("the seat is free") { try await cinema.seat("A7") == "available" }
                #expect(try await lan.book("A7").status == 201)
            }
        }

        @Test func `crashes in the middle lose nothing and double nothing`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                let booking = try await lan.request("A1", "A2")
                try stack.kill("broker")
                try await lan.expect(booking, is: "locked", within: 60)
                try await lan.pay(booking)
                try stack.kill("booking")
                try stack.kill("notification")
                try await lan.expect(booking, is: "booked", within: 60)
                try await eventually("the person is told", within: 60) {
                    try await lan.messages().contains { $0.contains(Self.booked) }
                }
                try stack.kill("broker")
                let second = try await lan.request("A3")
                try await lan.expect(second, is: "locked", within: 60)
                #expect(try await lan.messages().filter { $0.contains(Self.booked) }.count == 1)
                #expect(try await cinema.seat("A1") == "booked")
            }
        }
    }
}
