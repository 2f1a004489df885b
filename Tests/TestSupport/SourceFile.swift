import FoundationEssentials
import System

/// A text file of the repository, for tests that check the sources themselves.
public struct SourceFile: Sendable {
    /// Relative to the top of the repository.
    public let path: String
    /// Without line ends.
    public let lines: [String]

    /// A file as it could be, for testing a check.
    public init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The folder of Package.swift.
    public static let repository = {
        // This file is Tests/TestSupport/SourceFile.swift.
        File.directory(of: File.directory(of: File.directory(of: #filePath)))
    }()

    /// The files below the named folders (or files themselves) whose names end with one of the suffixes.
    public static func all(below tops: [String], suffixes: [String]) throws -> [SourceFile] {
        try tops.flatMap { top in
            try paths(below: top).filter { path in suffixes.contains { path.hasSuffix($0) } }.map { path in
                let bytes = try File.read("\(repository)/\(path)")
                return SourceFile(path: path, text: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private static func paths(below top: String) throws -> [String] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: "\(repository)/\(top)", isDirectory: &isDirectory) else {
            return []
        }
        guard isDirectory else { return [top] }
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(top)").sorted()
        return try names.flatMap { try paths(below: "\(top)/\($0)") }
    }

    /// The service of a file below Services as the stack names it: `media-worker` for `Services/MediaWorker/…`. Of another
    /// file, its second folder in the same form.
    public var service: String {
        let folder = path.split(separator: "/").dropFirst().first ?? ""
        return folder.dropFirst().reduce(folder.prefix(1).lowercased()) { name, letter in
            letter.isUppercase ? "\(name)-\(letter.lowercased())" : "\(name)\(letter)"
        }
    }

    /// The line without its `//` comment; empty for a comment line. Texts are not looked into: `//` in one ends the
    /// line.
    public static func code(of line: String) -> Substring {
        guard let comment = line.firstRange(of: "//") else { return line[...] }
        return line[..<comment.lowerBound]
    }
}
