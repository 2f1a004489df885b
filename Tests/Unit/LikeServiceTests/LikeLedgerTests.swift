import Contracts
import System
import Testing

@testable import LikeService

struct LikeLedgerTests {
    private let target = Identifier.version7(at: WallClock.system.now)
    private let lan = Identifier.version7(at: WallClock.system.now)
    private let minh = Identifier.version7(at: WallClock.system.now)

    private func ledger(upTo end: Int64, _ kinds: (LikeLedger.Entry.Kind, Int64)...) -> LikeLedger {
        var ledger = LikeLedger(upTo: [target: end])
        for (kind, version) in kinds { ledger.apply(LikeLedger.Entry(target: target, kind: kind, version: version)) }
        return ledger
    }

    @Test func `a replay ends with those who like the target`() {
        let ledger = ledger(
            upTo: 3,
            (.added(lan), 1),
            (.added(minh), 2),
            (.reported(count: 2), 2),
            (.removed(lan), 3)
        )
        var expected = LikeLedger.Tally()
        expected.add(minh)
        #expect(ledger.tallies[target] == expected && ledger.versions[target] == 3)
        #expect(ledger.violations.isEmpty && ledger.entries == 3)
    }

    @Test func `what was sent again counts for nothing`() {
        let ledger = ledger(upTo: 2, (.added(lan), 1), (.added(minh), 2), (.added(lan), 1), (.added(minh), 2))
        #expect(ledger.tallies[target]?.count == 2 && ledger.repeats == 2 && ledger.violations.isEmpty)
    }

    @Test func `what came after the rows were read is no part of it`() {
        let ledger = ledger(upTo: 1, (.added(lan), 1), (.added(minh), 2))
        #expect(ledger.tallies[target]?.count == 1 && ledger.versions[target] == 1)
    }

    @Test func `a gap, a wrong report and what cannot be read are named`() {
        #expect(ledger(upTo: 3, (.added(lan), 1), (.added(minh), 3)).violations[target] == "the log goes from 1 to 3")
        #expect(ledger(upTo: 1, (.added(lan), 1), (.reported(count: 2), 1)).violations.count == 1)
        #expect(ledger(upTo: 1, (.unreadable, 1)).violations.count == 1)
    }

    @Test func `other people are another tally even when they are as many`() {
        var (one, other) = (LikeLedger.Tally(), LikeLedger.Tally())
        one.add(lan)
        other.add(minh)
        #expect(one != other)
        other.add(lan)
        other.remove(minh)
        #expect(one == other)
    }

    @Test func `a report has drift where counter, rows and log do not agree`() {
        let good = ledger(upTo: 1, (.added(lan), 1))
        var rows = LikeLedger.Tally()
        rows.add(lan)
        func drift(_ target: CountedTarget, _ ledger: LikeLedger, lost: [Identifier] = []) -> [String] {
            LikeAuditReport([self.target: target], ledger, lost: lost, [:]).problems.map(\.detail)
        }
        #expect(drift(CountedTarget(count: 1, version: 1, rows: rows), good) == [])
        #expect(
            drift(CountedTarget(count: 2, version: 2, rows: rows), good) == ["the counter is not the number of rows"]
        )
        #expect(drift(CountedTarget(count: 1, version: 3, rows: rows), good) == ["the log ends at version 1 of 3"])
        var others = LikeLedger.Tally()
        others.add(minh)
        #expect(drift(CountedTarget(count: 1, version: 1, rows: others), good) == ["the log has other likes"])
        #expect(drift(CountedTarget(count: 1, version: 1, rows: rows), good, lost: [minh]) == ["only the log knows it"])
    }
}
