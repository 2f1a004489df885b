import System

/// Texts that try to run a script where a comment is shown: `Tests/Fixtures/xss/vectors.json`.
public struct HostileText: Sendable {
    /// What it tries.
    public let name: String
    /// What somebody sends.
    public let text: String

    /// All of them.
    public static func all() throws -> [HostileText] {
        let bytes = try File.read("\(SourceFile.repository)/Tests/Fixtures/xss/vectors.json")
        return try JSON(parsing: String(decoding: bytes, as: UTF8.self)).array.map { entry in
            HostileText(name: try entry.text("name"), text: try entry.text("text"))
        }
    }
}
