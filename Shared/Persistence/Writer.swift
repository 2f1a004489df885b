internal import System

/// One caller's part of a group, queued for the writer thread.
struct WriteJob: Sendable {
    /// Runs the caller's closure. What it threw is inside the outcome.
    let run: @Sendable (borrowing Transaction) -> Outcome
    /// Answers the caller when its closure never ran.
    let fail: @Sendable (any Error) -> Void

    /// How a closure ended, and the answer to its caller that waits for the commit.
    struct Outcome {
        let succeeded: Bool
        /// Resumes the caller, with the group's error if its commit failed.
        let finish: ((any Error)?) -> Void
    }
}

/// The one thread of a file that writes and checkpoints. It takes what is queued, runs each closure in a savepoint of
/// its own inside one transaction, commits with one fsync and then answers all: what queues up during a commit is the
/// next group, so no timer and no delay is needed.
struct Writer {
    /// Closures a group holds at most.
    static let maximumGroup = 256
    /// A group takes no further closure after this time.
    static let maximumGroupNanoseconds: UInt64 = 20_000_000
    /// A closure that takes longer is reported.
    static let slowClosureNanoseconds: UInt64 = 50_000_000
    /// Pages of new WAL after which the writer checkpoints. Nothing commits meanwhile: four times as many made fewer writes,
    /// and a pause each time.
    static let checkpointPages = 1000
    /// Without work for so long, the writer checkpoints what is left.
    static let idleMilliseconds: Int32 = 100

    private let connection: Connection
    private let queue: JobQueue<WriteJob>
    private let hooks: DatabaseHooks
    /// The WAL's length when the last checkpoint had moved what it could.
    private var checkpointedPages = 0

    init(connection: Connection, queue: JobQueue<WriteJob>, hooks: DatabaseHooks) {
        self.connection = connection
        self.queue = queue
        self.hooks = hooks
    }

    /// Serves the queue until it is closed and empty.
    mutating func run() {
        while true {
            switch queue.wait(idleMilliseconds: pagesToCheckpoint > 0 ? Writer.idleMilliseconds : nil) {
            case .work:
                commitGroup()
                if pagesToCheckpoint >= Writer.checkpointPages { checkpoint() }
            case .idle: checkpoint()
            case .closed: return
            }
        }
    }

    /// Pages of the WAL that no checkpoint has tried to move yet; a WAL that SQLite began anew is shorter than before.
    private var pagesToCheckpoint: Int {
        let pages = connection.walPages
        return pages < checkpointedPages ? pages : pages - checkpointedPages
    }

    private mutating func checkpoint() {
        do {
            let (moved, total) = try connection.checkpoint()
            // After a whole one SQLite begins the WAL anew; else a reader's snapshot holds pages back, and they are
            // tried again with the next ones, not in a loop.
            checkpointedPages = moved == total ? 0 : total
        } catch {
            hooks.checkpointFailed(error)
            checkpointedPages = connection.walPages
        }
        connection.walPages = checkpointedPages
    }

    private func commitGroup() {
        do {
            try connection.execute("BEGIN IMMEDIATE")
        } catch {
            while let job = queue.take() { job.fail(error) }
            return
        }
        var group = Group()
        do {
            try fill(&group)
            try connection.execute("COMMIT")
        } catch {
            // SQLite has undone everything itself if no transaction is open; a ROLLBACK that fails leaves nothing to do.
            if connection.isInTransaction { try? connection.run(script: "ROLLBACK") }
            for outcome in group.outcomes { outcome.finish(error) }
            return
        }
        for effects in group.effects {
            for action in effects.actions { action() }
        }
        let rows = group.effects.flatMap(\.appendedRows)
        if !rows.isEmpty { hooks.outboxGrew(by: rows) }
        for outcome in group.outcomes { outcome.finish(nil) }
    }

    /// Runs queued closures until none is left or the group is full; the last place belongs to the background.
    private func fill(_ group: inout Group) throws {
        let deadline = MonotonicClock.nanoseconds + Writer.maximumGroupNanoseconds
        var isFull = false
        while let job = queue.take(isFull ? .background : .request) {
            try run(job, in: &group)
            if isFull { return }
            isFull = group.outcomes.count >= Writer.maximumGroup || MonotonicClock.nanoseconds > deadline
        }
    }

    /// Runs one closure in its savepoint. Throws when the whole transaction is lost.
    private func run(_ job: WriteJob, in group: inout Group) throws {
        do {
            try connection.execute("SAVEPOINT caller")
        } catch {
            job.fail(error)
            throw error
        }
        let effects = TransactionEffects()
        let start = MonotonicClock.nanoseconds
        let outcome = job.run(Transaction(connection: connection, effects: effects))
        let elapsed = MonotonicClock.nanoseconds - start
        if elapsed > Writer.slowClosureNanoseconds { hooks.slowWrite(elapsed) }
        group.outcomes.append(outcome)
        guard connection.isInTransaction else {
            throw DatabaseError(.other, "the transaction ended early: the disk is full or failed")
        }
        if outcome.succeeded {
            group.effects.append(effects)
            try connection.execute("RELEASE caller")
        } else {
            try connection.execute("ROLLBACK TO caller")
            try connection.execute("RELEASE caller")
        }
    }

    private struct Group {
        var outcomes: [WriteJob.Outcome] = []
        var effects: [TransactionEffects] = []
    }
}
