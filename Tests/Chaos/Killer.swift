import System
import TestSupport

/// Kills processes of a stack, whichever and whenever the seed says.
struct Killer {
    /// Any process may die.
    static let victims = [
        "broker", "gateway", "user", "auth", "booking", "notification", "media", "media-worker", "like", "comment",
        "chat",
    ]
    /// Milliseconds between kills; some come at once, in the middle of a recovery.
    private static let pauses = 100...2500
    private static let shortPauses = 0...100

    let stack: RunningStack
    var random: SeededGenerator

    /// Kills so many times; one that is down already counts only when it is up again.
    mutating func kill(_ count: Int, report: (String) -> Void) async throws {
        for number in 1...count {
            let pauses = random.chance(30) ? Self.shortPauses : Self.pauses
            try await Task.sleep(for: .milliseconds(Int.random(in: pauses, using: &random)))
            let victims = Self.victims.shuffled(using: &random)
            let victim = try await eventually("a process to kill", within: Client.patience) {
                victims.first { (try? stack.kill($0)) != nil }
            }
            report("kill \(number) of \(count): \(victim)")
        }
    }
}
