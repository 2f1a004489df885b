public import System

/// Reads typed values from the environment and collects everything that is wrong, so that an operator hears of all of it
/// at once. Used at start, on one thread.
///
/// ```
/// var reader = ConfigurationReader()
/// let seconds = reader.integer("SEAT_LOCK_SECONDS", default: 300, in: 1...3600)
/// try reader.finish()
/// ```
public struct ConfigurationReader {
    private let variables: [String: String]
    private var problems: [String] = []
    private var read: [(name: String, value: String)] = []

    /// A reader of the process's environment, or of a test's own variables.
    public init(_ variables: [String: String] = Environment.all()) {
        self.variables = variables
    }

    /// All variables, for a library that reads its own.
    public var environment: [String: String] { variables }

    /// A text; empty counts as absent.
    public mutating func string(_ name: String, default fallback: String) -> String {
        let value = variables[name].flatMap { $0.isEmpty ? nil : $0 } ?? fallback
        read.append((name, value))
        return value
    }

    /// A text that need not be there.
    public mutating func optionalString(_ name: String) -> String? {
        let value = variables[name].flatMap { $0.isEmpty ? nil : $0 }
        read.append((name, value ?? ""))
        return value
    }

    /// A text that must be there.
    public mutating func requiredString(_ name: String) -> String {
        guard let value = optionalString(name) else {
            problems.append("\(name) is not set")
            return ""
        }
        return value
    }

    /// A secret that need not be there; it is never printed.
    public mutating func secret(_ name: String) -> String? {
        let value = variables[name].flatMap { $0.isEmpty ? nil : $0 }
        read.append((name, value == nil ? "" : "********"))
        return value
    }

    /// A whole number in a range.
    public mutating func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        let text = string(name, default: String(fallback))
        guard let value = Int(text), range.contains(value) else {
            problems.append(
                "\(name) is \"\(text)\"; it must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
            return fallback
        }
        return value
    }

    /// `true` or `false`, `1` or `0`.
    public mutating func boolean(_ name: String, default fallback: Bool) -> Bool {
        let text = string(name, default: fallback ? "true" : "false")
        switch text.lowercased() {
        case "true", "1", "yes": return true
        case "false", "0", "no": return false
        default:
            problems.append("\(name) is \"\(text)\"; it must be true or false")
            return fallback
        }
    }

    /// One of the cases of a type.
    public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        default fallback: Choice
    ) -> Choice {
        let text = string(name, default: fallback.rawValue)
        guard let value = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            problems.append("\(name) is \"\(text)\"; it must be one of \(known)")
            return fallback
        }
        return value
    }

    /// An `http://` or `https://` address without a trailing slash.
    public mutating func url(_ name: String, default fallback: String) -> String {
        var text = string(name, default: fallback)
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            problems.append("\(name) is \"\(text)\"; it must begin with http:// or https://")
            return fallback
        }
        return text
    }

    /// Values separated by commas; each that `parse` refuses is reported with what was expected.
    public mutating func list<Value>(
        _ name: String,
        default fallback: String = "",
        of expected: String,
        _ parse: (String) -> Value?
    ) -> [Value] {
        string(name, default: fallback).split(separator: ",").compactMap { part in
            let text = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            let value = parse(text)
            if value == nil { problems.append("\(name) has \"\(text)\"; it must be \(expected)") }
            return value
        }
    }

    /// Adds a problem that a check of one's own found.
    public mutating func report(_ problem: String) {
        problems.append(problem)
    }

    /// Fails when any value was wrong.
    public func finish() throws(ConfigurationError) {
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    /// What was read, secrets masked: one `NAME=value` a line.
    public var summary: String {
        read.map { "\($0.name)=\($0.value)" }.joined(separator: "\n")
    }
}

/// Values of the environment that a service cannot start with.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]

    /// All sentences.
    public var description: String { problems.joined(separator: "; ") }
}
