import Outbound

/// A bucket, or what lies below a prefix in one, and the right to use it.
struct S3Location: Sendable {
    /// Buckets are found by the host's name at AWS, elsewhere by the path: the way every S3-compatible server knows.
    private static let amazon = "amazonaws.com"

    let bucket: String
    /// Empty, or ends with a slash.
    let prefix: String
    /// The address of the bucket, without a slash at its end.
    let url: String
    let signature: RequestSignature
    /// Of temporary credentials.
    let sessionToken: String?

    /// Reads `s3:<bucket>[/<prefix>]` (`s3://` too) and the variables that AWS's SDKs read: `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` or
    /// `AWS_ENDPOINT_URL`.
    ///
    /// - Throws: `BlobError.invalidLocation`, which holds no secret.
    init(_ location: String, environment: [String: String]) throws(BlobError) {
        func variable(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let parts = location.dropFirst("s3:".count).drop { $0 == "/" }
            .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = parts.dropFirst().first.map(String.init) ?? ""
        guard let name = parts.first, Self.isBucket(name), Self.isPrefix(folder) else {
            throw .invalidLocation(location)
        }
        guard let key = variable("AWS_ACCESS_KEY_ID"), let secret = variable("AWS_SECRET_ACCESS_KEY") else {
            throw .invalidLocation("\(location) needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
        let region = variable("AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1"
        guard region.utf8.allSatisfy({ Self.isUnreserved($0) }) else { throw .invalidLocation("AWS_REGION \(region)") }
        let endpoint = variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") ?? "https://s3.\(region).\(Self.amazon)"
        guard let url = Self.url(of: name, at: endpoint) else { throw .invalidLocation("AWS_ENDPOINT_URL \(endpoint)") }
        self.url = url
        bucket = String(name)
        prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
        signature = RequestSignature(region: region, accessKey: key, secretKey: secret)
        sessionToken = variable("AWS_SESSION_TOKEN")
    }

    private static func url(of bucket: Substring, at endpoint: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: { endpoint.hasPrefix($0) }) else { return nil }
        var host = endpoint.dropFirst(scheme.count)
        while host.last == "/" { host.removeLast() }
        let isHost = host.utf8.allSatisfy { isUnreserved($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
        guard !host.isEmpty, isHost else { return nil }
        // A certificate for *.s3… does not cover a name with dots.
        let isByHost = host.hasSuffix(amazon) && !bucket.contains(".")
        return isByHost ? "\(scheme)\(bucket).\(host)" : "\(scheme)\(host)/\(bucket)"
    }

    private static func isBucket(_ name: Substring) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46
            }
    }

    /// Only what is the same with and without percent-encoding.
    private static func isPrefix(_ text: String) -> Bool {
        text.utf8.count <= 512 && !text.hasPrefix("/") && !text.contains("//") && !text.contains("..")
            && text.utf8.allSatisfy { isUnreserved($0) || $0 == UInt8(ascii: "/") }
    }

    /// RFC 3986 section 2.3.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95, 126: true
        default: false
        }
    }
}
