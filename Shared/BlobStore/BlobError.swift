/// Why a blob could not be stored or read. Failures of the disk are `SystemError`s.
public enum BlobError: Error, Sendable, Hashable {
    /// There is no such blob.
    case notFound
    /// The file, or the blob, has not the size that was said.
    case sizeMismatch
    /// The content is not what its digest says.
    case digestMismatch
    /// `BLOB_STORE` is neither `file:<folder>` nor `s3:<bucket>` with what belongs to it.
    case invalidLocation(String)
    /// The object store does not answer, or refuses: its status and error code. May pass.
    case unavailable(String)
}
