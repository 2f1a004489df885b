import FoundationEssentials
import System
import TestSupport
import Testing

/// Random kills of any process under load: nothing acknowledged is lost, nothing takes effect twice.
///
/// `CHAOS_MINUTES` has rounds of 50 kills begin for so long (one round unless set), `CHAOS_SEED` decides them. With
/// `CHAOS_FOLDER` a run that was ended goes on, by the same seed, behind its last good round, and what a bad round left is
/// kept there.
@Suite struct ChaosTests {
    static let killsInRound = 50

    @Test func `kills at random moments lose nothing and double nothing`() async throws {
        let seed = Environment.value("CHAOS_SEED").flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        let minutes = Environment.value("CHAOS_MINUTES").flatMap(Double.init) ?? 0
        let progress = Progress(folder: Environment.value("CHAOS_FOLDER"), seed: seed)
        let deadline = MonotonicClock.nanoseconds + UInt64(minutes * 60e9)
        var round = progress.finishedRounds
        repeat {
            round += 1
            let name = "chaos seed \(seed) round \(round)"
            let storm = Round(
                seed: seed &+ UInt64(round),
                kills: Self.killsInRound,
                folder: try TemporaryDirectory()
            ) { StandardOutput.writeLine("\(name): \($0)") }
            do {
                StandardOutput.writeLine(
                    "\(name): good after \(round * Self.killsInRound) kills in all: \(try await storm.run())"
                )
            } catch {
                try progress.keep(storm.folder, round: round)
                Issue.record("\(name): \(error)")
                return
            }
            try progress.finish(round)
        } while MonotonicClock.nanoseconds < deadline
    }
}

/// How far a seed has come, in a file of a folder.
private struct Progress {
    let folder: String?
    let seed: UInt64

    private var path: String? { folder.map { "\($0)/seed-\(seed)" } }

    var finishedRounds: Int {
        guard let path, let bytes = try? File.read(path) else { return 0 }  // none yet
        return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    func finish(_ round: Int) throws {
        guard let folder, let path else { return }
        try File.createDirectory(folder)
        try File.replace(path, with: Array("\(round)".utf8))
    }

    /// Keeps the evidence of a round that went wrong.
    func keep(_ evidence: TemporaryDirectory, round: Int) throws {
        guard let folder else { return }
        let kept = "\(folder)/seed-\(seed)-round-\(round)"
        try File.createDirectory(folder)
        try? FileManager.default.removeItem(atPath: kept)
        try FileManager.default.copyItem(atPath: evidence.path, toPath: kept)
        StandardOutput.writeLine("evidence is kept in \(kept)")
    }
}
