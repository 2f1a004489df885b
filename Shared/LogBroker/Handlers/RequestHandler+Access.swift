import KafkaProtocol

/// DescribeAcls, CreateAcls and DeleteAcls.
extension RequestHandler {
    func dispatchAccess(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .describeAcls: ready(call, describeACLs(try decode(call, &reader, DescribeAclsRequest.init)).encode)
        case .createAcls: ready(call, await createACLs(try decode(call, &reader, CreateAclsRequest.init)).encode)
        default: ready(call, await deleteACLs(try decode(call, &reader, DeleteAclsRequest.init)).encode)
        }
    }

    /// Said in words, as Apache Kafka does: librdkafka frees what it has not allocated when an error comes without.
    static let clusterRefusal = "Cluster authorization failed, or access control is off."

    private func check(_ operation: AccessOperation) throws {
        guard core.access.canChange else { throw ErrorCode.securityDisabled }
        guard isAllowed(operation, .cluster, AccessControl.clusterName) else {
            throw ErrorCode.clusterAuthorizationFailed
        }
    }

    private func describeACLs(_ request: DescribeAclsRequest) -> DescribeAclsResponse {
        do {
            try check(.describe)
        } catch {
            return DescribeAclsResponse(errorCode: ErrorCode(any: error).rawValue, errorMessage: Self.clusterRefusal)
        }
        let filter = AccessFilter(
            type: request.resourceTypeFilter,
            name: request.resourceNameFilter,
            pattern: request.patternTypeFilter,
            principal: request.principalFilter,
            host: request.hostFilter,
            operation: request.operation,
            permission: request.permissionType
        )
        return DescribeAclsResponse(
            resources: core.access.rules(filter.matches).map { rule in
                .init(
                    resourceType: rule.resource.rawValue,
                    resourceName: rule.name,
                    patternType: rule.pattern.rawValue,
                    acls: [
                        .init(
                            principal: rule.principal,
                            host: rule.host,
                            operation: rule.operation.rawValue,
                            permissionType: rule.permission.rawValue
                        )
                    ]
                )
            }
        )
    }

    private func createACLs(_ request: CreateAclsRequest) async -> CreateAclsResponse {
        var response = CreateAclsResponse()
        for creation in request.creations {
            do {
                try check(.alter)
                guard let type = ResourceType(rawValue: creation.resourceType),
                    let pattern = AccessRule.Pattern(rawValue: creation.resourcePatternType),
                    let operation = AccessOperation(rawValue: creation.operation),
                    let permission = AccessRule.Permission(rawValue: creation.permissionType),
                    creation.principal.hasPrefix("User:"), !creation.resourceName.isEmpty
                else { throw ErrorCode.invalidRequest }
                let rule = AccessRule(
                    type,
                    creation.resourceName,
                    pattern: pattern,
                    principal: creation.principal,
                    host: creation.host,
                    operation: operation,
                    permission: permission
                )
                let access = core.access
                try await core.onJobThread { try access.add([rule]) }
                response.results.append(.init())
            } catch {
                response.results.append(.init(errorCode: ErrorCode(any: error).rawValue))
            }
        }
        return response
    }

    private func deleteACLs(_ request: DeleteAclsRequest) async -> DeleteAclsResponse {
        var response = DeleteAclsResponse()
        for asked in request.filters {
            let filter = AccessFilter(
                type: asked.resourceTypeFilter,
                name: asked.resourceNameFilter,
                pattern: asked.patternTypeFilter,
                principal: asked.principalFilter,
                host: asked.hostFilter,
                operation: asked.operation,
                permission: asked.permissionType
            )
            do {
                try check(.alter)
                let access = core.access
                let removed = access.rules(filter.matches)
                try await core.onJobThread { try access.remove(Set(removed)) }
                response.filterResults.append(.init(matchingAcls: removed.map(Self.deleted)))
            } catch {
                response.filterResults.append(.init(errorCode: ErrorCode(any: error).rawValue))
            }
        }
        return response
    }

    private static func deleted(_ rule: AccessRule) -> DeleteAclsResponse.DeleteAclsMatchingAcl {
        .init(
            resourceType: rule.resource.rawValue,
            resourceName: rule.name,
            patternType: rule.pattern.rawValue,
            principal: rule.principal,
            host: rule.host,
            operation: rule.operation.rawValue,
            permissionType: rule.permission.rawValue
        )
    }
}

/// Which rules a request is about; 1 stands for any, a null text too, pattern 2 for all that apply to the name.
struct AccessFilter {
    let type: Int8
    let name: String?
    let pattern: Int8
    let principal: String?
    let host: String?
    let operation: Int8
    let permission: Int8

    func matches(_ rule: AccessRule) -> Bool {
        let any: Int8 = 1
        let matching: Int8 = 2
        guard type == any || type == rule.resource.rawValue, principal == nil || principal == rule.principal,
            host == nil || host == rule.host, operation == any || operation == rule.operation.rawValue,
            permission == any || permission == rule.permission.rawValue
        else { return false }
        guard let name else { return pattern == any || pattern == matching || pattern == rule.pattern.rawValue }
        if pattern == matching { return rule.covers(rule.resource, name) }
        return (pattern == any || pattern == rule.pattern.rawValue) && name == rule.name
    }
}
