import KafkaProtocol

/// DescribeClientQuotas and AlterClientQuotas (KIP-546).
extension RequestHandler {
    func dispatchQuotas(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        if call.key == .describeClientQuotas {
            return ready(call, describeQuotas(try decode(call, &reader, DescribeClientQuotasRequest.init)).encode)
        }
        return ready(call, await alterQuotas(try decode(call, &reader, AlterClientQuotasRequest.init)).encode)
    }

    private func describeQuotas(_ request: DescribeClientQuotasRequest) -> DescribeClientQuotasResponse {
        do {
            guard isAllowed(.describeConfigs, .cluster, AccessControl.clusterName) else {
                throw ErrorCode.clusterAuthorizationFailed
            }
            let filter = try QuotaFilter(request)
            let found = core.settings.current.quotas.limits.filter { filter.matches($0.key) }
            return DescribeClientQuotasResponse(
                entries: found.map { entity, limits in
                    .init(
                        entity: entity.parts.map { .init(entityType: $0.key.rawValue, entityName: $0.value.name) },
                        values: limits.map { .init(key: $0.key.rawValue, value: $0.value) }
                    )
                }
            )
        } catch {
            return DescribeClientQuotasResponse(errorCode: ErrorCode(any: error).rawValue, entries: nil)
        }
    }

    private func alterQuotas(_ request: AlterClientQuotasRequest) async -> AlterClientQuotasResponse {
        var response = AlterClientQuotasResponse()
        for entry in request.entries {
            var result = AlterClientQuotasResponse.EntryData(
                entity: entry.entity.map { .init(entityType: $0.entityType, entityName: $0.entityName) }
            )
            do {
                guard isAllowed(.alterConfigs, .cluster, AccessControl.clusterName) else {
                    throw ErrorCode.clusterAuthorizationFailed
                }
                let (entity, changes) = try Self.change(entry)
                if !request.validateOnly {
                    let settings = core.settings
                    try await core.onJobThread { try settings.change { try $0.quotas.apply(changes, to: entity) } }
                }
            } catch let error as QuotaError {
                result.errorCode = ErrorCode.invalidRequest.rawValue
                result.errorMessage = error.description
            } catch {
                result.errorCode = ErrorCode(any: error).rawValue
            }
            response.entries.append(result)
        }
        return response
    }

    private static func change(
        _ entry: AlterClientQuotasRequest.EntryData
    ) throws -> (entity: QuotaEntity, changes: [QuotaKind: Double?]) {
        var parts: [QuotaEntity.Kind: QuotaEntity.Part] = [:]
        for part in entry.entity {
            guard let kind = QuotaEntity.Kind(rawValue: part.entityType), parts[kind] == nil,
                part.entityName != ""
            else { throw QuotaError("no quota for an entity of \(part.entityType)") }
            parts[kind] = QuotaEntity.Part(part.entityName)
        }
        let entity = QuotaEntity(parts)
        guard entity.isLegal else { throw QuotaError("a quota is for a user, a client-id, both, or an ip") }
        var changes: [QuotaKind: Double?] = [:]
        for op in entry.ops {
            guard let kind = QuotaKind(rawValue: op.key), kind.applies(to: entity) else {
                throw QuotaError("no quota \(op.key) for this entity")
            }
            guard op.remove || (op.value > 0 && op.value.isFinite) else {
                throw QuotaError("\(op.key) is not more than 0")
            }
            changes[kind] = .some(op.remove ? nil : op.value)
        }
        return (entity, changes)
    }
}

/// Why a quota is refused, for people.
struct QuotaError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension QuotaTable {
    /// Most entities that may have quotas.
    static let maximumEntities = 10_000

    /// Sets and, where the value is nil, removes limits of an entity.
    mutating func apply(_ changes: [QuotaKind: Double?], to entity: QuotaEntity) throws {
        for (kind, value) in changes { limits[entity, default: [:]][kind] = value }
        if limits[entity]?.isEmpty == true { limits[entity] = nil }
        guard limits.count <= Self.maximumEntities else { throw ErrorCode.policyViolation }
    }
}

/// Which entities a request is about.
private struct QuotaFilter {
    private enum Rule {
        case exactly(QuotaEntity.Part)
        case any
    }

    private var rules: [QuotaEntity.Kind: Rule] = [:]
    private let isStrict: Bool

    init(_ request: DescribeClientQuotasRequest) throws {
        isStrict = request.strict
        for component in request.components {
            guard let kind = QuotaEntity.Kind(rawValue: component.entityType), rules[kind] == nil else {
                throw ErrorCode.invalidRequest
            }
            switch component.matchType {
            case 0:
                guard let name = component.match else { throw ErrorCode.invalidRequest }
                rules[kind] = .exactly(.named(name))
            case 1: rules[kind] = .exactly(.byDefault)
            case 2: rules[kind] = .any
            default: throw ErrorCode.invalidRequest
            }
        }
    }

    func matches(_ entity: QuotaEntity) -> Bool {
        for (kind, rule) in rules {
            guard let part = entity.parts[kind] else { return false }
            if case .exactly(let wanted) = rule, part != wanted { return false }
        }
        return !isStrict || entity.parts.count == rules.count
    }
}
