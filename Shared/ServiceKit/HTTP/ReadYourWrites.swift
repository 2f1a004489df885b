import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor

/// Lets a client read what it wrote, at whichever service: a write answers `Event-Position`, the places of its events, and
/// a read with `Min-Position` waits until this service has applied them.
struct ReadYourWrites: Sendable {
    /// How long a read waits.
    static let maximumWait = Duration.seconds(5)
    /// Places a read may name.
    static let maximumPositions = 16

    /// The service, as its events name it.
    let source: String
    let applied: AppliedPositions

    /// Middleware.
    func respond(to request: Request, next: Handler) async throws -> Response {
        if request.method == .get || request.method == .head { try await wait(request) }
        request[OutboxSource.self] = source
        let receipt = OutboxReceipt()
        do {
            var response = try await OutboxReceipt.$current.withValue(receipt) { try await next(request) }
            if let position = EventPositions.text(receipt.rows, source: source) {
                response.headerFields[.eventPosition] = position
            }
            return response
        } catch {
            // A refusal after a write: the seats went to another, the password was wrong.
            if let position = EventPositions.text(receipt.rows, source: source) {
                request.answerFields.append(.eventPosition, position)
            }
            throw error
        }
    }

    private func wait(_ request: Request) async throws {
        let members = request.headerFields.listMembers(of: .minPosition)
        guard !members.isEmpty else { return }
        let positions = members.compactMap { OutboxPosition($0) }
        guard positions.count == members.count, positions.count <= Self.maximumPositions else {
            throw Problem.invalid("Min-Position", "at most \(Self.maximumPositions) places that Event-Position named")
        }
        let isThere = try await applied.wait(for: positions, on: request.loop, until: .after(Self.maximumWait))
        guard isThere else { throw Problem(.positionNotReached, retryAfter: 1) }
    }
}

/// The name under which this service publishes, for answers that are stored.
enum OutboxSource: RequestKey {
    typealias Value = String
}

/// What `Event-Position` says.
enum EventPositions {
    private static let partitions = Dictionary(Topic.all.map { ($0.name, $0.partitions) }) { first, _ in first }

    /// The last row of each stream; nil without rows.
    static func text(_ rows: [OutboxReceipt.Row], source: String) -> String? {
        let places = rows.compactMap { row in
            row.key.map { key in
                let count = partitions[row.topic] ?? Topic.defaultPartitions
                let partition = Partitioner.partition(of: key, count: count)
                return (OutboxPosition.Stream(source: source, topic: row.topic, partition: partition), row.id)
            }
        }
        let last = Dictionary(places, uniquingKeysWith: max).sorted { $0.value < $1.value }
        guard !last.isEmpty else { return nil }
        return last.map { OutboxPosition(stream: $0.key, row: $0.value).description }.joined(separator: ", ")
    }
}
