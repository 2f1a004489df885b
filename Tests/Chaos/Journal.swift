import FoundationEssentials
import Synchronization
import TestSupport

/// What clients were told, in the order they heard it: what the judge holds the system to.
final class Journal: Sendable {
    private let lines = Mutex<[JSON]>([])

    /// Notes an acknowledgement: what it is, and its members.
    func note(_ what: String, _ members: [String: String]) {
        add(.object(members.mapValues { .string($0) }.merging(["what": .string(what)]) { $1 }))
    }

    /// Notes an answer that no client should get.
    func surprise(_ text: String) { note("surprise", ["text": text]) }

    /// Adds any object.
    func add(_ line: JSON) { lines.withLock { $0.append(line) } }

    /// The acknowledgements of one kind.
    func entries(_ what: String) -> [JSON] { lines.withLock { $0.filter { $0["what"].string == what } } }

    /// One JSON object a line.
    func text() throws -> String { try lines.withLock { try $0.map { try $0.text() }.joined(separator: "\n") } }
}
