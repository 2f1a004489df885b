public import System

/// Writes structured log lines, in the vocabulary of swift-log: a label, a level, metadata.
///
/// A line below the logger's level costs one comparison: message and metadata are autoclosures. Loggers are values and
/// may be used from any thread. Rule: ids only, never bodies, tokens, query values or e-mail addresses.
public struct Logger: Sendable {
    /// What a line carries besides its message; members come out sorted by name.
    public typealias Metadata = [String: MetadataValue]

    /// The component that speaks, such as `booking` or `http`.
    public let label: String
    /// The least severe level that is written.
    public var level: LogLevel
    /// Members of every line of this logger.
    public var metadata: Metadata
    private let format: LogFormat
    private let clock: WallClock
    private let sink: @Sendable ([UInt8]) -> Void

    /// A logger; by default to standard error, at the level of `LOG_LEVEL` (`info`) in the format of `LOG_FORMAT`
    /// (`json` or `logfmt`).
    ///
    /// `sink` receives one finished line with its line feed; it must not block for long.
    public init(
        label: String,
        level: LogLevel = .fromEnvironment,
        format: LogFormat = .fromEnvironment,
        metadata: Metadata = [:],
        clock: WallClock = .system,
        sink: @escaping @Sendable ([UInt8]) -> Void = StandardError.write
    ) {
        self.label = label
        self.level = level
        self.format = format
        self.metadata = metadata
        self.clock = clock
        self.sink = sink
    }

    /// Reads or sets one member of every line.
    public subscript(metadataKey key: String) -> MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line when `level` is enabled. The trace id of the current task is added by itself.
    @inlinable
    public func log(
        level: LogLevel,
        _ message: @autoclosure () -> String,
        metadata: @autoclosure () -> Metadata = [:]
    ) {
        guard level >= self.level else { return }
        write(level: level, message: message(), metadata: metadata())
    }

    /// Writes at `trace`: steps of an algorithm.
    @inlinable
    public func trace(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .trace, message(), metadata: metadata())
    }

    /// Writes at `debug`: for who looks for a fault.
    @inlinable
    public func debug(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .debug, message(), metadata: metadata())
    }

    /// Writes at `info`: the normal life of the service.
    @inlinable
    public func info(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .info, message(), metadata: metadata())
    }

    /// Writes at `notice`: normal, but an operator may want to see it.
    @inlinable
    public func notice(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .notice, message(), metadata: metadata())
    }

    /// Writes at `warning`: not an error, but wrong if it goes on.
    @inlinable
    public func warning(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .warning, message(), metadata: metadata())
    }

    /// Writes at `error`: something failed.
    @inlinable
    public func error(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .error, message(), metadata: metadata())
    }

    /// Writes at `critical`: the service cannot go on, or money or data are at risk.
    @inlinable
    public func critical(_ message: @autoclosure () -> String, metadata: @autoclosure () -> Metadata = [:]) {
        log(level: .critical, message(), metadata: metadata())
    }

    @usableFromInline
    func write(level: LogLevel, message: String, metadata: Metadata) {
        var fields: [(String, MetadataValue)] = [
            ("time", .string(clock.now.description)),
            ("level", .string(level.name)),
            ("logger", .string(label)),
            ("message", .string(message)),
        ]
        if let context = TraceContext.current {
            fields.append(("trace_id", .string(context.traceID)))
        }
        let merged = self.metadata.merging(metadata) { _, new in new }
        for key in merged.keys.sorted() {
            if let value = merged[key] { fields.append((key, value)) }
        }
        sink(format.line(fields))
    }
}
