/// Why a cryptographic operation did not give a result.
public enum CryptographyError: Error, Sendable, Equatable {
    /// A key, salt or parameter does not have the form that the algorithm demands.
    case invalidParameter(String)
    /// A sealed message was altered, or sealed with another key or context.
    case authenticationFailed
    /// OpenSSL or argon2 refused for another reason (in practice: no memory).
    case operationFailed(String)
}
