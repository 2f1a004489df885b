import FoundationEssentials
import HTTPCore
import ServiceKit

/// The broker's routes for a backup (Services/Broker/BackupRoutes.swift).
struct BrokerControl: Sendable {
    let client: InternalClient
    /// Of the broker's HTTP port.
    let url: String
    let authorization: String

    private struct HoldRequest: Encodable {
        let directory: String
        let hold_milliseconds: Int32
    }

    private struct Reference: Codable {
        let hold: String
    }

    /// The log stands still when this returns, and the broker will copy it to `<directory>/broker`. The hold's name.
    func hold(copyingTo directory: String, milliseconds: Int32) async throws -> String {
        let request = HoldRequest(directory: directory, hold_milliseconds: milliseconds)
        let answer = try await post("hold", request, within: .milliseconds(Int(milliseconds)))
        return try JSONDecoder().decode(Reference.self, from: Data(answer)).hold
    }

    /// The log goes on; returns when it is copied. Errors: heldTooLong.
    func finish(_ hold: String, within time: Duration) async throws {
        _ = try await post("finish", Reference(hold: hold), within: time)
    }

    /// The log goes on. Who cannot be told lets go by itself.
    func cancel(_ hold: String) async {
        _ = try? await post("cancel", Reference(hold: hold), within: .seconds(2))
    }

    private func post(_ step: String, _ body: some Encodable & Sendable, within time: Duration) async throws -> [UInt8]
    {
        let answer: InternalClient.Answer
        do {
            answer = try await client.post(
                "\(url)/internal/backup/\(step)",
                json: body,
                authorization: authorization,
                within: time
            )
        } catch {
            throw BackupError(.serviceFailed, "broker: \(error)")
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        if answer.head.status == .conflict { throw BackupError(.heldTooLong, "broker: \(text)") }
        guard answer.head.status == .ok else { throw BackupError(.serviceFailed, "broker: \(text)") }
        return answer.body
    }
}
