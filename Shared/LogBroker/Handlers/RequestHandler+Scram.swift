import KafkaProtocol
import Security

/// DescribeUserScramCredentials and AlterUserScramCredentials (KIP-554).
extension RequestHandler {
    /// Rounds that a credential may have (`ScramMechanism`).
    private static let iterations: ClosedRange<Int32> = 4096...16_384
    /// Most users with credentials that clients have made.
    private static let maximumUsers = 10_000
    /// Longest salt and salted password, bytes.
    private static let maximumSecret = 1024

    func dispatchCredentials(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        if call.key == .describeUserScramCredentials {
            let request = try decode(call, &reader, DescribeUserScramCredentialsRequest.init)
            return ready(call, describeCredentials(request).encode)
        }
        let request = try decode(call, &reader, AlterUserScramCredentialsRequest.init)
        return ready(call, await alterCredentials(request).encode)
    }

    private func describeCredentials(
        _ request: DescribeUserScramCredentialsRequest
    ) -> DescribeUserScramCredentialsResponse {
        guard isAllowed(.describe, .cluster, AccessControl.clusterName) else {
            return .init(
                errorCode: ErrorCode.clusterAuthorizationFailed.rawValue,
                errorMessage: Self.clusterRefusal
            )
        }
        let all = core.credentials.all
        let asked = request.users.flatMap { $0.isEmpty ? nil : $0.map(\.name) }
        let names = asked ?? all.keys.sorted()
        return DescribeUserScramCredentialsResponse(
            results: Set(names).sorted().map { name in
                if names.count(where: { $0 == name }) > 1 {
                    return .init(user: name, errorCode: ErrorCode.duplicateResource.rawValue)
                }
                guard let credentials = all[name] else {
                    let text = "there is no SCRAM credential of \(name)"
                    return .init(user: name, errorCode: ErrorCode.resourceNotFound.rawValue, errorMessage: text)
                }
                return .init(
                    user: name,
                    credentialInfos: credentials.values.map {
                        .init(mechanism: $0.mechanism.code, iterations: Int32(clamping: $0.iterations))
                    }.sorted { $0.mechanism < $1.mechanism }
                )
            }
        )
    }

    private func alterCredentials(
        _ request: AlterUserScramCredentialsRequest
    ) async -> AlterUserScramCredentialsResponse {
        var response = AlterUserScramCredentialsResponse()
        let names = request.deletions.map(\.name) + request.upsertions.map(\.name)
        for name in Set(names).sorted() {
            var result = AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult(user: name)
            do {
                guard isAllowed(.alter, .cluster, AccessControl.clusterName) else {
                    throw ErrorCode.clusterAuthorizationFailed
                }
                let deletions = request.deletions.filter { $0.name == name }.map(\.mechanism)
                let upsertions = request.upsertions.filter { $0.name == name }
                try await alter(name, deletions, upsertions)
            } catch {
                result.errorCode = ErrorCode(any: error).rawValue
            }
            response.results.append(result)
        }
        return response
    }

    private func alter(
        _ name: String,
        _ deletions: [Int8],
        _ upsertions: [AlterUserScramCredentialsRequest.ScramCredentialUpsertion]
    ) async throws {
        guard !name.isEmpty else { throw ErrorCode.unacceptableCredential }
        let mechanisms = try (deletions + upsertions.map(\.mechanism)).map { code in
            guard let mechanism = SCRAMMechanism(code: code) else { throw ErrorCode.unsupportedSASLMechanism }
            return mechanism
        }
        guard Set(mechanisms).count == mechanisms.count else { throw ErrorCode.duplicateResource }
        let new = try upsertions.compactMap { upsertion in
            guard Self.iterations.contains(upsertion.iterations), upsertion.salt.count <= Self.maximumSecret,
                upsertion.saltedPassword.count <= Self.maximumSecret, !upsertion.saltedPassword.isEmpty
            else { throw ErrorCode.unacceptableCredential }
            return SCRAMMechanism(code: upsertion.mechanism).map {
                SCRAMCredential(
                    mechanism: $0,
                    saltedPassword: upsertion.saltedPassword,
                    salt: upsertion.salt,
                    iterations: Int(upsertion.iterations)
                )
            }
        }
        let settings = core.settings
        let removed = mechanisms.prefix(deletions.count)
        try await core.onJobThread {
            try settings.change { settings in
                for mechanism in removed {
                    // What the configuration holds is not the clients' to delete.
                    guard settings.credentials[name]?.removeValue(forKey: mechanism) != nil else {
                        throw ErrorCode.resourceNotFound
                    }
                }
                for credential in new { settings.credentials[name, default: [:]][credential.mechanism] = credential }
                if settings.credentials[name]?.isEmpty == true { settings.credentials[name] = nil }
                guard settings.credentials.count <= Self.maximumUsers else { throw ErrorCode.policyViolation }
            }
        }
    }
}

extension SCRAMMechanism {
    /// The number in the protocol (`ScramMechanism.type`).
    var code: Int8 {
        switch self {
        case .sha256: 1
        case .sha512: 2
        }
    }

    init?(code: Int8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}
