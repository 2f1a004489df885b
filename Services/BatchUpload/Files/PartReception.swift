import BlobStore
import Contracts
import EventBus
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// A place where one writes at a time.
struct PartKey: Hashable, Sendable {
    let batch: Identifier
    let index: Int
    let part: Int
}

/// Takes bodies of requests as parts of files, or whole files. Durable when it returns. Any loop.
struct PartReception: Sendable {
    /// Bytes written at once.
    static let pieceSize = 512 << 10

    let database: Database
    let files: BatchFiles
    let locks: WriterLocks<PartKey>
    let clock: WallClock
    let logger: Logger

    /// Takes a request's body as one part of a file, or as all of them.
    func receive(
        _ request: Request,
        part: Int? = nil,
        of index: Int,
        in id: Identifier,
        by token: AccessToken
    ) async throws {
        let demand = try ContentDigestField.read(request.headerFields)
        let parts = try await openParts(part, of: index, in: id, by: token)
        let keys = parts.map { PartKey(batch: id, index: index, part: $0) }
        let lock = try await locks.acquire(all: keys, on: request.loop)
        defer { locks.release(all: keys, lock) }
        // What came while this waited counts.
        let (batch, file, known) = try await database.read { connection in
            let (batch, file) = try connection.open(index, of: id, by: token)
            return (batch, file, try connection.parts(of: index, in: id))
        }
        let layout = file.layout(of: batch)
        let count = layout.range(of: parts).count
        if let length = request.body.length, length > UInt64(count) {
            throw Problem(.payloadTooLarge, "\(count) bytes are announced")
        }
        let files = files
        let writer = try PartWriter(
            layout,
            parts,
            known: known.filter { parts.contains($0.key) },
            demanded: Self.demands(demand, file, isWhole: parts.count == layout.count),
            open: { try files.open(index, of: id) }
        )
        do {
            let new = try await write(request, by: writer, under: lock)
            if !new.isEmpty { try await commit(new, of: file, layout, request, token) }
        } catch {
            await discard(writer, of: id)
            throw error
        }
    }

    /// The parts that a request may bring: 404 for one that the file has not.
    private func openParts(_ part: Int?, of index: Int, in id: Identifier, by token: AccessToken) async throws
        -> Range<Int>
    {
        try await database.read { connection in
            try connection.checkStanding(of: token.userID)
            let (batch, file) = try connection.open(index, of: id, by: token)
            let count = file.layout(of: batch).count
            guard let part else { return 0..<count }
            guard part < count else { throw Problem(.notFound, "the file has \(count) parts") }
            return part..<(part + 1)
        }
    }

    /// A whole file must be what was announced too, where both can be seen by one look.
    private static func demands(_ demand: ContentDigestField?, _ file: BatchFile, isWhole: Bool) -> [ContentDigestField]
    {
        guard isWhole, let announced = file.announced, demand?.function ?? .sha256 == .sha256 else {
            return demand.map { [$0] } ?? []
        }
        return [ContentDigestField(.sha256, announced.bytes)] + (demand.map { [$0] } ?? [])
    }

    private func write(_ request: Request, by writer: PartWriter, under lock: WriterLock) async throws
        -> [Int: ContentDigest]
    {
        var piece: [UInt8] = []
        while let bytes = try await request.body.next(unlessWanted: lock, on: request.loop) {
            piece += bytes
            guard piece.count >= Self.pieceSize else { continue }
            let full = piece
            piece.removeAll(keepingCapacity: true)
            try await files.run { try writer.write(full) }
        }
        let last = piece
        return try await files.run {
            try writer.write(last)
            return try writer.finish()
        }
    }

    private func commit(
        _ new: [Int: ContentDigest],
        of file: BatchFile,
        _ layout: PartLayout,
        _ request: Request,
        _ token: AccessToken
    ) async throws {
        let (now, trace) = (clock.now, request.traceContext?.traceparent)
        let (id, index) = (file.batchID, file.index)
        try await database.write { transaction in
            try transaction.connection.checkStanding(of: token.userID)
            var (batch, file) = try transaction.connection.open(index, of: id, by: token)
            let stored = try new.keys.sorted().filter { number in
                guard let digest = new[number] else { return false }
                return try transaction.insertPart(number, digest, of: file)
            }
            guard let last = stored.last else { return }
            let size = stored.reduce(Int64(0)) { $0 + Int64(layout.range(of: $1).count) }
            guard batch.receive(parts: stored.count, bytes: size, of: &file) else { throw Problem(.conflict) }
            try transaction.update(file)
            try transaction.update(batch)
            let received = BatchPartReceived(
                batchID: id,
                ownerID: batch.ownerID,
                index: index,
                part: last,
                size: size,
                receivedBytes: batch.receivedBytes,
                isFileWhole: file.state == .received
            )
            try transaction.publish(received, at: now, sequence: batch.version, traceparent: trace)
        }
    }

    /// Nothing stays of a request that failed.
    private func discard(_ writer: PartWriter, of id: Identifier) async {
        do {
            try await files.run { try writer.discard() }
            // A batch that ended meanwhile may have been cleared before this request made its file.
            if try await database.read({ try $0.batch(id) })?.state.isActive != true { try await files.remove(id) }
        } catch {
            logger.warning("bytes of a broken request stay for now", metadata: ["error": "\(error)"])
        }
    }
}

extension Connection {
    /// A batch of one's own that takes bytes, and a file of it: 404 or 409.
    func open(_ index: Int, of id: Identifier, by token: AccessToken) throws -> (batch: Batch, file: BatchFile) {
        guard let batch = try batch(id), batch.ownerID == token.userID, let file = try file(index, of: id) else {
            throw Problem(.notFound)
        }
        guard batch.state == .open else {
            throw Problem(
                .batchNotOpen,
                "it is \(batch.state.rawValue)",
                retryAfter: batch.state == .reserving ? 1 : nil
            )
        }
        guard file.state != .failed else {
            throw Problem(.conflict, "the file has failed: \(file.failure?.reason.rawValue ?? "")")
        }
        return (batch, file)
    }
}
