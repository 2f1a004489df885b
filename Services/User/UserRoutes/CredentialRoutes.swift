import Contracts
import HTTPCore
import HTTPTransport
import ServiceKit

// For Auth alone.
extension UserRoutes {
    func verifyCredentials(_ request: Request) async throws -> Response {
        let body = try await request.json(CredentialsToVerify.self)
        let user = try await accounts.verify(email: body.email, password: body.password)
        return try .json(VerifiedCredentials(userID: user.id, role: user.role), [.cacheControl: "no-store"])
    }

    func setCredentials(_ request: Request) async throws -> Response {
        let body = try await request.json(CredentialsToSet.self)
        try await accounts.setPassword(of: body.userID, to: body.password)
        return .noContent
    }

    func letPasswordStandAlone(_ request: Request) async throws -> Response {
        try await accounts.letPasswordStandAlone(of: request.json(PasswordToStandAlone.self).userID)
        return .noContent
    }
}
