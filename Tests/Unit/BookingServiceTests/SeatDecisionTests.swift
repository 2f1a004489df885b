import System
import Testing

@testable import BookingService

struct SeatDecisionTests {
    private let an = Identifier.version7(at: Timestamp(milliseconds: 1))
    private let binh = Identifier.version7(at: Timestamp(milliseconds: 2))
    private let now = Timestamp(milliseconds: 1_000_000)

    private func hold(_ seat: String, _ user: Identifier, until expiry: Int64?, booking: Identifier? = nil) -> SeatHold
    {
        SeatHold(
            seat: seat,
            bookingID: booking ?? user,
            userID: user,
            state: expiry == nil ? .booked : .locked,
            expiresAt: expiry.map(Timestamp.init(milliseconds:))
        )
    }

    private func decide(_ seats: [String], holds: [SeatHold], startsAt: Int64 = 9_000_000) -> SeatDecision {
        SeatDecision.decide(
            seats: seats,
            for: an,
            startsAt: Timestamp(milliseconds: startsAt),
            holds: holds,
            rules: SeatDecision.Rules(lockSeconds: 300, maximumSeatsPerUser: 8),
            now: now
        )
    }

    @Test func `free seats are locked for five minutes`() {
        #expect(decide(["A1", "A2"], holds: []) == .lock(until: now.adding(seconds: 300), releasing: []))
    }

    @Test func `one taken seat refuses the whole request and is named`() {
        let holds = [hold("A2", binh, until: 1_000_001)]
        #expect(decide(["A1", "A2"], holds: holds) == .reject(.seatsTaken, conflicts: ["A2"]))
    }

    @Test func `a sold seat stays sold`() {
        #expect(decide(["A1"], holds: [hold("A1", binh, until: nil)]) == .reject(.seatsTaken, conflicts: ["A1"]))
    }

    @Test func `at the instant of its expiry a lock makes way and is released first`() {
        let holds = [hold("A1", binh, until: now.milliseconds, booking: binh)]
        #expect(decide(["A1"], holds: holds) == .lock(until: now.adding(seconds: 300), releasing: [binh]))
    }

    @Test func `a person's locks and tickets count towards the limit`() {
        let holds = (1...7).map { hold("B\($0)", an, until: $0 % 2 == 0 ? nil : 2_000_000) }
        #expect(decide(["A1"], holds: holds) == .lock(until: now.adding(seconds: 300), releasing: []))
        #expect(decide(["A1", "A2"], holds: holds) == .reject(.seatLimitExceeded, conflicts: []))
    }

    @Test func `no seat is sold once the film has begun`() {
        #expect(decide(["A1"], holds: [], startsAt: 1_000_000) == .reject(.showtimeStarted, conflicts: []))
    }
}

struct SeatLedgerTests {
    private let first = Identifier.version7(at: Timestamp(milliseconds: 1))
    private let second = Identifier.version7(at: Timestamp(milliseconds: 2))

    private func replay(_ entries: [(Identifier, String)]) -> SeatLedger {
        var ledger = SeatLedger()
        for (offset, entry) in entries.enumerated() {
            ledger.apply(
                SeatLedger.Entry(
                    id: .version7(at: Timestamp(milliseconds: 3)),
                    offset: Int64(offset),
                    bookingID: entry.0,
                    seats: ["A1"],
                    status: entry.1
                )
            )
        }
        return ledger
    }

    @Test func `an entry that was sent again counts once`() {
        var ledger = SeatLedger()
        for offset in 0..<2 {
            ledger.apply(
                SeatLedger.Entry(id: first, offset: Int64(offset), bookingID: second, seats: ["A1"], status: "locked")
            )
        }
        #expect(ledger.violations.isEmpty)
        #expect(ledger.entries == 1)
        #expect(ledger.repeats == 1)
    }

    @Test func `lock, release, lock, book, free and lock again is sound`() {
        let ledger = replay([
            (first, "locked"), (second, "rejected"), (first, "released"), (second, "locked"), (second, "booked"),
            (second, "freed"), (first, "locked"),
        ])
        #expect(ledger.violations.isEmpty)
        #expect(ledger.lockedSeats == ["A1"])
        #expect(ledger.bookedSeats.isEmpty)
    }

    @Test(arguments: [["locked", "locked*"], ["booked"], ["locked", "booked*"], ["locked", "freed"], ["released"]])
    func `an entry that makes two owners or comes from nowhere is found`(statuses: [String]) {
        let ledger = replay(
            statuses.map { status in
                status.hasSuffix("*") ? (second, String(status.dropLast())) : (first, status)
            }
        )
        #expect(ledger.violations.count == 1)
        #expect(ledger.violations.first?.offset == Int64(statuses.count - 1))
    }
}
