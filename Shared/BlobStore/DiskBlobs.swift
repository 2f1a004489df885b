import System

/// Blobs as files `ab/cd/<digest>` below a folder. Every call blocks: on a worker thread.
///
/// A put synchronizes the file before it gets its name, so whatever has a blob's name is whole, whenever the power fails.
/// Naming, touching and removing happen under the lock of the blob's folder, which other processes take too.
struct DiskBlobs: Sendable {
    private let root: String

    init(root: String) throws {
        try File.createDirectory(root)
        self.root = root
    }

    /// See ``BlobStore/put(file:digest:size:)``.
    func put(file path: String, _ digest: ContentDigest, size: Int64) throws {
        guard let status = try File.status(path), !status.isDirectory else { throw BlobError.notFound }
        guard status.size == size else { throw BlobError.sizeMismatch }
        try File.synchronize(path)
        let folder = try folder(creating: digest)
        try File.withDirectoryLock(folder) {
            let target = "\(folder)/\(digest)"
            if try File.status(target) != nil {
                try File.touch(target)
                try File.remove(path)
            } else {
                // A worker's file may be older than the grace time of a collector.
                try File.touch(path)
                try name(path, target)
                try File.syncDirectory(folder)
            }
        }
    }

    /// Gives a file a blob's name. From another disk it is copied first; what a crash leaves of the copy has no blob's name,
    /// and the next copy takes its place.
    private func name(_ path: String, _ target: String) throws {
        do {
            try File.rename(path, to: target)
        } catch let error as SystemError where error.isCrossDevice {
            let part = "\(target).part"
            if File.exists(part) { try File.remove(part) }
            try Self.copy(try OpenFile(reading: path), to: part)
            try File.synchronize(part)
            try File.rename(part, to: target)
            try File.remove(path)
        }
    }

    /// The file of a blob; `notFound` when there is none.
    func open(_ digest: ContentDigest) throws -> OpenFile {
        do {
            return try OpenFile(reading: path(of: digest))
        } catch let error as SystemError where error.isNotFound {
            throw BlobError.notFound
        }
    }

    /// See ``BlobStore/fetch(_:to:)``.
    func fetch(_ digest: ContentDigest, to path: String) throws {
        do {
            try File.link(self.path(of: digest), to: path)
        } catch let error as SystemError where error.isNotFound {
            throw BlobError.notFound
        } catch let error as SystemError where error.isCrossDevice {
            try Self.copy(try open(digest), to: path)
        }
    }

    private static func copy(_ source: OpenFile, to path: String) throws {
        let target = try OpenFile(writing: path, creating: true)
        var offset: Int64 = 0
        while true {
            let piece = try source.read(at: offset, count: BlobReader.pieceSize)
            if piece.isEmpty { return }
            try target.write(piece, at: offset)
            offset += Int64(piece.count)
        }
    }

    /// What is known of a blob; nil when there is none.
    func status(_ digest: ContentDigest) throws -> StoredBlob? {
        try File.status(path(of: digest)).map {
            StoredBlob(digest: digest, size: $0.size, touchedAt: $0.modifiedAt)
        }
    }

    /// See ``BlobStore/remove(_:unlessTouchedSince:)``.
    func remove(_ digest: ContentDigest, unlessTouchedSince limit: Timestamp) throws -> Bool {
        let folder = folder(of: digest)
        guard File.exists(folder) else { return true }
        return try File.withDirectoryLock(folder) {
            guard let blob = try status(digest) else { return true }
            guard blob.touchedAt <= limit else { return false }
            try File.remove(path(of: digest))
            try File.syncDirectory(folder)
            return true
        }
    }

    /// See ``BlobStore/list(after:limit:)``.
    func list(after digest: ContentDigest?, limit: Int) throws -> [StoredBlob] {
        let last = digest.map(\.description) ?? ""
        var found: [StoredBlob] = []
        for first in try File.names(in: root).sorted() where first >= last.prefix(2) {
            for second in try File.names(in: "\(root)/\(first)").sorted() where first + second >= last.prefix(4) {
                for name in try File.names(in: "\(root)/\(first)/\(second)").sorted() where name > last {
                    // Another process may have removed it since; what is no blob is left alone.
                    guard let digest = ContentDigest(name), let blob = try status(digest) else { continue }
                    found.append(blob)
                    if found.count == limit { return found }
                }
            }
        }
        return found
    }

    private func folder(of digest: ContentDigest) -> String {
        let name = digest.description
        return "\(root)/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))"
    }

    private func path(of digest: ContentDigest) -> String { "\(folder(of: digest))/\(digest)" }

    /// The blob's folder; when it had to be made, its name and its parent's are durable.
    private func folder(creating digest: ContentDigest) throws -> String {
        let folder = folder(of: digest)
        guard !File.exists(folder) else { return folder }
        try File.createDirectory(folder)
        try File.syncDirectory(File.directory(of: folder))
        try File.syncDirectory(root)
        return folder
    }
}
