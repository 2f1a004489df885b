import System
import Testing

@testable import ChatService

/// Processes that tell each other who is there, without sockets, log or clock.
struct PresenceTests {
    private let lan = Identifier.version7(at: WallClock.system.now)
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func machine() -> PresenceMachine { PresenceMachine(processID: .version7(at: start)) }

    private func second(_ seconds: Double) -> Timestamp {
        start.adding(milliseconds: Int64(seconds * 1000))
    }

    /// Steps one machine and hands what it has to say to another; what the other shows then.
    private func tell(
        _ source: inout PresenceMachine,
        _ target: inout PresenceMachine,
        at now: Timestamp
    ) -> [PresenceState] {
        let limit = now.adding(milliseconds: PresenceTable.lifetimeMilliseconds)
        for case .presence(let update) in source.step(at: now).news {
            target.hear(update, from: source.processID, until: limit, at: now)
        }
        return target.step(at: now).presence.map(\.state)
    }

    @Test func `a person with a socket is online at once, and at another process as soon as that has heard it`() {
        var (here, there) = (machine(), machine())
        here.open(lan, at: start)
        let outcome = here.step(at: start)
        let online = PresenceUpdate(userID: lan, state: .online, seenAt: start)
        #expect(outcome.news == [.presence(online)] && outcome.presence == [online])
        there.hear(online, from: here.processID, until: second(75), at: second(1))
        #expect(there.step(at: second(1)).presence == [online])
        #expect(there.state(of: lan) == online && here.state(of: lan) == online)
    }

    @Test func `one of several sockets that closes changes nothing, the last one does after a grace`() {
        var here = machine()
        here.open(lan, at: start)
        here.open(lan, at: start)
        _ = here.step(at: start)
        here.close(lan)
        #expect(here.step(at: second(2)) == PresenceMachine.Outcome())
        here.close(lan)
        #expect(here.step(at: second(3)).presence == [])
        #expect(here.state(of: lan)?.state == .online)
        let gone = PresenceUpdate(userID: lan, state: .offline, seenAt: start)
        #expect(here.step(at: second(8)).presence == [gone])
        #expect(here.state(of: lan) == nil && here.due == nil)
    }

    @Test func `a socket that comes back at another process within the grace is not seen as a leave`() {
        var (here, there) = (machine(), machine())
        here.open(lan, at: start)
        #expect(tell(&here, &there, at: start) == [.online])
        here.close(lan)
        #expect(tell(&here, &there, at: second(2)) == [])
        there.open(lan, at: second(4))
        for time in 4..<30 { #expect(there.step(at: second(Double(time))).presence == []) }
    }

    @Test func `who does nothing for five minutes is away, and online again with the first thing done`() {
        var here = machine()
        here.open(lan, at: start)
        _ = here.step(at: start)
        here.act(lan, at: second(60))
        #expect(here.step(at: second(359)).presence == [])
        let away = PresenceUpdate(userID: lan, state: .away, seenAt: second(60))
        #expect(here.step(at: second(365)).presence == [away])
        here.act(lan, at: second(400))
        #expect(here.step(at: second(400)).presence.map(\.state) == [.online])
    }

    @Test func `who is away at one process and online at another is online`() {
        var (here, there) = (machine(), machine())
        there.open(lan, at: second(300))
        _ = there.step(at: second(300))
        here.open(lan, at: start)
        _ = here.step(at: start)
        #expect(tell(&here, &there, at: second(305)) == [])
        #expect(here.state(of: lan)?.state == .away && there.state(of: lan)?.state == .online)
        there.close(lan)
        #expect(there.step(at: second(306)).presence.map(\.state) == [.away])
    }

    @Test func `the users of a process that has died go offline when nothing repeats it`() {
        var (here, there) = (machine(), machine())
        here.open(lan, at: start)
        #expect(tell(&here, &there, at: start) == [.online])
        // Repeated for as long as it lives.
        for time in stride(from: 5.0, through: 600, by: 5) {
            #expect(tell(&here, &there, at: second(time)) != [.offline])
        }
        var shown: [PresenceState] = []
        for time in stride(from: 605.0, through: 700, by: 5) {
            shown += there.step(at: second(time)).presence.map(\.state)
        }
        #expect(shown == [.offline] && there.due == nil)
    }

    @Test func `a process that starts and reads what was said before believes only what still holds`() {
        var here = machine()
        let update = PresenceUpdate(userID: lan, state: .online, seenAt: start)
        here.hear(update, from: .version7(at: start), until: second(75), at: second(80))
        #expect(here.step(at: second(80)).presence == [] && here.due == nil)
        here.hear(update, from: .version7(at: start), until: second(75), at: second(70))
        #expect(here.step(at: second(70)).presence.count == 1)
    }

    @Test func `a person who comes and goes a hundred times is told of once a second`() {
        var here = machine()
        var told = 0
        for turn in 0..<100 {
            let now = second(Double(turn) / 10)
            here.open(lan, at: now)
            told += here.step(at: now).news.count
            here.close(lan)
            told += here.step(at: now).news.count
        }
        #expect((2...11).contains(told))
    }

    @Test func `a clock that is set back an hour does not stop anything`() {
        var here = machine()
        here.open(lan, at: start)
        _ = here.step(at: start)
        here.close(lan)
        #expect(here.step(at: second(-3600)).news.count == 1)
        #expect(here.step(at: second(-3590)).presence.map(\.state) == [.offline])
    }

    @Test func `nobody waits for anything while nobody is there`() {
        var here = machine()
        #expect(here.due == nil)
        here.open(lan, at: start)
        #expect(here.due != nil)
        here.close(lan)
        for time in 0..<20 { _ = here.step(at: second(Double(time))) }
        #expect(here.due == nil)
    }

    @Test func `an erased person is not shown any more`() {
        var here = machine()
        let room = Identifier.version7(at: start)
        here.open(lan, at: start)
        _ = here.step(at: start)
        here.type(lan, in: room, at: start)
        here.read(lan, in: room, upTo: 3)
        here.forget(lan)
        here.close(lan)
        #expect(here.state(of: lan) == nil && here.due == Timestamp(milliseconds: 0))
        #expect(here.step(at: second(1)).news == [], "what was to be said of them is not said")
        #expect(here.due == nil)
    }
}
