import HTTPCore
import Reactor
import TestSupport

/// A client that speaks bytes, on a loop of its own.
struct Peer: Sendable {
    let address: SocketAddress
    let loop: EventLoop
    /// Between two pieces, so that the server reads them apart.
    let pause: @Sendable (EventLoop) async throws -> Void

    private static let casesAtATime = 8
    /// Up to this many bytes a case is cut at every offset; a longer one at every fifth.
    private static let shortCase = 100

    /// What the server answered until it ended the connection.
    struct Answers: Equatable, CustomStringConvertible {
        var statuses: [Int] = []
        /// Why the connection's bytes are not a sequence of whole responses.
        var fault: String?
        var text = ""

        var description: String { "\(statuses)\(fault.map { " \($0)" } ?? "") \(text.prefix(300))" }
    }

    /// A connection to the server.
    func connect() async throws -> Connection {
        try await Connection.connect(to: address, on: loop, until: .soon)
    }

    /// Sends bytes, cut at the given offsets, and reads to the end. `halfCloses` tells the server that nothing follows.
    func exchange(_ bytes: [UInt8], cuts: [Int] = [], halfCloses: Bool = false) async throws -> Answers {
        let connection = try await connect()
        defer { connection.close() }
        var start = 0
        do {
            for end in cuts + [bytes.count] {
                if start > 0 { try await pause(loop) }
                try await connection.write(Array(bytes[start..<end]), until: .soon)
                start = end
            }
        } catch ConnectionError.failed {
            // The server has refused what came before; its answer is there to read.
        }
        if halfCloses { connection.shutdownWrite() }
        var answers = Answers()
        do {
            while try await connection.fill(toHold: connection.input.count + 1, until: .soon) {}
        } catch {
            answers.fault = "\(error)"
        }
        let received = connection.input.take(connection.input.count)
        answers.read(received, isHead: bytes.starts(with: Array("HEAD ".utf8)))
        return answers
    }

    /// The faults of many cases, several at a time.
    func faults(
        of cases: [RequestCase],
        expecting statuses: @escaping @Sendable (RequestCase) -> [Int]
    ) async throws -> [String] {
        var faults: [String] = []
        for start in stride(from: 0, to: cases.count, by: Self.casesAtATime) {
            let some = cases[start..<min(start + Self.casesAtATime, cases.count)]
            faults += try await withThrowingTaskGroup(of: String?.self) { group in
                for sample in some {
                    group.addTask(executorPreference: loop) {
                        try await firstFault(of: sample, expecting: statuses(sample))
                    }
                }
                return try await group.reduce(into: []) { if let fault = $1 { $0.append(fault) } }
            }
        }
        return faults
    }

    /// Runs the case whole, byte by byte and in two pieces at every offset of a short one; the first differing way, or nil.
    private func firstFault(of sample: RequestCase, expecting statuses: [Int]) async throws -> String? {
        let bytes = sample.bytes + (sample.keepsAlive ? Array(RequestCase.last.utf8) : [])
        let expected = sample.keepsAlive ? statuses + [200] : statuses
        let step = sample.bytes.count <= Self.shortCase ? 1 : 5
        let ways = [[], Array(1..<bytes.count)] + stride(from: 1, to: sample.bytes.count, by: step).map { [$0] }
        return try await withThrowingTaskGroup(of: String?.self) { group in
            for cuts in ways {
                group.addTask(executorPreference: loop) {
                    let answers = try await exchange(bytes, cuts: cuts, halfCloses: sample.isIncomplete)
                    if sample.isIncomplete, !answers.statuses.contains(200) { return nil }
                    if answers.statuses == expected, answers.fault == nil { return nil }
                    let way = cuts.isEmpty ? "whole" : cuts.count == 1 ? "cut at \(cuts[0])" : "byte by byte"
                    return "\(sample.name), \(way): \(answers), not \(expected)"
                }
            }
            return try await group.reduce(nil) { $0 ?? $1 }
        }
    }
}

extension Peer.Answers {
    /// Reads final responses; interim ones are skipped.
    mutating func read(_ bytes: [UInt8], isHead: Bool) {
        text = String(decoding: bytes, as: UTF8.self)
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                var parser = ResponseHeadParser(to: isHead && statuses.isEmpty ? .head : .get)
                guard let (head, consumed) = try parser.parse(Array(rest).span) else {
                    fault = fault ?? "a response without an end"
                    return
                }
                rest = rest.dropFirst(consumed)
                if head.response.status.code < 200 { continue }
                statuses.append(head.response.status.code)
                var body = BodyDecoder(head.body)
                while !body.isComplete {
                    let piece = try body.next(Array(rest).span)
                    rest = rest.dropFirst(piece.consumed)
                    if piece.consumed == 0 { return try body.finish() }
                }
            }
        } catch {
            fault = "\(error)"
        }
    }
}

extension Deadline {
    /// More than anything takes that works.
    static var soon: Deadline { .after(.seconds(15)) }
}
