import ServiceKit
import System

/// The unfinished bytes of files, `<data>/batches/<batch>/<index>`, on threads of their own. Any loop.
final class BatchFiles: Sendable {
    let directory: String
    private let workers: DiskWorkers

    init(directory: String) throws {
        try File.createDirectory(directory)
        self.directory = directory
        workers = try DiskWorkers("batches")
    }

    /// Runs work that blocks; see ``DiskWorkers``.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await workers.run(body)
    }

    func path(_ index: Int, of batch: Identifier) -> String { "\(folder(of: batch))/\(index)" }

    private func folder(of batch: Identifier) -> String { "\(directory)/\(batch)" }

    /// Opens a file for its parts; when it had to be made, its name is durable. Blocks.
    func open(_ index: Int, of batch: Identifier) throws -> OpenFile {
        let path = path(index, of: batch)
        if File.exists(path) { return try OpenFile(writing: path) }
        let folder = folder(of: batch)
        if !File.exists(folder) {
            try File.createDirectory(folder)
            try File.syncDirectory(directory)
        }
        let file = try OpenFile(writing: path, creating: true)
        try File.syncDirectory(folder)
        return file
    }

    /// Removes the bytes of a file; content when there are none.
    func remove(_ index: Int, of batch: Identifier) async throws {
        let path = path(index, of: batch)
        try await run { try File.remove(path) }
    }

    /// Removes the bytes of a batch; content when there are none.
    func remove(_ batch: Identifier) async throws {
        let folder = folder(of: batch)
        try await run { try File.removeFolder(folder) }
    }

    /// The batches that may have bytes here.
    func batches() async throws -> [Identifier] {
        let directory = directory
        return try await run { try File.names(in: directory).compactMap { Identifier($0) } }
    }

    func close() { workers.close() }
}
