import System
import TestSupport

/// Kills processes of a stack, whichever and whenever the seed says.
struct Killer {
    /// Any process may die.
    static let victims = ["broker", "gateway", "user", "auth", "booking", "notification"]
    private static let pauses = 100...2500

    let stack: RunningStack
    var random: SeededGenerator

    /// Kills so many times; one that is down already counts only when it is up again.
    mutating func kill(_ count: Int, report: (String) -> Void) async throws {
        for number in 1...count {
            try await Task.sleep(for: .milliseconds(Int.random(in: Self.pauses, using: &random)))
            let victims = Self.victims.shuffled(using: &random)
            let victim = try await eventually("a process to kill", within: Client.patience) {
                victims.first { (try? stack.kill($0)) != nil }
            }
            report("kill \(number) of \(count): \(victim)")
        }
    }
}
