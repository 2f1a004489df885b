import Contracts
import FoundationEssentials
import HTTPCore
import ServiceKit
import System
import Telemetry

/// What User says about credentials.
enum CredentialVerdict: Sendable {
    case right(VerifiedCredentials)
    /// The refusal, and the user whose account it is; nil for an address without an account.
    case refused(Problem, userID: Identifier?)
}

/// Asks User whose credentials these are. User does equal work for unknown addresses.
struct CredentialVerifier: Sendable {
    private static let deadline = Duration.seconds(2)

    let client: InternalClient
    let url: String
    let secret: PairSecret
    let logger: Logger

    /// Refuses with `invalid_credentials` or `user_banned`. Throws ``Problem``: `overloaded`, or `unavailable` when User
    /// gives no answer in 2 s.
    func verify(email: String, password: String) async throws -> CredentialVerdict {
        let answer: InternalClient.Answer
        do {
            answer = try await client.post(
                url + "/internal/v1/credentials/verify",
                json: CredentialsToVerify(email: email, password: password),
                authorization: secret.authorization,
                within: Self.deadline
            )
        } catch let error as CancellationError {
            throw error
        } catch {
            logger.warning("no answer from User", metadata: ["error": "\(error)"])
            throw Problem(.unavailable, "log-in is not possible at the moment", retryAfter: 2)
        }
        switch answer.head.status.code {
        case 200: return .right(try JSONDecoder().decode(VerifiedCredentials.self, from: Data(answer.body)))
        case 401: return .refused(Problem(.invalidCredentials), userID: try account(in: answer))
        case 403: return .refused(Problem(.userBanned), userID: try account(in: answer))
        case 503, 429: throw Problem(.overloaded, retryAfter: 1)
        default:
            logger.error("credentials", metadata: ["status": .count(answer.head.status.code)])
            throw Problem(.unavailable, "log-in is not possible at the moment", retryAfter: 2)
        }
    }

    private func account(in answer: InternalClient.Answer) throws -> Identifier? {
        try JSONDecoder().decode(RefusedCredentials.self, from: Data(answer.body)).userID
    }
}
