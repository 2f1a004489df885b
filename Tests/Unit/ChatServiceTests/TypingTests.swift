import System
import Testing

@testable import ChatService

/// Who writes in a room, and what is told of it.
struct TypingTests {
    private let room = Identifier.version7(at: WallClock.system.now)
    private let lan = Identifier.version7(at: WallClock.system.now)
    private let minh = Identifier.version7(at: WallClock.system.now.adding(seconds: 1))
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func second(_ seconds: Double) -> Timestamp { start.adding(milliseconds: Int64(seconds * 1000)) }

    private func machine() -> PresenceMachine { PresenceMachine(processID: .version7(at: start)) }

    private func lists(_ machine: inout PresenceMachine, at now: Timestamp) -> [[Identifier]] {
        machine.step(at: now).typing.map(\.userIDs)
    }

    @Test func `a list takes the place of the one before, in the order in which people began`() {
        var here = machine()
        here.type(minh, in: room, at: start)
        #expect(lists(&here, at: start) == [[minh]])
        here.type(lan, in: room, at: second(1))
        #expect(lists(&here, at: second(1)) == [[minh, lan]])
        here.type(minh, in: room, at: second(2))
        #expect(lists(&here, at: second(2)) == [])
        here.stopTyping(minh, in: room)
        #expect(lists(&here, at: second(3)) == [[lan]])
    }

    @Test func `who says nothing more has stopped, and the message itself ends it`() {
        var here = machine()
        here.type(lan, in: room, at: start)
        _ = here.step(at: start)
        #expect(here.due == second(6))
        #expect(lists(&here, at: second(6)) == [[]] && here.due == nil)
        here.type(lan, in: room, at: second(10))
        _ = here.step(at: second(10))
        here.stopTyping(lan, in: room)
        #expect(lists(&here, at: second(11)) == [[]])
    }

    @Test func `other processes are told at most every two seconds, and at once that somebody has stopped`() {
        var here = machine()
        var news: [PresenceMachine.News] = []
        for turn in 0..<40 {
            here.type(lan, in: room, at: second(Double(turn) / 10))
            news += here.step(at: second(Double(turn) / 10)).news
        }
        #expect(news == Array(repeating: .typing(userID: lan, roomID: room, isTyping: true), count: 2))
        here.stopTyping(lan, in: room)
        #expect(here.step(at: second(4)).news == [.typing(userID: lan, roomID: room, isTyping: false)])
        here.stopTyping(lan, in: room)
        #expect(here.step(at: second(5)).news == [])
    }

    @Test func `what another process says holds as long as it says, and never longer than a note may`() {
        var here = machine()
        let other = Identifier.version7(at: start)
        here.hearTyping(lan, in: room, from: other, until: second(600), at: start)
        here.hearTyping(minh, in: room, from: other, until: second(3), at: start)
        #expect(lists(&here, at: start) == [[lan, minh]])
        #expect(lists(&here, at: second(3)) == [[lan]])
        here.hearTyping(minh, in: room, from: other, until: second(3), at: second(4))
        #expect(lists(&here, at: second(4)) == [])
        #expect(lists(&here, at: second(6)) == [[]])
        here.hearTyping(lan, in: room, from: here.processID, until: second(20), at: second(7))
        #expect(lists(&here, at: second(7)) == [])
    }

    @Test func `many writers make a short list`() {
        var here = machine()
        for number in 0..<50 { here.type(.version7(at: second(Double(number))), in: room, at: start) }
        #expect(lists(&here, at: start).map(\.count) == [TypingBoard.maximumTypists])
    }

    @Test func `what is seen is told once between two steps, as far as it goes`() {
        var here = machine()
        for seq in [1, 2, 5, 4] as [Int64] { here.read(lan, in: room, upTo: seq) }
        here.read(minh, in: room, upTo: 3)
        let expected: Set<PresenceMachine.News> = [
            .seen(userID: lan, roomID: room, seq: 5), .seen(userID: minh, roomID: room, seq: 3),
        ]
        #expect(here.due != nil)
        #expect(Set(here.step(at: start).news) == expected && here.step(at: start).news == [])
    }
}
