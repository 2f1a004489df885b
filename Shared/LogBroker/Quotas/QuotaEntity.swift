/// Whom a quota is for (KIP-13, KIP-55, KIP-612): a user, a client id, both together, or an address. Pure.
struct QuotaEntity: Sendable, Hashable {
    /// A part of an entity by its name, or what applies to all that have no quota of their own.
    enum Part: Sendable, Hashable {
        case named(String)
        case byDefault

        /// From the protocol, where null stands for the default.
        init(_ name: String?) { self = name.map { .named($0) } ?? .byDefault }

        var name: String? {
            if case .named(let name) = self { return name }
            return nil
        }
    }

    /// The kinds of parts, by the protocol's names.
    enum Kind: String, Sendable, CaseIterable {
        case user
        case clientID = "client-id"
        case address = "ip"
    }

    private(set) var parts: [Kind: Part]

    init(_ parts: [Kind: Part]) { self.parts = parts }

    init(user: Part? = nil, clientID: Part? = nil, address: Part? = nil) {
        parts = [:]
        parts[.user] = user
        parts[.clientID] = clientID
        parts[.address] = address
    }

    /// An address has quotas alone, the two others alone or together.
    var isLegal: Bool { !parts.isEmpty && (parts[.address] == nil || parts.count == 1) }
}

/// What a quota limits; raw values are the protocol's.
enum QuotaKind: String, Sendable, Hashable, CaseIterable {
    /// Bytes a second.
    case produceRate = "producer_byte_rate"
    /// Bytes a second.
    case fetchRate = "consumer_byte_rate"
    /// Percent of one thread's time.
    case requestPercentage = "request_percentage"
    /// Partitions made or deleted a second.
    case mutationRate = "controller_mutation_rate"
    /// Connections a second, of an address.
    case connectionRate = "connection_creation_rate"

    func applies(to entity: QuotaEntity) -> Bool {
        (self == .connectionRate) == (entity.parts[.address] != nil)
    }
}
