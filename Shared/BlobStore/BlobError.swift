/// Why a blob could not be stored or read. Failures of the disk are `SystemError`s, those of the network `OutboundError`s.
public enum BlobError: Error, Sendable, Hashable {
    /// There is no such blob.
    case notFound
    /// The file has not the size that was said.
    case sizeMismatch
    /// `BLOB_STORE` is neither `file:<folder>` nor `s3:<bucket>` with what belongs to it.
    case invalidLocation(String)
    /// The object store refused, with its HTTP status and error code.
    case refused(status: Int, code: String)
}
