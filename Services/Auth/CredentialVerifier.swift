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

/// Asks User whose credentials these are, and to set them. User does equal work for unknown addresses.
struct CredentialVerifier: Sendable {
    private static let deadline = Duration.seconds(2)
    private static let unavailable = "passwords cannot be checked at the moment"

    let client: InternalClient
    let url: String
    let secret: PairSecret
    let logger: Logger

    /// Refuses with `invalid_credentials` or `user_banned`. Throws ``Problem``: `overloaded`, or `unavailable` when User
    /// gives no answer in 2 s.
    func verify(email: String, password: String) async throws -> CredentialVerdict {
        let answer = try await ask("verify", CredentialsToVerify(email: email, password: password))
        switch answer.head.status.code {
        case 200: return .right(try JSONDecoder().decode(VerifiedCredentials.self, from: Data(answer.body)))
        case 401: return .refused(Problem(.invalidCredentials), userID: try account(in: answer))
        case 403: return .refused(Problem(.userBanned), userID: try account(in: answer))
        case 503, 429: throw Problem(.overloaded, retryAfter: 1)
        default: throw failure(answer)
        }
    }

    /// Sets a password. Throws ``Problem``: `weak_password`, `invalid_link` when the account is gone, `overloaded`, or
    /// `unavailable` when User gives no answer in 2 s.
    func set(_ password: String, of userID: Identifier) async throws {
        let answer = try await ask("set", CredentialsToSet(userID: userID, password: password))
        switch answer.head.status.code {
        case 204: return
        case 404: throw Problem(.invalidLink)
        case 412, 422: throw try JSONDecoder().decode(Refusal.self, from: Data(answer.body)).problem
        case 503, 429: throw Problem(.overloaded, retryAfter: 1)
        default: throw failure(answer)
        }
    }

    /// Lets the password be all that log-ins of a user ask; without an account there is none to ask for. Throws ``Problem``:
    /// `password_too_short`, or `unavailable` when User gives no answer in 2 s.
    func letPasswordStandAlone(of userID: Identifier) async throws {
        let answer = try await ask("alone", PasswordToStandAlone(userID: userID))
        switch answer.head.status.code {
        case 204, 404: return
        case 409: throw Problem(.passwordTooShort)
        default: throw failure(answer)
        }
    }

    /// Why User will not have a password, as far as it concerns whoever chose it.
    private struct Refusal: Decodable {
        var errors: [Problem.FieldError]?

        var problem: Problem {
            let errors = (errors ?? []).map {
                Problem.FieldError(pointer: "/new_password", code: $0.code, detail: $0.detail)
            }
            return Problem(.weakPassword, errors: errors)
        }
    }

    private func ask(_ operation: String, _ question: some Encodable) async throws -> InternalClient.Answer {
        do {
            return try await client.post(
                "\(url)/internal/v1/credentials/\(operation)",
                json: question,
                authorization: secret.authorization,
                within: Self.deadline
            )
        } catch let error as CancellationError {
            throw error
        } catch {
            logger.warning("no answer from User", metadata: ["error": "\(error)"])
            throw Problem(.unavailable, Self.unavailable, retryAfter: 2)
        }
    }

    private func failure(_ answer: InternalClient.Answer) -> Problem {
        logger.error("credentials", metadata: ["status": .count(answer.head.status.code)])
        return Problem(.unavailable, Self.unavailable, retryAfter: 2)
    }

    private func account(in answer: InternalClient.Answer) throws -> Identifier? {
        try JSONDecoder().decode(RefusedCredentials.self, from: Data(answer.body)).userID
    }
}
