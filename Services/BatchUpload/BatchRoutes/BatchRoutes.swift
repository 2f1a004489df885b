import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// Batches: announced, looked at, followed, completed and cancelled by their owners, for whom alone they exist.
struct BatchRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let changes: Changes<Batch>
    let feed: LiveFeed<Identifier>
    /// Woken when a batch has ended.
    let clearing: DueWork

    func add(to router: inout Router) {
        router.get("/v1/batches", tokens.user(list))
        router.get("/v1/batches/:id", tokens.user(show))
        router.get("/v1/batches/:id/missing", tokens.user(missing))
        router.get("/v1/batches/:id/events", tokens.user(follow))
        router.post("/v1/batches/:id/complete", tokens.user(complete))
        router.delete("/v1/batches/:id", tokens.user(cancel))
    }

    /// The version of a batch.
    static func tag(of batch: Batch) -> EntityTag { EntityTag("\(batch.version)") }

    // MARK: Looking

    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let page = try PageRequest(try request.query(), filter: "batches \(token.userID)")
        let before = page.after?.first.flatMap { Identifier($0) }
        let found = try await database.read {
            try $0.batches(of: token.userID, before: before, limit: page.limit + 1)
        }
        return try .page(page.page(found.map { BatchView($0) }) { [$0.id.description] }, of: request)
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (batch, files) = try await database.read { connection in
            (try connection.batch(id, of: token.userID), try connection.files(of: id))
        }
        return try request.conditional(Self.tag(of: batch)) { try .json(BatchView(batch, files: files)) }
    }

    @Sendable private func missing(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let view = try await database.read { connection in
            let batch = try connection.batch(id, of: token.userID)
            return MissingView(batch, try connection.files(of: id), known: try connection.parts(in: id))
        }
        return try .json(view)
    }

    /// The state now, then what happens to the batch: the names of its events, by their place in the log.
    @Sendable private func follow(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (database, user) = (database, token.userID)
        _ = try await database.read { try $0.batch(id, of: user) }
        return feed.response(
            to: request,
            key: id,
            beside: { stream in
                let view = try await database.read { connection in
                    BatchView(try connection.batch(id, of: user), files: try connection.files(of: id))
                }
                stream.send(ServerSentEvent(event: "state", data: try view.json()))
                // The stream lasts for as long as this does.
                try await Waiter<Void>().wait()
            },
            whileGood: token,
            in: tokens.revocations
        )
    }

    // MARK: Ending

    /// No more bytes will come: files without all of theirs fail, and the batch ends when the others are through. With
    /// `Prefer: wait` the call waits for that.
    @Sendable private func complete(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (now, trace, changes, clearing) = (
            clock.now, request.traceContext?.traceparent, changes, clearing
        )
        var batch = try await database.write { transaction in
            var batch = try transaction.connection.batch(id, of: token.userID)
            guard batch.complete() else {
                try Self.checkCompletable(batch)
                return batch
            }
            for file in try transaction.connection.files(of: id)
            where file.state == .pending || file.state == .receiving {
                let failure = BatchFile.Failure(reason: .incomplete, detail: "not all of its bytes came")
                try transaction.fail(file, of: &batch, failure, at: now, traceparent: trace)
            }
            try transaction.settle(&batch, at: now, traceparent: trace)
            let stored = batch
            transaction.afterCommit {
                changes.announce(id, now: stored)
                if !stored.state.isActive { clearing.wake() }
            }
            return batch
        }
        var fields: HTTPFields = [.location: "/v1/batches/\(id)"]
        guard let seconds = Preference.wait(request.headerFields) else {
            return try .json(BatchView(batch), status: .accepted, fields)
        }
        let database = database
        batch =
            try await changes.wait(
                changes.watch(id),
                isNew: false,
                on: request.loop,
                until: .after(.seconds(seconds)),
                isDecided: { !$0.state.isActive },
                read: { try await database.read { try $0.batch(id) } }
            ) ?? batch
        guard !batch.state.isActive else { return try .json(BatchView(batch), status: .accepted, fields) }
        fields[.preferenceApplied] = "wait=\(seconds)"
        return try .json(BatchView(batch), fields)
    }

    /// Repeated, it is answered as the first was.
    private static func checkCompletable(_ batch: Batch) throws(Problem) {
        switch batch.state {
        case .completing, .completed, .failed: return
        case .reserving: throw Problem(.batchNotOpen, "it is reserving", retryAfter: 1)
        case .open, .cancelled, .expired: throw Problem(.batchNotOpen, "it is \(batch.state.rawValue)")
        }
    }

    @Sendable private func cancel(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (now, trace, changes, clearing) = (
            clock.now, request.traceContext?.traceparent, changes, clearing
        )
        try await database.write { transaction in
            var batch = try transaction.connection.batch(id, of: token.userID)
            guard batch.end(.cancelled, at: now) else {
                if batch.state == .completed { throw Problem(.conflict, "it is complete; its items can be deleted") }
                return
            }
            try transaction.announceEnd(of: batch, at: now, traceparent: trace)
            let ended = batch
            transaction.afterCommit {
                changes.announce(id, now: ended)
                clearing.wake()
            }
        }
        return .noContent
    }
}

extension Persistence.Connection {
    /// A batch of one's own; else 404.
    func batch(_ id: Identifier, of owner: Identifier) throws -> Batch {
        guard let batch = try batch(id), batch.ownerID == owner else { throw Problem(.notFound) }
        return batch
    }
}
