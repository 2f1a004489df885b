import Contracts
import HTTPCore
import Security
import ServiceKit
import System

/// The header fields of the tus protocol 1.0.0 (tus.io), as values.
enum Tus {
    static let version = "1.0.0"
    static let extensions =
        "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration,concatenation"
    static let checksumAlgorithms = "sha1,sha256,sha512"
    static let patchType = "application/offset+octet-stream"
    static let maximumMetadataLength = 4096
    static let maximumParts = 1000

    /// `Upload-Checksum: sha1 <base64>`: what the bytes of a request must hash to.
    static func checksum(_ field: String) -> ContentDigestField? {
        let words = field.split(separator: " ")
        let functions: [Substring: HashFunction] = ["sha1": .sha1, "sha256": .sha256, "sha512": .sha512]
        guard words.count == 2, let function = functions[words[0]], let digest = Base64.decode(words[1]),
            digest.count == function.digestLength
        else { return nil }
        return ContentDigestField(function, digest)
    }

    /// `Upload-Concat`.
    enum Concatenation: Sendable, Equatable {
        case partial
        /// The parts in order.
        case final([Identifier])

        init?(_ field: String) {
            if field == "partial" {
                self = .partial
                return
            }
            guard field.hasPrefix("final;") else { return nil }
            let addresses = field.dropFirst("final;".count).split(separator: " ")
            let parts = addresses.compactMap { address in
                address.split(separator: "/").last.flatMap { Identifier(String($0)) }
            }
            guard !parts.isEmpty, parts.count == addresses.count, parts.count <= maximumParts,
                Set(parts).count == parts.count
            else { return nil }
            self = .final(parts)
        }
    }

    /// `Upload-Metadata: name <base64>,flag`; nil when it is malformed. Unknown names are handed back, not looked at.
    static func details(metadata field: String?) -> UploadDetails? {
        var details = UploadDetails(metadata: field)
        guard let field, !field.isEmpty else { return details }
        guard field.utf8.count <= maximumMetadataLength else { return nil }
        var seen: Set<Substring> = []
        for pair in field.split(separator: ",", omittingEmptySubsequences: false) {
            let words = pair.split(separator: " ")
            guard (1...2).contains(words.count), let name = words.first, seen.insert(name).inserted,
                let bytes = Base64.decode(words.dropFirst().first ?? ""),
                let value = String(validating: bytes, as: UTF8.self)
            else { return nil }
            switch name {
            case "filename", "name": details.fileName = UploadDetails.cleaned(fileName: value)
            case "title": details.title = UploadDetails.cleaned(text: value)
            case "visibility":
                guard let visibility = MediaVisibility(rawValue: value) else { return nil }
                details.visibility = visibility
            default: break
            }
        }
        return details
    }

    /// A length or offset: digits alone.
    static func number(_ field: String?) -> Int64? {
        guard let field, !field.isEmpty, field.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(field)
    }
}

extension HTTPField.Name {
    static let tusResumable = Self(known: "Tus-Resumable")
    static let tusVersion = Self(known: "Tus-Version")
    static let tusExtension = Self(known: "Tus-Extension")
    static let tusMaxSize = Self(known: "Tus-Max-Size")
    static let tusChecksumAlgorithm = Self(known: "Tus-Checksum-Algorithm")
    static let uploadOffset = Self(known: "Upload-Offset")
    static let uploadLength = Self(known: "Upload-Length")
    static let uploadDeferLength = Self(known: "Upload-Defer-Length")
    static let uploadMetadata = Self(known: "Upload-Metadata")
    static let uploadChecksum = Self(known: "Upload-Checksum")
    static let uploadConcat = Self(known: "Upload-Concat")
    static let uploadExpires = Self(known: "Upload-Expires")

    /// A name of this file, which is a token.
    private init(known name: String) {
        guard let valid = Self(name) else { preconditionFailure("\(name) is no token") }
        self = valid
    }
}
