import FoundationEssentials
import Security
import System

/// What is in a backup: `manifest.json`, written last, with its own digest beside it in the form of `sha256sum`. A folder
/// without the two is no backup. The files lie in `data/` as they do in a data folder.
struct BackupManifest: Codable, Equatable {
    /// The version of this description and of what a backup holds.
    static let currentFormat = 1
    static let name = "manifest.json"
    static let digestName = "manifest.json.sha256"

    /// One file.
    struct Entry: Codable, Equatable {
        /// Relative to `data/`.
        let path: String
        /// In bytes.
        let size: Int
        /// Hexadecimal.
        let sha256: String
    }

    var format = currentFormat
    /// The instant that all copies are of.
    let createdAt: Timestamp
    /// The cluster of the log.
    let clusterID: String
    /// The number of each service's schema.
    let schemas: [String: Int]
    /// In order of path.
    private(set) var files: [Entry]

    enum CodingKeys: String, CodingKey {
        case format, schemas, files
        case createdAt = "created_at"
        case clusterID = "cluster_id"
    }

    /// Bytes of all files.
    var size: Int { files.reduce(0) { $0 + $1.size } }

    /// Contents that are not what their names say.
    var damagedContents: [String] {
        files.filter { file in FolderFiles.digest(of: file.path).map { $0 != file.sha256 } ?? false }.map(\.path)
    }

    /// Leaves files out.
    mutating func remove(_ paths: [String]) {
        let gone = Set(paths)
        files.removeAll { gone.contains($0.path) }
    }

    /// Describes the files of a folder. Reads all of them.
    init(of data: String, at time: Timestamp, clusterID: String, schemas: [String: Int]) throws {
        createdAt = time
        self.clusterID = clusterID
        self.schemas = schemas
        files = try FolderFiles.all(in: data).sorted().map { path in
            let (size, digest) = try Self.measure("\(data)/\(path)")
            return Entry(path: path, size: size, sha256: digest)
        }
    }

    /// Writes the description and its digest into a backup's folder, durably.
    func write(to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(self))
        try File.replace("\(folder)/\(Self.name)", with: bytes)
        let line = "\(Hexadecimal.encode(HashFunction.sha256.digest(bytes)))  \(Self.name)\n"
        try File.replace("\(folder)/\(Self.digestName)", with: Array(line.utf8))
    }

    private struct Version: Decodable {
        let format: Int
    }

    /// Reads a backup's description. Errors: noBackup, manifestDamaged, otherVersion.
    static func read(from folder: String) throws -> BackupManifest {
        guard File.exists("\(folder)/\(name)"), File.exists("\(folder)/\(digestName)") else {
            throw BackupError(.noBackup, "\(folder) holds no finished backup")
        }
        let bytes = try File.read("\(folder)/\(name)")
        let kept = String(decoding: try File.read("\(folder)/\(digestName)"), as: UTF8.self)
        guard kept.prefix(64) == Hexadecimal.encode(HashFunction.sha256.digest(bytes)) else {
            throw BackupError(.manifestDamaged, "\(folder)/\(name) is not as it was written")
        }
        do {
            let version = try JSONDecoder().decode(Version.self, from: Data(bytes))
            guard version.format == currentFormat else {
                throw BackupError(
                    .otherVersion,
                    "\(folder) is of version \(version.format), this program reads \(currentFormat)"
                )
            }
            return try JSONDecoder().decode(BackupManifest.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw BackupError(.manifestDamaged, "\(folder)/\(name): \(error)")
        }
    }

    /// Reads every file. Errors: fileMissing, fileDamaged.
    func checkFiles(in data: String) throws {
        for file in files {
            let path = "\(data)/\(file.path)"
            guard FolderFiles.isInside(file.path), File.exists(path) else {
                throw BackupError(.fileMissing, path)
            }
            let (size, digest) = try Self.measure(path)
            guard size == file.size, digest == file.sha256 else {
                throw BackupError(.fileDamaged, "\(path) is not as it was written")
            }
        }
    }

    private static func measure(_ path: String) throws -> (size: Int, digest: String) {
        let digest = StreamingDigest(.sha256)
        var size = 0
        try File.forEachPiece(of: path) { piece in
            digest.update(piece)
            size += piece.count
        }
        return (size, Hexadecimal.encode(digest.finish()))
    }
}
