import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// User's routes: HTTP in, an operation on accounts, HTTP out.
struct UserRoutes: Sendable {
    let accounts: Accounts
    let confirmations: EmailConfirmations
    let tokens: TokenChecker
    /// What Auth shows to reach the internal routes.
    let secret: PairSecret
    /// Ends suspensions.
    let bans: DueWork

    func add(to router: inout Router) {
        router.post("/v1/users", register)
        router.get("/v1/users/me", tokens.user(showMe))
        router.patch("/v1/users/me", tokens.user(changeMe))
        router.delete("/v1/users/me", tokens.user(deleteMe))
        router.get("/v1/users/me/email", tokens.user(showEmail))
        router.post("/v1/users/me/email", tokens.user(changeEmail))
        router.delete("/v1/users/me/email/change", tokens.user(cancelEmailChange))
        router.post("/v1/users/me/email/verification", tokens.user(repeatVerification))
        router.post("/v1/users/email/verify", verifyEmail)
        router.get("/v1/users/me/export", tokens.user(exportMe))
        router.put("/v1/users/me/password", tokens.user(changePassword))
        for (path, kind) in [("blocks", Relation.block), ("mutes", .mute)] {
            router.get("/v1/users/me/\(path)", tokens.user { try await list(kind, $0, $1) })
            router.put("/v1/users/me/\(path)/:id", tokens.user { try await add(kind, $0, $1) })
            router.delete("/v1/users/me/\(path)/:id", tokens.user { try await remove(kind, $0, $1) })
        }
        router.get("/v1/users/:id", tokens.user(show))
        router.get("/v1/erasures/:id", showErasure)
        router.get("/v1/users", tokens.role(.admin, handler: list))
        router.post("/v1/admin/users", tokens.role(.admin, handler: importUser))
        router.put("/v1/users/:id/role", tokens.role(.admin, handler: setRole))
        router.get("/v1/users/:id/acts", tokens.role(.admin, handler: listActs))
        router.put("/v1/users/:id/ban", tokens.role(.admin, handler: ban))
        router.delete("/v1/users/:id/ban", tokens.role(.admin, handler: unban))
        router.post("/internal/v1/credentials/verify", secret.only(verifyCredentials))
        router.post("/internal/v1/credentials/set", secret.only(setCredentials))
        router.post("/internal/v1/credentials/alone", secret.only(letPasswordStandAlone))
    }

    /// Middleware that says what the errors of accounts mean to a client.
    static func explain(_ request: Request, _ next: Handler) async throws -> Response {
        do {
            return try await next(request)
        } catch let error as UserError {
            if case .tooMany(let allowance, let seconds) = error { throw allowance.refusal(seconds: seconds) }
            throw Problem(refusal: error)
        } catch is WorkerPool.Full {
            throw Problem(.overloaded, "too many passwords are being hashed", retryAfter: 1)
        }
    }

    /// Runs a write that may queue mails once for the request's `Idempotency-Key`. What is kept to know the body again by is
    /// keyed: bodies hold passwords.
    func once(
        _ request: Request,
        scope: String,
        _ body: [UInt8],
        _ write: @escaping @Sendable (borrowing Transaction) throws -> StoredResponse
    ) async throws -> Response {
        let mark = Array(HashFunction.sha256.authenticationCode(key: accounts.secret, message: body))
        do {
            let (database, clock) = (accounts.database, accounts.clock)
            let response = try await request.idempotent(
                scope: scope,
                body: mark,
                database: database,
                clock: clock,
                write
            )
            confirmations.mails.wake()
            return response
        } catch let error as DatabaseError {
            throw UserError(error) ?? error
        }
    }

    /// The caller's own account; a token that outlived it is no longer good.
    func account(of token: AccessToken) async throws -> User {
        let user = try await accounts.database.read { connection in try connection.user(token.userID) }
        guard let user else { throw Problem(.tokenRevoked) }
        return user
    }
}

extension Problem {
    /// What a refusal by the accounts means to a client.
    init(refusal error: UserError) {
        switch error {
        case .notFound: self.init(.notFound)
        case .emailTaken: self.init(.emailTaken)
        case .handleTaken: self.init(.handleTaken)
        // Only Auth is answered so; it keeps the account to itself.
        case .invalidCredentials(let id): self.init(.invalidCredentials, extensions: Self.account(id))
        case .banned(let id): self.init(.userBanned, extensions: Self.account(id))
        case .changedMeanwhile: self.init(.preconditionFailed)
        case .secretIsGone: self.init(.invalidLink)
        case .nothingToConfirm: self.init(.conflict, "the address is yours already")
        case .tooMany(_, let seconds): self.init(.rateLimited, retryAfter: seconds)
        case .lastAdmin: self.init(.conflict, "the last admin stays")
        case .targetIsSelf: self.init(.conflict, "that is yourself")
        case .tooManyRelations: self.init(.conflict, "at most \(Relation.limit) people")
        case .passwordTooShort: self.init(.passwordTooShort)
        case .unknownHash: self = .invalid("/password_hash", MemberRule.passwordHash)
        case .weakPassword(let weakness): self.init(.weakPassword, errors: [FieldError(weakness)])
        }
    }

    private static func account(_ id: Identifier?) -> [String: [String]] {
        id.map { [RefusedCredentials.member: [$0.description]] } ?? [:]
    }
}

extension Problem.FieldError {
    fileprivate init(_ weakness: Passwords.Weakness) {
        let detail =
            switch weakness {
            case .tooShort:
                "at least \(Passwords.minimumLength) characters, or \(Passwords.minimumLengthBesideFactor) beside a second factor"
            case .tooLong: "at most \(Passwords.maximumLength) characters"
            case .containsName: "too much of it is your name or address"
            case .breached: "it stands in lists of stolen passwords: choose another, and change it wherever you use it"
            case .guessable: "too easy to guess: use several words, or let a password manager make one"
            }
        self.init(pointer: "/password", code: weakness.rawValue, detail: detail)
    }
}

extension Request {
    /// The body as JSON, and its bytes.
    func readBody<Value: Decodable>(_ type: Value.Type) async throws -> (bytes: [UInt8], value: Value) {
        let bytes = try await body.collect(upTo: JSONBody.sizeLimit)
        return (bytes, try JSONBody.decode(type, from: bytes, contentType: headerFields[.contentType]))
    }
}
