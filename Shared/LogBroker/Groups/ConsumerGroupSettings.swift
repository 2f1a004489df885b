/// How the broker leads groups whose assignments it makes (KIP-848).
public struct ConsumerGroupSettings: Sendable, Equatable {
    /// How long a member may be silent, milliseconds (`group.consumer.session.timeout.ms`).
    public var sessionTimeout = 45_000
    /// How often members are told to be heard of, milliseconds (`group.consumer.heartbeat.interval.ms`).
    public var heartbeatInterval = 5_000
    /// Most members of one group (`group.consumer.max.size`).
    public var maximumSize = ClassicGroup.maximumMembers

    /// Apache Kafka's defaults, and 10,000 members.
    public init() {}

    var sessionTimeoutNanoseconds: UInt64 { UInt64(max(0, sessionTimeout)) * 1_000_000 }
}
