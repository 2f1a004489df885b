import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport
import Testing

/// Many people who like and unlike the same targets at once, and note what they were told. A request without an answer is
/// sent again until there is one: both may be repeated.
final class LikeLoad: Sendable {
    /// Who likes what: what was acknowledged last.
    typealias Likes = Set<String>

    /// For one request, however often it is sent again.
    private static let patience = Duration.seconds(90)
    private static let pause = Duration.milliseconds(50)
    private static let width = 64

    let changes: Int
    private let people: [LikeRig.Person]
    private let targets: [Identifier]
    private let origin: Origin
    private let client = HTTPClient()
    private let done = Atomic(0)

    init(_ rig: LikeRig, changes: Int, people: [LikeRig.Person], targets: [Identifier]) throws {
        self.changes = changes
        self.people = people
        self.targets = targets
        origin = try #require(Origin(rig.url))
    }

    /// How many changes have been acknowledged.
    var progress: Int { done.load(ordering: .relaxed) }

    /// The line for a like in a list of all.
    static func line(_ target: String, _ user: String) -> String { "\(target) \(user)" }

    /// Makes all changes; who likes what in the end.
    func run(seed: UInt64) async throws -> Likes {
        let loops = try EventLoopGroup(count: 1)
        defer { loops.shutdown() }
        let loop = loops.next()
        return try await loop.run {
            try await withThrowingTaskGroup(of: Likes.self) { group in
                for number in 0..<Self.width {
                    group.addTask(executorPreference: loop) {
                        try await self.work(number, seed: seed &+ UInt64(number), on: loop)
                    }
                }
                return try await group.reduce(into: Likes()) { $0.formUnion($1) }
            }
        }
    }

    /// The part of one worker: people that no other has, so that their last word is known.
    private func work(_ number: Int, seed: UInt64, on loop: EventLoop) async throws -> Likes {
        var (likes, generator) = (Likes(), SplitMix(state: seed))
        let own = people.indices.filter { $0 % Self.width == number }
        guard !own.isEmpty else { return likes }
        for _ in 0..<(changes / Self.width) {
            let person = people[own[Int(generator.next() % UInt64(own.count))]]
            let target = targets[Int(generator.next() % UInt64(targets.count))]
            let isLike = generator.next() % 4 != 0
            if generator.next() % 10 == 0 {
                // Twice at once.
                async let other: Void = change(isLike, target, by: person, on: loop)
                try await change(isLike, target, by: person, on: loop)
                try await other
            } else {
                try await change(isLike, target, by: person, on: loop)
            }
            let line = Self.line(target.description, person.id.description)
            if isLike { likes.insert(line) } else { likes.remove(line) }
            done.wrappingAdd(1, ordering: .relaxed)
        }
        return likes
    }

    private func change(
        _ isLike: Bool,
        _ target: Identifier,
        by person: LikeRig.Person,
        on loop: EventLoop
    ) async throws {
        let fields: HTTPFields = [.authorization: "Bearer \(person.token)"]
        let path = "/v1/media/\(target)/likes/me"
        let deadline = Deadline.after(Self.patience)
        while true {
            let status = await send(ClientRequest(isLike ? .put : .delete, path, fields))
            if status == 200 { return }
            let isTransient = status == nil || status.map { $0 >= 500 } == true
            guard isTransient, loop.now < deadline.nanoseconds else {
                throw LoadFailure(description: "\(isLike ? "PUT" : "DELETE") \(path): \(status ?? 0)")
            }
            try await loop.sleep(for: Self.pause)
        }
    }

    /// The status of a whole answer; nil when there was none.
    private nonisolated(nonsending) func send(_ request: ClientRequest) async -> Int? {
        do {
            let response = try await client.send(request, to: origin, until: .after(.seconds(20)))
            _ = try await response.body.collect(upTo: 10_000)
            return response.status.code
        } catch {
            return nil  // The service died with it.
        }
    }
}

/// A request was refused, or not answered for too long.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String
}

/// Numbers that a seed decides.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
