import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// What admins do with all items.
struct AdminRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let presetVersion: Int
    /// Woken when there is something to process anew.
    let reprocessing: DueWork

    func add(to router: inout Router) {
        router.post("/v1/admin/media/reprocess", tokens.role(.admin, handler: reprocess))
    }

    private struct View: Encodable {
        let presetVersion: Int

        enum CodingKeys: String, CodingKey {
            case presetVersion = "preset_version"
        }
    }

    /// Asks for every item made by older presets to be made by the present ones.
    @Sendable private func reprocess(_ request: Request, _ admin: AccessToken) async throws -> Response {
        let version = presetVersion
        try await database.write { try $0.beginReprocessing(presets: version) }
        reprocessing.wake()
        return try .json(View(presetVersion: version), status: .accepted)
    }
}
