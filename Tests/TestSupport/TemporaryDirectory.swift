import FoundationEssentials

/// A folder of its own for a test, removed with everything in it when the object goes.
public final class TemporaryDirectory: Sendable {
    /// The absolute path.
    public let path: String

    /// Makes an empty folder below the machine's place for temporary files.
    public init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "marquee-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A file a child still writes may be left behind: not the test's failure.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of an entry of the folder; makes nothing.
    public func appending(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: appending(name)))
        return appending(name)
    }

    /// The text of a file; empty when it does not exist yet.
    public func read(_ name: String) -> String {
        (try? Data(contentsOf: URL(filePath: appending(name)))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
