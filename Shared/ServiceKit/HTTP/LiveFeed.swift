public import EventBus
import HTTPCore
public import HTTPTransport
import Reactor
public import Security
import Synchronization

/// Hands what comes from the log to the open event streams that ask for it, and keeps the latest, so that a stream which
/// was cut off goes on behind its `Last-Event-ID`. Any thread.
///
/// The id of an event is its place in the log, `<partition>-<offset>`. What is not known (any more, or yet), and more than
/// half of what a stream may have waiting, is answered by the event `reset`: the reader must fetch the whole state anew.
public final class LiveFeed<Key: Hashable & Sendable>: Sendable {
    /// Events kept for streams that resume.
    public static var maximumHistory: Int { 4096 }

    private struct Entry {
        let key: Key
        let position: EventPosition
        let bytes: [UInt8]
    }

    private struct State {
        var streams: [Key: [ObjectIdentifier: EventStream]] = [:]
        var history: [Entry] = []
        /// The oldest offset from which on the history is whole, a partition.
        var wholeSince: [Int32: Int64] = [:]
        /// The newest offset, a partition.
        var newest: [Int32: Int64] = [:]
    }

    private let state = Mutex(State())

    /// A feed without streams.
    public init() {}

    /// Gives an event to the streams of its key.
    public func publish(_ name: String, _ data: String, to key: Key, at position: EventPosition) {
        let event = ServerSentEvent(id: Self.id(of: position), event: name, data: data)
        var bytes: [UInt8] = []
        event.append(to: &bytes)
        let streams = state.withLock { state in
            keep(Entry(key: key, position: position, bytes: bytes), in: &state)
            return state.streams[key].map { Array($0.values) } ?? []
        }
        for stream in streams { stream.send(bytes) }
    }

    /// A response that streams a key's events behind the client's `Last-Event-ID` and ends when the token is revoked.
    ///
    /// `beside` sends what stands in no log, such as the state of things: it begins once the stream has every later event,
    /// so that nothing falls between the two, and the stream ends when it returns or throws.
    public func response(
        to request: Request,
        key: Key,
        beside: (@Sendable (EventStream) async throws -> Void)? = nil,
        whileGood token: AccessToken? = nil,
        in revocations: RevocationList? = nil
    ) -> Response {
        let (lastEventID, loop) = (request.lastEventID, request.loop)
        return .events(for: request) { stream in
            let ended = Waiter<Void>()
            let watch = token.flatMap { token in
                revocations?.watch(token) { ended.resume(.success(())) }
            }
            defer { self.detach(stream, from: key) }
            self.attach(stream, to: key, after: lastEventID)
            // Until the client leaves, which cancels this task, or its token is revoked.
            try await withThrowingTaskGroup { group in
                group.addTask(executorPreference: loop) { try await ended.wait() }
                if let beside { group.addTask(executorPreference: loop) { try await beside(stream) } }
                defer { group.cancelAll() }
                try await group.next()
            }
            withExtendedLifetime(watch) {}
        }
    }

    /// Lets a stream have a key's events: from now on, and before them those after `lastEventID`.
    public func attach(_ stream: EventStream, to key: Key, after lastEventID: String? = nil) {
        let replay = state.withLock { state -> [UInt8] in
            state.streams[key, default: [:]][ObjectIdentifier(stream)] = stream
            guard let lastEventID else { return [] }
            return missed(by: key, after: lastEventID, in: state)
        }
        if !replay.isEmpty { stream.send(replay) }
    }

    /// Forgets a stream.
    public func detach(_ stream: EventStream, from key: Key) {
        state.withLock { state in
            state.streams[key]?[ObjectIdentifier(stream)] = nil
            if state.streams[key]?.isEmpty == true { state.streams[key] = nil }
        }
    }

    private func keep(_ entry: Entry, in state: inout State) {
        let partition = entry.position.partition.partition
        state.wholeSince[partition] = state.wholeSince[partition] ?? entry.position.offset
        state.newest[partition] = entry.position.offset
        state.history.append(entry)
        guard state.history.count > Self.maximumHistory + Self.maximumHistory / 4 else { return }
        let dropped = state.history.prefix(state.history.count - Self.maximumHistory)
        for entry in dropped { state.wholeSince[entry.position.partition.partition] = entry.position.offset + 1 }
        state.history.removeFirst(dropped.count)
    }

    private func missed(by key: Key, after id: String, in state: State) -> [UInt8] {
        let parts = id.split(separator: "-")
        guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]), offset >= 0,
            let wholeSince = state.wholeSince[partition], let newest = state.newest[partition],
            (wholeSince - 1...newest).contains(offset)
        else { return Self.reset }
        let missed = state.history.filter {
            $0.key == key && $0.position.partition.partition == partition && $0.position.offset > offset
        }
        let size = missed.reduce(0) { $0 + $1.bytes.count }
        return size > EventStream.outgoingBytes / 2 ? Self.reset : missed.flatMap(\.bytes)
    }

    private static var reset: [UInt8] {
        var bytes: [UInt8] = []
        ServerSentEvent(event: "reset", data: "{}").append(to: &bytes)
        return bytes
    }

    private static func id(of position: EventPosition) -> String {
        "\(position.partition.partition)-\(position.offset)"
    }
}
