import KafkaProtocol
import Security

/// `broker users …`: SCRAM credentials.
enum UserCommands {
    private static let codes: [(mechanism: SCRAMMechanism, code: Int8)] = [(.sha256, 1), (.sha512, 2)]

    static func run(_ verb: String, _ context: AdminCommand.Context) async throws {
        switch verb {
        case "list": try await list(context)
        case "set": try await set(context)
        case "delete": try await delete(context)
        default: throw AdminError.usage("users has no \(verb)")
        }
    }

    private static func describe(
        _ context: AdminCommand.Context,
        _ user: String?
    ) async throws -> [DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult] {
        let response = try await context.broker.call(.describeUserScramCredentials, 0) {
            DescribeUserScramCredentialsRequest(users: user.map { [.init(name: $0)] }).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeUserScramCredentialsResponse(from: &reader)
        }
        try AdminError.check(response.errorCode, "users", response.errorMessage)
        for user in response.results { try AdminError.check(user.errorCode, "user \(user.user)", user.errorMessage) }
        return response.results
    }

    private static func list(_ context: AdminCommand.Context) async throws {
        var table = AdminTable("user", "mechanism", "iterations")
        for user in try await describe(context, nil) {
            for credential in user.credentialInfos {
                let known = codes.first { $0.code == credential.mechanism }
                table.add(user.user, known?.mechanism.rawValue ?? "?", "\(credential.iterations)")
            }
        }
        table.sort()
        try context.write(table)
    }

    private static func alter(
        _ context: AdminCommand.Context,
        _ request: AlterUserScramCredentialsRequest
    ) async throws {
        let response = try await context.broker.call(.alterUserScramCredentials, 0) {
            request.encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try AlterUserScramCredentialsResponse(from: &reader)
        }
        for user in response.results { try AdminError.check(user.errorCode, "user \(user.user)", user.errorMessage) }
    }

    /// A credential for each mechanism; the password itself stays here.
    private static func set(_ context: AdminCommand.Context) async throws {
        let name = try context.arguments.names("one NAME", exactly: 1)[0]
        guard let path = context.arguments.value("password-file") else {
            throw AdminError.usage("--password-file is missing")
        }
        let password = Array(try AdminCommand.password(in: path).utf8)
        let iterations = SCRAMCredential.defaultIterations
        let upsertions = try codes.map { mechanism, code in
            let salt = SecureRandom.bytes(16)
            return AlterUserScramCredentialsRequest.ScramCredentialUpsertion(
                name: name,
                mechanism: code,
                iterations: Int32(iterations),
                salt: salt,
                saltedPassword: try KeyDerivation.pbkdf2(
                    mechanism.hash,
                    password: password,
                    salt: salt,
                    iterations: iterations
                )
            )
        }
        try await alter(context, AlterUserScramCredentialsRequest(upsertions: upsertions))
        context.done("set \(name)")
    }

    private static func delete(_ context: AdminCommand.Context) async throws {
        let name = try context.arguments.names("one NAME", exactly: 1)[0]
        let mechanisms = try await describe(context, name).flatMap(\.credentialInfos).map(\.mechanism)
        let deletions = mechanisms.map {
            AlterUserScramCredentialsRequest.ScramCredentialDeletion(name: name, mechanism: $0)
        }
        try await alter(context, AlterUserScramCredentialsRequest(deletions: deletions))
        context.done("deleted \(name)")
    }
}
