public import System

/// What a process says of itself to operators, as a member of `/readyz?verbose`.
public struct ProcessReport: Codable, Sendable, Equatable {
    /// The release that this is built from; CHANGELOG.md says what is in it.
    public static let release = "0.1.0"

    /// The release.
    public var version: String
    /// Bytes of memory in RAM.
    public var memoryBytes: Int
    /// When the process was started.
    public var startedAt: Timestamp?

    /// The report of this process, as of now.
    public static var now: ProcessReport {
        ProcessReport(version: release, memoryBytes: ProcessUsage.residentBytes, startedAt: ProcessUsage.startTime)
    }

    /// As JSON, for a process without an encoder.
    public var json: String {
        let start = startedAt.map { ",\"started_at\":\"\($0)\"" } ?? ""
        return "{\"version\":\"\(version)\",\"memory_bytes\":\(memoryBytes)\(start)}"
    }

    enum CodingKeys: String, CodingKey {
        case memoryBytes = "memory_bytes"
        case startedAt = "started_at"
        case version
    }
}
