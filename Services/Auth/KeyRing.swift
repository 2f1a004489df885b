import Security
import ServiceKit
import Synchronization
import System

/// The signing keys: one signs, the next is published before its first signature, the last stays until its tokens have
/// expired. Each lies in a file of mode 0600 whose name says from when on it signs.
final class KeyRing: Sendable {
    struct Policy: Sendable {
        /// How long a key signs.
        var rotationSeconds: Int64
        /// How long a key is published before it signs: at least the life of a cached key set.
        var leadSeconds: Int64
    }

    /// A key and the instant from which on it signs.
    struct Entry: Sendable {
        let key: SigningKey
        let activeFrom: Timestamp
    }

    private let directory: String
    private let policy: Policy
    private let entries: Mutex<[Entry]>

    /// Reads the keys of the folder. Blocks.
    init(directory: String, policy: Policy) throws {
        self.directory = directory
        self.policy = policy
        try File.createDirectory(directory)
        let index = directory + "/index"
        let names = File.exists(index) ? String(decoding: try File.read(index), as: UTF8.self) : ""
        let found = try names.split(separator: "\n").compactMap { name -> Entry? in
            guard let time = Int64(name) else { return nil }
            let key = try SigningKey(
                pem: String(decoding: File.read(Self.path(directory, time), limit: 4096), as: UTF8.self)
            )
            return Entry(key: key, activeFrom: Timestamp(milliseconds: time))
        }
        entries = Mutex(found.sorted { $0.activeFrom < $1.activeFrom })
    }

    /// Makes the next key when it is time and forgets those whose last token has expired. Blocks for a file or two.
    func rotate(at now: Timestamp) throws {
        try entries.withLock { entries in
            var kept = Self.needed(entries, at: now)
            if let time = Self.nextActivation(kept, policy, at: now) {
                let key = try SigningKey()
                try key.store(Self.path(directory, time.milliseconds))
                kept.append(Entry(key: key, activeFrom: time))
            }
            guard kept.map(\.activeFrom) != entries.map(\.activeFrom) else { return }
            try keep(kept, &entries)
        }
    }

    /// Makes the next key now, for after the lead; the one that is on its way already, when there is one. Blocks for a
    /// file or two.
    func change(at now: Timestamp) throws -> Entry {
        try entries.withLock { entries in
            if let next = entries.last, next.activeFrom > now { return next }
            let next = Entry(key: try SigningKey(), activeFrom: now.adding(seconds: policy.leadSeconds))
            try next.key.store(Self.path(directory, next.activeFrom.milliseconds))
            try keep(Self.needed(entries, at: now) + [next], &entries)
            return next
        }
    }

    /// Makes the list what is kept, and removes the files of the others.
    private func keep(_ kept: [Entry], _ entries: inout [Entry]) throws {
        let names = kept.map { "\($0.activeFrom.milliseconds)\n" }.joined()
        try File.replace(directory + "/index", with: Array(names.utf8))
        for gone in entries where !kept.contains(where: { $0.activeFrom == gone.activeFrom }) {
            try File.remove(Self.path(directory, gone.activeFrom.milliseconds))
        }
        entries = kept
    }

    /// The key that signs now.
    func signing(at now: Timestamp) throws -> SigningKey {
        guard let entry = entries.withLock({ $0.last { $0.activeFrom <= now } ?? $0.first }) else {
            throw CryptographyError.invalidParameter("no signing key")
        }
        return entry.key
    }

    /// The keys that verifiers must know: past, present and next.
    func published(at now: Timestamp) -> [VerifyingKey] {
        entries.withLock { Self.needed($0, at: now).map(\.key.verifyingKey) }
    }

    /// All but those whose successor has signed for longer than a token lives.
    static func needed(_ entries: [Entry], at now: Timestamp) -> [Entry] {
        entries.enumerated().filter { index, _ in
            guard index + 1 < entries.count else { return true }
            return now < entries[index + 1].activeFrom.adding(seconds: RevocationList.retentionSeconds)
        }.map(\.element)
    }

    /// When a key that must be made now shall begin to sign; nil when none is needed.
    static func nextActivation(_ entries: [Entry], _ policy: Policy, at now: Timestamp) -> Timestamp? {
        guard let last = entries.last else { return now }
        let due = last.activeFrom.adding(seconds: policy.rotationSeconds)
        guard due <= now.adding(seconds: policy.leadSeconds) else { return nil }
        return max(due, now.adding(seconds: policy.leadSeconds))
    }

    private static func path(_ directory: String, _ time: Int64) -> String { "\(directory)/signing-\(time).pem" }
}
