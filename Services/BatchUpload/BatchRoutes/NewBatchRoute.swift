import BlobStore
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

/// Announces a batch. Media reserves its room, for which the call waits a moment.
struct NewBatchRoute: Sendable {
    /// How long the call waits for the reservation, in milliseconds.
    static let patienceMilliseconds = 2000

    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let limits: BatchLimits
    let changes: Changes<Batch>
    /// Woken when there is a batch that will expire.
    let expiry: DueWork

    func add(to router: inout Router) {
        router.post("/v1/batches", tokens.user(announce))
    }

    @Sendable private func announce(_ request: Request, _ token: AccessToken) async throws -> Response {
        let body = try await request.body.collect(upTo: Manifest.maximumSize)
        let manifest = try JSONBody.decode(
            Manifest.self,
            from: body,
            contentType: request.headerFields[.contentType],
            limit: Manifest.maximumSize
        )
        let (now, limits) = (clock.now, limits)
        let (batch, files) = try manifest.batch(.version7(at: now), of: token.userID, limits, at: now)
        let started = try event(batch, files, request)
        let stored = try await request.idempotent(
            scope: token.userID.description,
            body: body,
            database: database,
            clock: clock
        ) { transaction in
            try transaction.connection.checkStanding(of: batch.ownerID)
            guard try transaction.connection.activeBatches(of: batch.ownerID) < limits.openBatches else {
                throw Problem(.tooManyUploads, "at most \(limits.openBatches) batches at a time", retryAfter: 60)
            }
            try transaction.insert(batch)
            for file in files { try transaction.insert(file) }
            try transaction.publish(started)
            return try .json(
                BatchView(batch, files: files),
                status: 201,
                headers: [OutboxHeader("Location", text: "/v1/batches/\(batch.id)")]
            )
        }
        expiry.wake()
        return try await reserved(stored, request)
    }

    private func event(_ batch: Batch, _ files: [BatchFile], _ request: Request) throws -> Event {
        let started = BatchStarted(
            batchID: batch.id,
            ownerID: batch.ownerID,
            visibility: batch.visibility,
            files: files.map { file in
                BatchManifestFile(
                    index: file.index,
                    name: file.name,
                    size: file.size,
                    contentType: file.contentType,
                    sha256: file.announced?.description
                )
            },
            totalSize: batch.totalSize,
            expiresAt: batch.expiresAt
        )
        let limit = BatchLimits.announcementSize
        guard try started.json().count <= limit else {
            throw Problem(
                .payloadTooLarge,
                "names and types are too long together: at most \(limit) bytes of all as JSON"
            )
        }
        return try Event(started, at: batch.createdAt, sequence: 1, traceparent: request.traceContext?.traceparent)
    }

    /// The batch as it is a moment later: open, or the refusal, or still waiting for room. A repeat is answered about the batch
    /// that was made first.
    private func reserved(_ stored: Response, _ request: Request) async throws -> Response {
        guard let location = stored.headerFields[.location], let id = Identifier(location.suffix(36)) else {
            return stored
        }
        let database = database
        let batch = try await changes.wait(
            changes.watch(id),
            isNew: false,
            on: request.loop,
            until: .after(.milliseconds(Self.patienceMilliseconds)),
            isDecided: { $0.state != .reserving },
            read: { try await database.read { try $0.batch(id) } }
        )
        guard let batch else { return stored }
        switch batch.reason {
        case .quotaExceeded: throw Problem(.quotaExceeded)
        case .refused: throw Problem(.forbidden, "the account may not upload")
        default: break
        }
        let files = try await database.read { try $0.files(of: id) }
        var fields: HTTPFields = [
            .location: location, .eTag: BatchRoutes.tag(of: batch).description,
        ]
        fields[.eventPosition] = stored.headerFields[.eventPosition]
        return try .json(BatchView(batch, files: files), status: .created, fields)
    }
}
