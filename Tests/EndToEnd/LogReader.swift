import System
import TestSupport

/// What is in the log, read by kcat.
struct LogReader {
    /// Host and port.
    let broker: String

    /// One record that is an event.
    struct Record {
        let id: String
        let type: String
        let payload: JSON
    }

    /// The events of a topic that the log still has. One that was sent twice under one id counts once.
    func events(_ topic: String) async throws -> [Record] {
        let output = try await run("-C", "-e", "-q", "-J", "-o", "beginning", "-t", topic)
        var seen: Set<String> = []
        return try output.split(separator: "\n").compactMap { line in
            let record = try JSON(parsing: String(line))
            let words = record["headers"].array.compactMap(\.string)
            func header(_ name: String) -> String? {
                words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
            }
            guard let id = header("ce_id"), seen.insert(id).inserted, let type = header("ce_type") else { return nil }
            return Record(id: id, type: type, payload: try JSON(parsing: record["payload"].string ?? "{}"))
        }
    }

    /// First and next offset of each partition.
    func bounds(_ topic: String) async throws -> [(first: Int, next: Int)] {
        let count = try await JSON(parsing: run("-L", "-J", "-t", topic))["topics"].array[0]["partitions"].array.count
        let (first, next) = try await (offsets(topic, count, at: "-2"), offsets(topic, count, at: "-1"))
        return zip(first, next).map { (first: $0, next: $1) }
    }

    private func offsets(_ topic: String, _ partitions: Int, at place: String) async throws -> [Int] {
        let arguments = (0..<partitions).flatMap { ["-t", "\(topic):\($0):\(place)"] }
        // `topic [0] offset 12`, in any order.
        let lines = try await run(["-Q"] + arguments).split(separator: "\n").map { $0.split(separator: " ") }
        let found = lines.compactMap { words -> (Int, Int)? in
            guard words.count == 4, let partition = Int(words[1].filter(\.isNumber)) else { return nil }
            return Int(words[3]).map { (partition, $0) }
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    private func run(_ arguments: [String]) async throws -> String {
        let read = try await Command.run("kcat", ["-q", "-b", broker] + arguments, within: 20)
        guard read.status.isSuccess else { throw StackFailure(description: "kcat \(arguments): \(read.output)") }
        return read.output
    }
}

extension [LogReader.Record] {
    /// How many events of a type tell of a booking.
    func count(_ type: String, of booking: String) -> Int {
        count { record in
            record.type == type
                && [record.payload["booking_id"], record.payload["request_id"]].contains(.string(booking))
        }
    }
}
