import Security
import System

/// Who we are to push services (RFC 8292): a key whose public half browsers subscribe with.
struct VAPIDIdentity: Sendable {
    /// At most 24 hours (RFC 8292, section 2).
    private static let lifetimeSeconds: Int64 = 12 * 3600

    let key: P256Key
    /// Where push services reach the operator: `mailto:` or `https:`.
    let contact: String

    /// What pages give to `pushManager.subscribe` as `applicationServerKey`.
    var publicKey: String { Base64.encodeURLSafe(key.publicPoint) }

    /// The value of `Authorization` for a message to an endpoint.
    func authorization(for endpoint: String, at now: Timestamp) throws -> String {
        let expiry = now.milliseconds / 1000 + Self.lifetimeSeconds
        let header = #"{"alg":"ES256","typ":"JWT"}"#
        // Neither holds a character that JSON would escape: one passed the rules for endpoints, one the configuration.
        let claims = #"{"aud":"\#(EndpointRules.origin(of: endpoint))","exp":\#(expiry),"sub":"\#(contact)"}"#
        let signed = "\(Base64.encodeURLSafe(Array(header.utf8))).\(Base64.encodeURLSafe(Array(claims.utf8)))"
        let signature = Base64.encodeURLSafe(try key.sign(Array(signed.utf8)))
        return "vapid t=\(signed).\(signature), k=\(publicKey)"
    }
}
