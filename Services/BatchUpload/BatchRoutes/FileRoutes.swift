import Contracts
import HTTPTransport
import Security
import ServiceKit
import System

/// The bytes of files, whole or by parts: in any order, as many requests at a time as one likes, repeated without harm.
struct FileRoutes: Sendable {
    let reception: PartReception
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.put("/v1/batches/:id/files/:index", tokens.user(putFile))
        router.put("/v1/batches/:id/files/:index/parts/:part", tokens.user(putPart))
    }

    @Sendable private func putFile(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (id, index) = (try request.identifier("id"), try number("index", request))
        try await reception.receive(request, of: index, in: id, by: token)
        return .noContent
    }

    @Sendable private func putPart(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (id, index) = (try request.identifier("id"), try number("index", request))
        try await reception.receive(request, part: try number("part", request), of: index, in: id, by: token)
        return .noContent
    }

    /// What is no number, or too large for one, is the place of nothing.
    private func number(_ name: String, _ request: Request) throws(Problem) -> Int {
        guard let text = request.parameters[name], text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text)
        else { throw Problem(.notFound) }
        return number
    }
}
