import Contracts
import Security
import ServiceKit

/// Hashes the bytes of a request's body and compares with what the request demands: `Upload-Checksum` (tus), `Content-Digest`
/// (RFC 9530), both or none. One task.
struct BodyCheck: Sendable {
    private let demands: [(digest: [UInt8], hash: UploadDigest)]

    init(_ fields: [ContentDigestField]) throws {
        demands = try fields.map { ($0.digest, try UploadDigest($0.function)) }
    }

    /// Whether anything is demanded.
    var isDemanded: Bool { !demands.isEmpty }

    func update(_ bytes: [UInt8]) {
        for demand in demands { demand.hash.update(bytes) }
    }

    /// Once, behind the last byte: 460 when the bytes are others than demanded.
    func finish() throws {
        for demand in demands where !constantTimeEqual(demand.hash.finish(), demand.digest) {
            throw Problem(.checksumMismatch)
        }
    }
}
