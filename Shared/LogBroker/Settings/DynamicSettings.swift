import KafkaProtocol
import Security

/// What clients change of a running broker and the next start must know: quotas, SCRAM credentials, settings. Pure.
///
/// As bytes, with lengths and texts in the compact form of the protocol (KIP-482):
/// ```
///   version i8 = 1
///   quotas:      array of (array of (kind text, name text or null), array of (what text, limit f64))
///   credentials: array of (user text, mechanism text, iterations i32, salt, stored key, server key bytes)
///   settings:    array of (name text, value text)
/// ```
struct DynamicSettings: Sendable, Equatable {
    private static let version: Int8 = 1

    var quotas = QuotaTable()
    var credentials: [String: [SCRAMMechanism: SCRAMCredential]] = [:]
    var configuration: [String: String] = [:]

    init() {}

    var encoded: [UInt8] {
        var writer = WireWriter()
        writer.isFlexible = true
        writer.int8(Self.version)
        writer.array(Array(quotas.limits)) { writer, quota in
            writer.array(Array(quota.key.parts)) { writer, part in
                writer.string(part.key.rawValue)
                writer.string(part.value.name)
            }
            writer.array(Array(quota.value)) { writer, limit in
                writer.string(limit.key.rawValue)
                writer.float64(limit.value)
            }
        }
        let all = credentials.flatMap { user, credentials in credentials.values.map { (user, $0) } }
        writer.array(all) { writer, entry in
            writer.string(entry.0)
            writer.string(entry.1.mechanism.rawValue)
            writer.int32(Int32(clamping: entry.1.iterations))
            for part in [entry.1.salt, entry.1.storedKey, entry.1.serverKey] { writer.byteArray(part) }
        }
        writer.array(Array(configuration)) { writer, setting in
            writer.string(setting.key)
            writer.string(setting.value)
        }
        return writer.bytes
    }

    /// Reads the bytes. What this version does not know is left out. Errors: what the bytes lack.
    init(_ bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        reader.isFlexible = true
        guard try reader.int8() == Self.version else { throw .invalidLength }
        for quota in try reader.array(Self.quota) {
            if let quota { quotas.limits[quota.entity] = quota.limits }
        }
        for entry in try reader.array(Self.credential) {
            if let entry { credentials[entry.user, default: [:]][entry.credential.mechanism] = entry.credential }
        }
        for setting in try reader.array(Self.setting) { configuration[setting.name] = setting.value }
    }

    private static func quota(
        _ reader: inout WireReader
    ) throws(WireError) -> (entity: QuotaEntity, limits: [QuotaKind: Double])? {
        let parts = try reader.array { (reader: inout WireReader) throws(WireError) in
            (try reader.string(), try reader.nullableString())
        }
        let limits = try reader.array { (reader: inout WireReader) throws(WireError) in
            (try reader.string(), try reader.float64())
        }
        var known: [QuotaEntity.Kind: QuotaEntity.Part] = [:]
        for (kind, name) in parts {
            guard let kind = QuotaEntity.Kind(rawValue: kind) else { return nil }
            known[kind] = QuotaEntity.Part(name)
        }
        var rates: [QuotaKind: Double] = [:]
        for (kind, limit) in limits {
            if let kind = QuotaKind(rawValue: kind) { rates[kind] = limit }
        }
        return (QuotaEntity(known), rates)
    }

    private static func credential(
        _ reader: inout WireReader
    ) throws(WireError) -> (user: String, credential: SCRAMCredential)? {
        let user = try reader.string()
        let mechanism = SCRAMMechanism(rawValue: try reader.string())
        let iterations = try reader.int32()
        let (salt, storedKey, serverKey) = (try reader.byteArray(), try reader.byteArray(), try reader.byteArray())
        return mechanism.map {
            let credential = SCRAMCredential(
                mechanism: $0,
                salt: salt,
                iterations: Int(iterations),
                storedKey: storedKey,
                serverKey: serverKey
            )
            return (user, credential)
        }
    }

    private static func setting(_ reader: inout WireReader) throws(WireError) -> (name: String, value: String) {
        (try reader.string(), try reader.string())
    }
}
