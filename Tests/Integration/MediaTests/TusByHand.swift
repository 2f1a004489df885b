import System
import TestSupport
import Testing

/// Speaks tus as the specification has it, request by request.
protocol TusByHand {}

extension TusByHand {
    static var version: [String: String] { ["Tus-Resumable": "1.0.0"] }

    /// The answer to a creation.
    func tryCreate(
        _ service: ServiceProcess,
        _ person: MediaRig.Person,
        _ headers: [String: String]
    ) async throws -> Curl.Response {
        try await Curl.request(
            "POST",
            service.url + "/v1/media/uploads",
            token: person.token,
            headers: Self.version.merging(headers) { $1 }
        )
    }

    func create(
        _ service: ServiceProcess,
        _ person: MediaRig.Person,
        length: Int,
        _ more: [String: String] = [:]
    ) async throws -> String {
        let headers = Self.version.merging(["Upload-Length": String(length)]) { $1 }.merging(more) { $1 }
        let answer = try await Curl.request(
            "POST",
            service.url + "/v1/media/uploads",
            token: person.token,
            headers: headers
        )
        try #require(answer.status == 201, "\(answer.body)")
        return try #require(answer.headers["location"])
    }

    func head(_ service: ServiceProcess, _ at: String, _ person: MediaRig.Person) async throws -> Curl.Response {
        try await Curl.request("HEAD", service.url + at, token: person.token, headers: Self.version)
    }

    func patch(
        _ service: ServiceProcess,
        _ at: String,
        _ person: MediaRig.Person,
        _ text: String,
        offset: Int,
        _ more: [String: String] = [:]
    ) async throws -> Int {
        var arguments = ["-sS", "-X", "PATCH", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", text]
        let own = ["Upload-Offset": "\(offset)", "Content-Type": "application/offset+octet-stream"]
        let headers = Self.version.merging(own) { $1 }.merging(["Authorization": "Bearer \(person.token)"]) { $1 }
            .merging(more) { $1 }
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        let result = try await Command.run("curl", arguments + [service.url + at], within: 20)
        return Int(result.output) ?? 0
    }
}
