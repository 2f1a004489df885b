import KafkaProtocol
public import System

/// A topic: its name, its id for life, and its settings.
public struct Topic: Sendable, Equatable {
    /// The name.
    public let name: String
    /// Differs between a topic and a later one of the same name.
    public let id: Identifier
    /// Number of partitions.
    public internal(set) var partitions: Int32
    /// The settings.
    public internal(set) var configuration: TopicConfiguration
}

/// What the store is: the file `metadata`.
///
/// Body, after `ChecksummedFile`'s header:
/// ```
///   cluster id 16 bytes | leader epoch i32 | count i32 | count x topic
///   topic: id 16 bytes | name text | partitions i32 | count i32 | count x (name text, value text)
///   text:  length i32 | UTF-8
/// ```
struct StoreMetadata: Sendable, Equatable {
    static let fileName = "metadata"

    var clusterID: Identifier
    var leaderEpoch: Int32
    var topics: [String: Topic] = [:]
    /// Settings in the file that are not allowed (any more): their topics have the defaults instead.
    private(set) var refusedSettings: [String] = []

    init(clusterID: Identifier, leaderEpoch: Int32) {
        self.clusterID = clusterID
        self.leaderEpoch = leaderEpoch
    }

    var encoded: [UInt8] {
        var writer = WireWriter()
        writer.raw(clusterID.bytes)
        writer.int32(leaderEpoch)
        writer.int32(Int32(truncatingIfNeeded: topics.count))
        for topic in topics.values {
            writer.raw(topic.id.bytes)
            writer.text(topic.name)
            writer.int32(topic.partitions)
            writer.int32(Int32(truncatingIfNeeded: topic.configuration.overrides.count))
            for (name, value) in topic.configuration.overrides {
                writer.text(name)
                writer.text(value)
            }
        }
        return ChecksummedFile.encode(writer.bytes, kind: .metadata)
    }

    /// Reads the file; nil when it is damaged.
    init?(_ file: [UInt8], defaults: [String: String]) {
        guard let body = ChecksummedFile.decode(file, kind: .metadata) else { return nil }
        var reader = WireReader(body)
        do throws(WireError) {
            guard let cluster = Identifier(bytes: try reader.slice(16)) else { return nil }
            self.init(clusterID: cluster, leaderEpoch: try reader.int32())
            for _ in 0..<(try reader.count()) {
                guard let id = Identifier(bytes: try reader.slice(16)) else { return nil }
                let name = try reader.text()
                let partitions = try reader.int32()
                var overrides: [String: String] = [:]
                for _ in 0..<(try reader.count()) {
                    let setting = try reader.text()
                    overrides[setting] = try reader.text()
                }
                let configuration = allowed(overrides, of: name, defaults)
                guard let configuration else { return nil }
                topics[name] = Topic(name: name, id: id, partitions: partitions, configuration: configuration)
            }
        } catch {
            return nil
        }
    }

    /// What a topic's settings come to without those that are not allowed; nil when even the defaults are not.
    private mutating func allowed(
        _ overrides: [String: String],
        of topic: String,
        _ defaults: [String: String]
    ) -> TopicConfiguration? {
        if let whole = try? TopicConfiguration(overrides: overrides, defaults: defaults) { return whole }
        let good = overrides.filter { name, value in
            (try? TopicConfiguration(overrides: [name: value], defaults: defaults)) != nil
        }
        for (name, value) in overrides where good[name] == nil { refusedSettings.append("\(topic): \(name)=\(value)") }
        return try? TopicConfiguration(overrides: good, defaults: defaults)
    }
}

extension Identifier {
    /// The way Kafka writes ids: base64url of the sixteen bytes without padding.
    public var kafkaText: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count)) & 63])
            }
        }
        text.append(alphabet[Int(bits << UInt32(6 - count)) & 63])
        return String(decoding: text, as: UTF8.self)
    }
}
