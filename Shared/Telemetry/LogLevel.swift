import System

/// How severe a log line is, as in swift-log.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    /// Steps of an algorithm.
    case trace
    /// For who looks for a fault.
    case debug
    /// The normal life of the service.
    case info
    /// Normal, but an operator may want to see it.
    case notice
    /// Not an error, but wrong if it goes on.
    case warning
    /// Something failed.
    case error
    /// The service cannot go on, or money or data are at risk.
    case critical

    /// The level's name in lower case; nil for any other word.
    public init?(name: some StringProtocol) {
        let lower = name.lowercased()
        guard let level = LogLevel.allCases.first(where: { $0.name == lower }) else { return nil }
        self = level
    }

    /// `info`, `warning`, …
    public var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// The level of `LOG_LEVEL`, read once; `info` when it is absent or no level.
    public static let fromEnvironment = Environment.value("LOG_LEVEL").flatMap { LogLevel(name: $0) } ?? .info

    /// Orders by severity.
    @inlinable
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
