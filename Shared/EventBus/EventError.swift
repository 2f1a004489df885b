/// Why an event could not be made, sent or read.
public struct EventError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The stable code of the failure.
    public enum Code: String, Sendable {
        /// The payload does not encode as JSON.
        case unencodable
        /// Headers or payload of a record are not an event, or not of the asked type.
        case undecodable
        /// Value and headers are larger than `Event.maximumSize`.
        case tooLarge = "too_large"
        /// The broker or the client library refused.
        case broker
        /// The client's queue is full.
        case queueFull = "queue_full"
        /// The cluster is not the one whose offsets are stored.
        case otherCluster = "other_cluster"
        /// A topic exists with another partition count than declared.
        case partitionCount = "partition_count"
        /// A stored offset lies outside the log of a topic with facts.
        case gap
        /// A record of a consumer that must not skip could not be handled.
        case halted
        /// The client is closed or was never started.
        case closed
    }

    /// The stable code.
    public let code: Code

    /// Whether a service must not run like this, and a person has to see to it: another cluster, another partition count,
    /// a log that has lost what was not read yet.
    public var isRefusal: Bool { code == .otherCluster || code == .partitionCount || code == .gap }
    /// What happened, for people.
    public let detail: String

    /// Makes an error.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// `gap: user-events [3]: …`.
    public var description: String { "\(code.rawValue): \(detail)" }
}
