import System
import TestSupport

/// Asks until there is an answer: while processes die, connections break and services are away.
struct Client: Sendable {
    /// How long a request is repeated before the system counts as down.
    static let patience = 90.0
    private static let pause = Duration.milliseconds(100)

    let stack: RunningStack
    let journal: Journal

    /// The answer to a request, repeated with the same `Idempotency-Key` while it is lost or the service is away. Another
    /// status than those expected, or a refusal without a code, is noted as a surprise.
    func send(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        file: String? = nil,
        token: String? = nil,
        key: String? = nil,
        headers: [String: String] = [:],
        expect: Set<Int>
    ) async throws -> Curl.Response {
        var headers = headers
        headers["Idempotency-Key"] = key
        let deadline = MonotonicClock.nanoseconds + UInt64(Self.patience * 1e9)
        var last = "no answer"
        while MonotonicClock.nanoseconds < deadline {
            do {
                let answer = try await Curl.request(
                    method,
                    stack.url + path,
                    json: json,
                    file: file,
                    token: token,
                    headers: headers
                )
                last = "\(method) \(path): \(answer.status) \(answer.body)"
                if !isTransient(answer) {
                    if !expect.contains(answer.status) { journal.surprise(last) }
                    return answer
                }
                if answer.json["code"].string == nil { journal.surprise("no code: \(last)") }
            } catch let failure as CurlFailure {
                last = failure.description  // The gateway is away or died with the request.
            }
            try await Task.sleep(for: Self.pause)
        }
        throw ChaosFailure(description: "no answer within \(Self.patience) s; the last: \(last)")
    }

    private func isTransient(_ answer: Curl.Response) -> Bool {
        [429, 502, 503, 504].contains(answer.status) || answer.json["code"].string == "idempotency_in_progress"
    }
}
