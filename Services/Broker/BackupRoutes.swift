import EventLog
import FoundationEssentials
import HTTPCore
import HTTPTransport
import LogBroker
import Security
import Synchronization
import System

/// The broker's part in a backup of the stack, for whoever has the secret in its data folder:
///
///     POST /internal/backup/hold    {"directory":"/…","hold_milliseconds":20000} → {"hold":"…","cluster_id":"…"}
///     POST /internal/backup/finish  {"hold":"…"} → 200 when the copy is made, 409 when the hold was over before
///     POST /internal/backup/cancel  {"hold":"…"}
///
/// From the first answer until one of the others, and not longer than was said, nothing becomes durable.
struct BackupRoutes: Sendable {
    /// The longest hold.
    static let maximumHold: Int32 = 300_000
    private static let bodyLimit = 8 << 10

    private struct Hold: Decodable {
        let directory: String
        let hold_milliseconds: Int32
    }

    private struct Reference: Codable {
        let hold: String
        var cluster_id: String?
    }

    private let broker: Broker
    private let authorization: [UInt8]
    private let current = Current()

    private final class Current: Sendable {
        let copy = Mutex<(id: String, copy: BrokerCopy)?>(nil)
    }

    /// Reads or makes the secret. Blocks.
    init(_ broker: Broker, dataDirectory: String) throws {
        self.broker = broker
        let secret = try SecretFile.loadOrCreate("\(dataDirectory)/backup.secret")
        authorization = Array("Bearer \(Base64.encodeURLSafe(secret))".utf8)
    }

    func add(to router: inout Router) {
        router.post("/internal/backup/hold") { try await answer($0, hold) }
        router.post("/internal/backup/finish") { try await answer($0, finish) }
        router.post("/internal/backup/cancel") { try await answer($0, cancel) }
    }

    /// To others the routes do not exist.
    private func answer<Body: Decodable>(
        _ request: Request,
        _ respond: (Body) async throws -> Response
    ) async throws -> Response {
        let sent = Array((request.headerFields[.authorization] ?? "").utf8)
        guard constantTimeEqual(sent, authorization) else { return .text(.notFound, "not found\n") }
        let bytes = try await request.body.collect(upTo: Self.bodyLimit)
        guard !JSONNesting.isTooDeep(bytes), let body = try? JSONDecoder().decode(Body.self, from: Data(bytes)) else {
            return .text(.badRequest, "malformed\n")
        }
        return try await respond(body)
    }

    private func hold(_ body: Hold) async throws -> Response {
        guard body.directory.hasPrefix("/"), !body.directory.split(separator: "/").contains(".."),
            File.exists(body.directory), (1...Self.maximumHold).contains(body.hold_milliseconds)
        else { return .text(.badRequest, "a folder that exists and a time up to \(Self.maximumHold) ms, please\n") }
        let copy: BrokerCopy
        do {
            copy = try await broker.hold(
                milliseconds: body.hold_milliseconds,
                copyingTo: body.directory + "/broker"
            )
        } catch {
            return .text(.internalServerError, "\(error)\n")
        }
        let id = "\(Identifier.version7(at: WallClock.system.now))"
        let previous = current.copy.withLock { current in
            defer { current = (id, copy) }
            return current
        }
        previous?.copy.cancel()
        let encoded = try JSONEncoder().encode(Reference(hold: id, cluster_id: copy.clusterID))
        return Response(.ok, [.contentType: "application/json"], body: .bytes(Array(encoded)))
    }

    private func finish(_ body: Reference) async throws -> Response {
        guard let copy = take(body.hold) else { return .text(.conflict, "no such hold\n") }
        do {
            try await copy.finish()
            return .text(.ok, "copied\n")
        } catch LogCopyError.expired {
            return .text(.conflict, "the hold was over before\n")
        } catch {
            return .text(.internalServerError, "\(error)\n")
        }
    }

    private func cancel(_ body: Reference) async throws -> Response {
        take(body.hold)?.cancel()
        return .text(.ok, "cancelled\n")
    }

    private func take(_ id: String) -> BrokerCopy? {
        current.copy.withLock { current in
            guard let found = current, found.id == id else { return nil }
            current = nil
            return found.copy
        }
    }
}
