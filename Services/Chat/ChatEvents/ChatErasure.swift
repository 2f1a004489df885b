import Contracts
import Persistence
import Reactor
import ServiceKit
import System

/// Takes away what accounts that are gone left in rooms: each room is told by its own record, so that every process does it
/// at the same place. The receipt comes when nothing is left here.
struct ChatErasure: Sendable {
    /// Rooms, and blocks, of one step.
    private static let batch = 50

    let database: Database
    let log: ChatLog
    let clock: WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let loop = EventLoop.current, let erasure = try await database.read({ try $0.openErasure() }) else {
            return nil
        }
        let (user, now) = (erasure.userID, clock.now)
        let rooms = try await database.read { try $0.roomsEver(of: user, limit: Self.batch) }
        for room in rooms {
            let left = ChatMemberLeft(roomID: room, userID: user, actorID: user, reason: .erased, timestamp: now)
            _ = try await log.append(left, on: loop)
        }
        guard rooms.isEmpty else { return now }
        try await removeWords()
        try await database.write(priority: .background) { transaction in
            // A room may have been joined meanwhile.
            guard try transaction.connection.roomsEver(of: user, limit: 1).isEmpty,
                try transaction.forgetBlocks(of: user, limit: Self.batch)
            else { return }
            try transaction.endErasure(erasure, by: "chat", at: now)
        }
        return now
    }

    /// Takes the words of what was removed out of the index of texts.
    private func removeWords() async throws {
        var (isFirst, isLeft) = (true, true)
        while isLeft {
            isLeft = try await database.write(priority: .background) { [isFirst] transaction in
                try transaction.mergeTexts(isFirst: isFirst)
            }
            isFirst = false
        }
    }
}
