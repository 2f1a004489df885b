import Contracts
import EventBus
import FoundationEssentials
import ServiceKit

/// The places in the log that an answer shall be of, as an earlier answer held them: the next offset of each partition.
/// What is not named may be anywhere.
struct AsOf: Sendable {
    private let places: [String: Int64]

    /// Reads `{"topic-partition": offset, …}`; 422 for anything else and for partitions a metric is not made of.
    init(_ text: String?, of metric: Metric) throws {
        guard let text else {
            places = [:]
            return
        }
        guard let places = try? JSONDecoder().decode([String: Int64].self, from: Data(text.utf8)) else {
            throw Problem.invalid("as_of", #"{"topic-partition": offset, …}, as an answer holds it"#)
        }
        let known = Set(
            metric.definition.topics.flatMap { topic in (0..<topic.partitions).map { "\(topic.name)-\($0)" } }
        )
        if let other = places.keys.sorted().first(where: { !known.contains($0) }) {
            throw Problem.invalid("as_of", "\(metric.definition.name) is not made of \(other.prefix(100))")
        }
        self.places = places
    }

    /// Whether the tables are at these places; 409 when they are behind one of them for good, since what was counted
    /// between the two cannot be left out again.
    func isReached(in present: [String: Int64]) throws -> Bool {
        let passed = places.filter { present[$0.key, default: 0] > $0.value }
        if let (partition, _) = passed.min(by: { $0.key < $1.key }) {
            throw Problem(.positionPassed, "\(partition) is at \(present[partition, default: 0])")
        }
        return places.allSatisfy { present[$0.key, default: 0] == $0.value }
    }
}
