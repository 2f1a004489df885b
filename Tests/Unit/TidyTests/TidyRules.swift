import TestSupport

/// Rules of style that a formatter does not check; CONTRIBUTING.md gives their reasons.
enum TidyRules {
    /// The formatter keeps code within 120 columns; it leaves comments and texts alone.
    static let lineLimit = 140
    static let fileLimit = 400
    static let functionLimit = 70

    /// Files that may stay as long as they are, and not grow.
    private static let largerFiles = ["Shared/KafkaProtocol/Messages/OffsetFetch.swift": 436]

    /// Marks of unfinished work.
    private static let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
    /// Calls that end the program when they are wrong: each needs a reason beside it.
    private static let traps = ["fatal" + "Error(", "try" + "! ", "as" + "! "]
    /// Names of the place this was written in. Cut in two, or this file would hold them.
    private static let workplace = ["/wo" + "rk/", "/tmp" + "/m/", "/tmp" + "/wt", ".lib" + "rary/", "farm" + "-"]

    /// What is wrong with a Swift file, one sentence each.
    static func violations(in file: SourceFile) -> [String] {
        // What a program wrote is read by programs.
        if file.path.contains("/Generated/") { return [] }
        var found: [String] = []
        let limit = largerFiles[file.path] ?? fileLimit
        if file.lines.count > limit + 1 { found.append("\(file.path): \(file.lines.count) lines") }
        for (index, line) in file.lines.enumerated() {
            let before = index > 0 ? file.lines[index - 1] : ""
            found += complaints(about: line, after: before, in: file.path).map { "\(file.path):\(index + 1): \($0)" }
        }
        found += longFunctions(in: file)
        if file.lines.contains(where: { $0.contains("@Test") }), !file.lines.contains(where: asserts) {
            found.append("\(file.path): tests that expect nothing")
        }
        return found
    }

    /// The workplace must not show in any text file.
    static func leaks(in file: SourceFile) -> [String] {
        file.lines.enumerated().flatMap { index, line in
            workplace.filter { line.contains($0) }.map { "\(file.path):\(index + 1): names \($0)" }
        }
    }

    private static func complaints(about line: String, after before: String, in path: String) -> [String] {
        var found: [String] = []
        if line.count > lineLimit { found.append("\(line.count) columns") }
        if line.last == " " || line.last == "\t" { found.append("space at the end") }
        for mark in marks where line.contains(mark) { found.append("an unfinished mark") }
        let code = SourceFile.code(of: line)
        let isExplained = line.contains("// ") || before.contains("// ")
        for trap in traps where code.contains(trap) && !isExplained { found.append("\(trap) without a reason") }
        let isLibrary = path.hasPrefix("Shared/") || path.hasPrefix("Services/")
        if isLibrary, code.drop(while: { $0 == " " }).hasPrefix("print(") { found.append("print in a library") }
        return found
    }

    private static func asserts(_ line: String) -> Bool {
        ["#expect", "#require", "confirmation(", "Issue.record"].contains { line.contains($0) }
    }

    /// The source is formatted, so a function ends at the first brace of its own indentation.
    private static func longFunctions(in file: SourceFile) -> [String] {
        file.lines.enumerated().compactMap { start, line in
            let indentation = line.prefix { $0 == " " }
            let words = line.dropFirst(indentation.count).split(separator: " ")
            guard words.contains("func") || words.contains(where: { $0.hasPrefix("init(") || $0.hasPrefix("init?(") }),
                !line.hasPrefix("\(indentation)//")
            else { return nil }
            let end = file.lines[start...].dropFirst().firstIndex { $0 == "\(indentation)}" }
            guard let end, end - start + 1 > functionLimit else { return nil }
            // One-line functions and requirements have no closing brace of their own.
            guard !line.hasSuffix("}"), file.lines[start..<end].contains(where: { $0.hasSuffix("{") }) else {
                return nil
            }
            return "\(file.path):\(start + 1): a function of \(end - start + 1) lines"
        }
    }
}
