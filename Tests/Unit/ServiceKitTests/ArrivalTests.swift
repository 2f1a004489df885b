import Reactor
import ServiceKit
import Synchronization
import System
import Testing

struct ArrivalTests {
    private let now = WallClock.system.now

    /// What looks find, in the order of the calls, and what comes of them on a loop.
    private func find(
        _ id: Identifier,
        announce: Bool = false,
        _ found: @escaping @Sendable (Int) -> String?
    ) async throws -> (found: String?, looks: Int) {
        let group = try EventLoopGroup(count: 1)
        defer { group.shutdown() }
        let loop = group.loops[0]
        let now = now
        return try await loop.run {
            let changes = Changes<Never>()
            let looks = Atomic(0)
            let result = try await changes.find(id, at: now, on: loop) {
                let look = looks.add(1, ordering: .relaxed).newValue
                // Between a look and the wait that follows it: the announcement must not be missed.
                if announce, look > 1 { changes.announce(id) }
                return found(look)
            }
            return (result, looks.load(ordering: .relaxed))
        }
    }

    @Test func `what is there is found by one look, and what is old and absent as well`() async throws {
        let known = try await find(.version7(at: now)) { _ in "here" }
        #expect(known.found == "here" && known.looks == 1)
        let old = try await find(.version7(at: now.adding(seconds: -60))) { _ in nil }
        #expect(old.found == nil && old.looks == 1)
    }

    @Test func `what was made a moment ago is looked for at each announcement`() async throws {
        let young = try await find(.version7(at: now), announce: true) { $0 == 5 ? "here" : nil }
        #expect(young.found == "here" && young.looks == 5)
    }

    @Test func `without an announcement it is looked for once more in the end, and not between`() async throws {
        let start = MonotonicClock.nanoseconds
        let absent = try await find(.version7(at: now)) { _ in nil }
        #expect(absent.found == nil && absent.looks == 3)
        #expect(MonotonicClock.nanoseconds - start >= 1_000_000_000)
    }
}
