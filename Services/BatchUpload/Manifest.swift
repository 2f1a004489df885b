import BlobStore
import Contracts
import HTTPCore
import ServiceKit
import System

/// What a client announces before the first byte.
struct Manifest: Decodable, Sendable {
    /// Bytes of the body.
    static let maximumSize = 1 << 20

    struct File: Decodable, Sendable {
        let name: String
        let size: Int64
        let contentType: String
        let sha256: String?

        enum CodingKeys: String, CodingKey {
            case name, size, sha256
            case contentType = "content_type"
        }
    }

    let visibility: MediaVisibility?
    let files: [File]

    enum CodingKeys: String, CodingKey {
        case visibility, files
    }

    /// The batch it asks for, with its files: 422 when something cannot be, 413 when it is too much.
    func batch(
        _ id: Identifier,
        of owner: Identifier,
        _ limits: BatchLimits,
        at now: Timestamp
    ) throws(Problem) -> (batch: Batch, files: [BatchFile]) {
        guard (1...BatchLimits.files).contains(files.count) else {
            throw .invalid("/files", "1 to \(BatchLimits.files) files")
        }
        var (announced, total, parts): ([BatchFile], Int64, Int) = ([], 0, 0)
        for (index, file) in files.enumerated() {
            announced.append(try file.checked(at: index, of: id, limits))
            let (sum, overflow) = total.addingReportingOverflow(file.size)
            guard !overflow else { throw .invalid("/files/\(index)/size", "the sum of all is too large") }
            total = sum
            parts += PartLayout(size: file.size, partSize: limits.partSize).count
        }
        guard parts <= BatchLimits.parts else {
            throw Problem(.payloadTooLarge, "at most \(BatchLimits.parts) parts of \(limits.partSize) bytes")
        }
        let batch = Batch(
            id: id,
            ownerID: owner,
            visibility: visibility ?? .public,
            counts: BatchCounts(total: files.count, received: 0, ready: 0, failed: 0),
            totalSize: total,
            partSize: limits.partSize,
            createdAt: now,
            expiresAt: now.adding(seconds: limits.lifetimeSeconds)
        )
        return (batch, announced)
    }
}

extension Manifest.File {
    fileprivate func checked(
        at index: Int,
        of batch: Identifier,
        _ limits: BatchLimits
    ) throws(Problem) -> BatchFile {
        guard Self.isName(name) else {
            throw .invalid(
                "/files/\(index)/name",
                "a name without path, control or formatting characters, at most \(BatchLimits.nameLength) bytes"
            )
        }
        guard size >= 0 else { throw .invalid("/files/\(index)/size", "not negative") }
        guard size <= limits.fileSize else {
            throw Problem(.payloadTooLarge, "file \(index): at most \(limits.fileSize) bytes")
        }
        guard Self.isContentType(contentType) else {
            throw .invalid("/files/\(index)/content_type", "type/subtype")
        }
        let digest = sha256.map { ContentDigest($0) }
        if case .some(nil) = digest { throw .invalid("/files/\(index)/sha256", "64 hexadecimal digits") }
        return BatchFile(
            batchID: batch,
            index: index,
            name: name,
            size: size,
            contentType: contentType,
            announced: digest ?? nil
        )
    }

    /// What is shown to people and never used as a path; yet it must be none, for whoever saves files by their names.
    private static func isName(_ name: String) -> Bool {
        guard (1...BatchLimits.nameLength).contains(name.utf8.count), name != ".", name != ".." else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
            default: scalar != "/" && scalar != "\\"
            }
        }
    }

    /// RFC 9110 section 8.3.1, without parameters.
    private static func isContentType(_ text: String) -> Bool {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= BatchLimits.contentTypeLength && words.count == 2
            && words.allSatisfy { word in
                !word.isEmpty
                    && word.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                        }
                    }
            }
    }
}
