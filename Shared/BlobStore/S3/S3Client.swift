import Outbound
import Reactor
import Security
import System

/// How long an object store is waited for, and how its objects are cut.
struct S3Limits: Sendable {
    /// Tries of a request, and of a body that was cut before it got any further.
    var attempts = 5
    /// Before the second try; doubled before each further one, and shortened by chance.
    var backoffMilliseconds = 100
    /// Seconds without a byte, and for an answer without one.
    var stallSeconds = 30
    /// Seconds without a byte while the store copies or puts parts together.
    var assemblySeconds = 300
    /// A file with more bytes is sent in parts of so many.
    var partSize: Int64 = 64 << 20
    /// Bytes of the largest object that can be copied by one request (Amazon S3, CopyObject).
    var copySize: Int64 = 5 << 30
    /// Seconds that an announced removal is believed in: longer than the request that removes may take.
    var removalSeconds: Int64 = 60
}

/// A request to a bucket.
struct S3Request {
    var method: String
    /// Below the location's prefix; for the bucket itself nil.
    var key: String?
    /// In order of name, percent-encoded.
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: OutboundBody?
    /// Hexadecimal SHA-256 of the body.
    var digest = S3Request.emptyDigest
    var stallSeconds: Int?

    static let emptyDigest = Hexadecimal.encode(HashFunction.sha256.digest([]))

    init(_ method: String, _ key: String?) {
        self.method = method
        self.key = key
    }
}

/// What an object store said instead of doing it.
struct S3Refusal: Error {
    let status: Int
    let code: String

    var isRetriable: Bool {
        [429, 500, 502, 503, 504].contains(status) || code == "RequestTimeout" || code == "InternalError"
            || code == "SlowDown"
    }

    var meaning: BlobError {
        switch (status, code) {
        case (404, "NoSuchKey"): .notFound
        case (416, _): .sizeMismatch
        case (400, "BadDigest"), (400, "XAmzContentSHA256Mismatch"): .digestMismatch
        default: .unavailable("\(status) \(code)")
        }
    }
}

/// Signed requests to one bucket, tried again while that may help. Any loop or thread.
struct S3Client: Sendable {
    private static let answerLimit = 8 << 20
    private static let longestBackoffMilliseconds = 5000

    let location: S3Location
    let limits: S3Limits
    private let outbound: OutboundClient

    init(location: S3Location, limits: S3Limits) throws {
        self.location = location
        self.limits = limits
        outbound = try OutboundClient()
    }

    /// Sends a request and returns the answer, which is 2xx.
    func send(_ request: S3Request) async throws -> OutboundResponse {
        try await retrying { try await sendOnce(request) }
    }

    /// Sends a request and returns the answer, which is 2xx, when its body begins.
    func open(_ request: S3Request) async throws -> OutboundStream {
        try await retrying { try await openOnce(request) }
    }

    /// One try of `send`. Throws `S3Refusal` and `OutboundError`.
    func sendOnce(_ request: S3Request) async throws -> OutboundResponse {
        let stream = try await openOnce(request)
        let body = try await stream.collect(upTo: Self.answerLimit)
        // What takes long may have begun with 200 and then fail.
        let failure = XMLText(body)
        if failure.root == "Error" { throw S3Refusal(status: 500, code: failure.first("Code") ?? "") }
        return OutboundResponse(head: stream.head, body: body)
    }

    private func openOnce(_ request: S3Request) async throws -> OutboundStream {
        let stream = try await outbound.open(signed(request))
        guard !(200..<300).contains(stream.head.status) else { return stream }
        let body = XMLText(try await stream.collect(upTo: Self.answerLimit))
        // The answer to HEAD has no body that says what is missing.
        let isMissing = request.method == "HEAD" && stream.head.status == 404
        throw S3Refusal(status: stream.head.status, code: isMissing ? "NoSuchKey" : body.first("Code") ?? "")
    }

    private func signed(_ request: S3Request) -> OutboundRequest {
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let path = request.key.map { location.prefix + $0 } ?? ""
        var headers = request.headers + [(name: "x-amz-content-sha256", value: request.digest)]
        if let token = location.sessionToken { headers.append((name: "x-amz-security-token", value: token)) }
        var signed = OutboundRequest(
            request.method,
            "\(location.url)/\(path)\(query.isEmpty ? "" : "?\(query)")",
            headers: headers,
            body: request.body,
            deadlineMilliseconds: nil,
            publicOnly: false
        )
        signed.signature = location.signature
        signed.stallSeconds = request.stallSeconds ?? limits.stallSeconds
        return signed
    }

    /// Runs `body` until it succeeds, is refused for good, or has been tried often enough. Throws `BlobError`.
    private func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as S3Refusal {
                guard error.isRetriable, attempt < limits.attempts else { throw error.meaning }
            } catch let error as OutboundError {
                guard error.isRetriable, attempt < limits.attempts else { throw BlobError.unavailable("\(error)") }
            }
            try await Self.pause(milliseconds: backoff(attempt))
            attempt += 1
        }
    }

    private func backoff(_ attempt: Int) -> Int {
        let longest = min(limits.backoffMilliseconds << (attempt - 1), Self.longestBackoffMilliseconds)
        return Int.random(in: longest / 2...longest)
    }

    /// Waits, on the loop when the caller is on one.
    static func pause(milliseconds: Int) async throws {
        if let loop = EventLoop.current {
            try await loop.sleep(for: .milliseconds(milliseconds))
        } else {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }

    /// Breaks off what is under way. Blocks.
    func close() { outbound.close() }
}
