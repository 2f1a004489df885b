import System
import Testing

@testable import Stack

@Suite struct SupervisionTests {
    /// `b` waits for `a` to be healthy.
    private func pair() throws -> Supervision {
        let yaml = """
            services:
              a: { command: [a], restart: always, stop_grace_period: 2s, healthcheck: &check
                   { test: [CMD, stack, probe, "tcp://127.0.0.1:1"], interval: 1s, retries: 2 } }
              b: { command: [b], restart: on-failure, healthcheck: *check, depends_on: { a: { condition: service_healthy } } }
            """
        return Supervision(try ComposeFile(yaml: yaml, variables: [:]).services)
    }

    /// Both up and ready at time 0.
    private func running() throws -> Supervision {
        var supervision = try pair()
        for (name, process) in [("a", Int32(1)), ("b", 2)] {
            _ = supervision.step(now: 0)
            supervision.started(name, process: process, now: 0)
            supervision.probed(name, succeeded: true, now: 0)
        }
        return supervision
    }

    @Test func `a service starts only when the one it needs is ready`() throws {
        var supervision = try pair()
        #expect(supervision.step(now: 0) == [.start("a")])
        supervision.started("a", process: 1, now: 0)
        #expect(supervision.step(now: 0) == [.probe("a")])
        supervision.probed("a", succeeded: false, now: 0)
        #expect(supervision.step(now: 1) == [])
        supervision.probed("a", succeeded: true, now: 30)
        #expect(supervision.step(now: 30) == [.start("b")])
    }

    @Test func `a crash is followed by a start after a pause that doubles up to its limit`() throws {
        var supervision = try running()
        var now: Int64 = 0
        var pauses: [Int64] = []
        for _ in 0..<9 {
            supervision.exited("a", status: .signalled(9), now: now)
            let ended = now
            while !supervision.step(now: now).contains(.start("a")) { now += 50 }
            pauses.append(now - ended)
            supervision.started("a", process: 3, now: now)
        }
        #expect(pauses == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
        #expect(supervision.entries["a"]?.restarts == 9)
    }

    @Test func `a service that was asked to end starts again at once`() throws {
        var supervision = try running()
        supervision.exited("a", status: .exited(0), now: 5)
        #expect(supervision.step(now: 5).contains(.start("a")))
    }

    @Test func `a service whose policy says so stays ended`() throws {
        var supervision = try running()
        supervision.exited("b", status: .exited(0), now: 5)
        #expect(!supervision.step(now: 60_000).contains(.start("b")))
        #expect(supervision.entries["b"]?.state == .stopped)
    }

    @Test func `a ready service that stops answering is unhealthy until it answers again`() throws {
        var supervision = try running()
        supervision.probed("a", succeeded: false, now: 1000)
        #expect(supervision.entries["a"]?.state == .ready)
        supervision.probed("a", succeeded: false, now: 2000)
        #expect(supervision.entries["a"]?.state == .unhealthy)
        supervision.probed("a", succeeded: true, now: 3000)
        #expect(supervision.areAllReady)
    }

    @Test func `on the way down a service outlives those that need it`() throws {
        var supervision = try running()
        supervision.stop()
        #expect(supervision.step(now: 10) == [.terminate("b")])
        #expect(supervision.step(now: 20) == [])
        supervision.exited("b", status: .exited(0), now: 30)
        #expect(supervision.step(now: 30) == [.terminate("a")])
        #expect(supervision.step(now: 2029) == [])
        #expect(supervision.step(now: 2030) == [.kill("a")])
        #expect(!supervision.areAllStopped)
        supervision.exited("a", status: .signalled(9), now: 2040)
        #expect(supervision.areAllStopped)
        #expect(supervision.step(now: 9999) == [])
    }
}
