import ServiceKit
import System

/// The files of uploads, `<data>/uploads/<id>`, on threads of their own. Any loop.
final class UploadFiles: Sendable {
    let directory: String
    let digests = UploadDigests()
    private let workers: DiskWorkers

    init(directory: String) throws {
        try File.createDirectory(directory)
        self.directory = directory
        workers = try DiskWorkers("uploads")
    }

    func path(_ id: Identifier) -> String { "\(directory)/\(id)" }

    /// Runs work that blocks; see ``DiskWorkers``.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await workers.run(body)
    }

    /// Opens an upload's file and cuts off what lies behind its durable bytes.
    func open(_ id: Identifier, at offset: Int64) async throws -> OpenFile {
        let path = path(id)
        return try await run {
            let file = try OpenFile(writing: path, creating: true)
            let size = try file.size
            // What is stored as durable has been synchronized before.
            guard size >= offset else { throw SystemError(operation: "truncated", subject: path, code: 5) }
            if size > offset { try file.truncate(to: offset) }
            return file
        }
    }

    /// Removes the files of uploads that are gone; content when they never were.
    func remove(_ ids: [Identifier]) async throws {
        guard !ids.isEmpty else { return }
        digests.forget(ids)
        let paths = ids.map(path)
        try await run { for path in paths { try File.remove(path) } }
    }

    func close() { workers.close() }
}
