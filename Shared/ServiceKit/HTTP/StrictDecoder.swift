import Synchronization

/// Decodes a value through a decoder that remembers which members were asked for.
struct Strict<Value: Decodable>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        guard let tracker = decoder.userInfo[KeyTracker.userInfoKey] as? KeyTracker else {
            value = try Value(from: decoder)
            return
        }
        tracker.begin()
        value = try Value(from: TrackingDecoder(base: decoder, tracker: tracker))
    }
}

/// The members that objects had and those that a type asked for.
final class KeyTracker: Sendable {
    // A constant text is always a key.
    static let userInfoKey = CodingUserInfoKey(rawValue: "keyTracker")!
    private let objects = Mutex<[String: (present: Set<String>, known: Set<String>)]>([:])

    private let begun = Atomic(false)

    /// Whether decoding got as far as the value: the text is JSON.
    var hasBegun: Bool { begun.load(ordering: .relaxed) }

    func begin() { begun.store(true, ordering: .relaxed) }

    func open(_ pointer: String, present: [String]) {
        objects.withLock { $0[pointer, default: ([], [])].present.formUnion(present) }
    }

    func ask(_ pointer: String, _ key: String) {
        objects.withLock { _ = $0[pointer, default: ([], [])].known.insert(key) }
    }

    /// Pointers of members nobody asked for, sorted.
    var unknown: [String] {
        objects.withLock { objects in
            objects.flatMap { pointer, members in
                members.present.subtracting(members.known).map { pointer + JSONBody.pointer([AnyCodingKey($0)]) }
            }.sorted()
        }
    }
}

private struct TrackingDecoder: Decoder {
    let base: any Decoder
    let tracker: KeyTracker

    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { base.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let names = try base.container(keyedBy: AnyCodingKey.self).allKeys.map(\.stringValue)
        let pointer = JSONBody.pointer(codingPath)
        tracker.open(pointer, present: names)
        let keyed = try base.container(keyedBy: type)
        return KeyedDecodingContainer(TrackingKeyed(base: keyed, tracker: tracker, pointer: pointer))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try TrackingUnkeyed(base: base.unkeyedContainer(), tracker: tracker)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { try base.singleValueContainer() }
}

private struct TrackingKeyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let base: KeyedDecodingContainer<Key>
    let tracker: KeyTracker
    let pointer: String

    var codingPath: [any CodingKey] { base.codingPath }
    var allKeys: [Key] { base.allKeys }

    private func asked(_ key: Key) -> Key {
        tracker.ask(pointer, key.stringValue)
        return key
    }

    func contains(_ key: Key) -> Bool { base.contains(asked(key)) }
    func decodeNil(forKey key: Key) throws -> Bool { try base.decodeNil(forKey: asked(key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try base.decode(type, forKey: asked(key)) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try base.decode(type, forKey: asked(key)) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        // Asking for a decoder of an absent key gives one of null: the plain call names the missing member.
        guard base.contains(asked(key)) else { return try base.decode(type, forKey: key) }
        return try Value(from: TrackingDecoder(base: base.superDecoder(forKey: key), tracker: tracker))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try TrackingDecoder(base: base.superDecoder(forKey: asked(key)), tracker: tracker).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try TrackingUnkeyed(base: base.nestedUnkeyedContainer(forKey: asked(key)), tracker: tracker)
    }

    func superDecoder() throws -> any Decoder { try base.superDecoder() }
    func superDecoder(forKey key: Key) throws -> any Decoder { try base.superDecoder(forKey: asked(key)) }
}

private struct TrackingUnkeyed: UnkeyedDecodingContainer {
    var base: any UnkeyedDecodingContainer
    let tracker: KeyTracker

    var codingPath: [any CodingKey] { base.codingPath }
    var count: Int? { base.count }
    var isAtEnd: Bool { base.isAtEnd }
    var currentIndex: Int { base.currentIndex }

    mutating func decodeNil() throws -> Bool { try base.decodeNil() }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Value(from: TrackingDecoder(base: base.superDecoder(), tracker: tracker))
    }
    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try TrackingDecoder(base: base.superDecoder(), tracker: tracker).container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try TrackingUnkeyed(base: base.nestedUnkeyedContainer(), tracker: tracker)
    }
    mutating func superDecoder() throws -> any Decoder { try base.superDecoder() }
}
