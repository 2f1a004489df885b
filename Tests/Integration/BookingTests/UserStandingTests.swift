import Contracts
import EventBus
import System
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct UserStandingTests {
    @Test func `who is banned or gone books nothing, and an erasure gets its receipt`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let id = Identifier.version7(at: WallClock.system.now)
        let an = try rig.mint.token(for: id)
        let producer = try EventProducer(
            KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(rig.broker.port)")),
            logger: Logger(label: "test", level: .error)
        )
        func publish(_ payload: some EventPayload) async throws {
            try await producer.send(Event(payload, at: WallClock.system.now))
        }
        func code(_ seat: String) async throws -> String? {
            try await service.book(showtime, [seat], as: an).json["code"].string
        }
        let before = try await service.lock(showtime, ["A1"], as: an)

        try await publish(UserBanned(userID: id, timestamp: WallClock.system.now))
        try await eventually("the ban has come") { try await code("B1") == "user_banned" }
        #expect(try await service.booking(before, as: an)["state"].string == "locked")
        #expect(try await service.book(showtime, ["A2"], as: rig.person()).status == 201)

        try await publish(UserUnbanned(userID: id, timestamp: WallClock.system.now))
        try await eventually("the ban has ended") { try await service.book(showtime, ["A3"], as: an).status == 201 }

        try await publish(UserDeleted(userID: id, erasureID: id, timestamp: WallClock.system.now))
        try await eventually("the receipt is given") {
            try await rig.records(of: "user-events").contains { $0["service"].string == "booking" }
        }
        #expect(try await code("A4") == "token_revoked")
        let taken = try await service.taken(showtime)
        #expect(taken["A1"] == "locked" && taken["A4"] == nil)
    }
}
