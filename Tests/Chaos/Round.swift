import Synchronization
import System
import TestSupport

/// One stack, a crowd of guests, and a number of kills; then everything is judged.
struct Round {
    /// People at once.
    static let crowd = 6
    /// Locks must end while the round lasts.
    static let lockSeconds = 5

    let seed: UInt64
    let kills: Int
    let folder: TemporaryDirectory
    let report: @Sendable (String) -> Void

    /// Runs the round; the judge's words. Throws with what is wrong.
    func run() async throws -> String {
        let mails = try await MailSink()
        let verdict = Mutex("")
        let variables = ["SMTP_URL": mails.url, "SEAT_LOCK_SECONDS": "\(Self.lockSeconds)"]
        try await RunningStack.with(variables) { stack in
            var showtimes: [String] = []
            for _ in 0..<3 { showtimes.append(try await Cinema(stack, rows: "ABCDEFGH", seats: 20).showtime) }
            let evidence = Evidence(stack: stack, mails: mails, journal: Journal(), showtimes: showtimes)
            try await storm(evidence)
            report("the storm is over")
            let unrest = try await evidence.settle()
            let words = try await evidence.judge(in: folder)
            if let unrest { throw ChaosFailure(description: "\(unrest)\n\(words)") }
            verdict.withLock { $0 = words }
        }
        return verdict.withLock { $0 }
    }

    /// Guests come and go until the last kill, and each lives to the end.
    private func storm(_ evidence: Evidence) async throws {
        let crowd = CrowdState()
        let (seed, kills, report) = (seed, kills, report)
        try await withThrowingTaskGroup { group in
            for place in 0..<Self.crowd {
                group.addTask {
                    let client = Client(stack: evidence.stack, journal: evidence.journal)
                    var number = 0
                    while !crowd.isOver.load(ordering: .relaxed) {
                        number += 1
                        let name = "guest-\(place)-\(number)"
                        let random = SeededGenerator(seed: seed, stream: name)
                        var guest = Guest(client, name: name, showtimes: evidence.showtimes, random: random)
                        let known = try await guest.live(acquaintance: crowd.acquaintance.withLock { $0 })
                        crowd.acquaintance.withLock { $0 = known }
                    }
                }
            }
            group.addTask {
                defer { crowd.isOver.store(true, ordering: .relaxed) }
                var killer = Killer(stack: evidence.stack, random: SeededGenerator(seed: seed, stream: "killer"))
                try await killer.kill(kills, report: report)
            }
            try await group.waitForAll()
        }
    }
}

/// What guests and killer share.
private final class CrowdState: Sendable {
    let isOver = Atomic(false)
    let acquaintance = Mutex<Acquaintance?>(nil)
}
