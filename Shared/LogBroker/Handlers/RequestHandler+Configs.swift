import EventLog
import KafkaProtocol

/// DescribeConfigs, AlterConfigs and IncrementalAlterConfigs.
extension RequestHandler {
    private enum Resource {
        static let topic: Int8 = 2
        static let broker: Int8 = 4
    }

    func dispatchConfigs(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .describeConfigs:
            return ready(call, describeConfigs(try decode(call, &reader, DescribeConfigsRequest.init)).encode)
        case .alterConfigs:
            let request = try decode(call, &reader, AlterConfigsRequest.init)
            var response = AlterConfigsResponse()
            for resource in request.resources {
                let (code, text) = await alter(resource.resourceType, resource.resourceName, request.validateOnly) {
                    _ in
                    var overrides: [String: String] = [:]
                    for setting in resource.configs { overrides[setting.name] = setting.value }
                    return overrides
                }
                response.responses.append(
                    .init(
                        errorCode: code.rawValue,
                        errorMessage: text,
                        resourceType: resource.resourceType,
                        resourceName: resource.resourceName
                    )
                )
            }
            return ready(call, response.encode)
        default:
            let request = try decode(call, &reader, IncrementalAlterConfigsRequest.init)
            var response = IncrementalAlterConfigsResponse()
            for resource in request.resources {
                let (code, text) = await alter(resource.resourceType, resource.resourceName, request.validateOnly) {
                    try Self.apply(resource.configs, to: $0)
                }
                response.responses.append(
                    .init(
                        errorCode: code.rawValue,
                        errorMessage: text,
                        resourceType: resource.resourceType,
                        resourceName: resource.resourceName
                    )
                )
            }
            return ready(call, response.encode)
        }
    }

    private func describeConfigs(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse {
        DescribeConfigsResponse(
            results: request.resources.map { resource in
                var result = DescribeConfigsResponse.DescribeConfigsResult(
                    resourceType: resource.resourceType,
                    resourceName: resource.resourceName
                )
                do {
                    let wanted = resource.configurationKeys.map { Set($0) }
                    result.configs = try settings(resource.resourceType, resource.resourceName)
                        .filter { wanted?.contains($0.name) ?? true }
                        .map { Self.described($0, request) }
                } catch {
                    result.errorCode = ErrorCode(any: error).rawValue
                }
                return result
            }
        )
    }

    private static func described(
        _ setting: DescribedSetting,
        _ request: DescribeConfigsRequest
    ) -> DescribeConfigsResponse.DescribeConfigsResourceResult {
        .init(
            name: setting.name,
            value: setting.value,
            readOnly: setting.isReadOnly,
            configSource: setting.source.rawValue,
            synonyms: request.includeSynonyms
                ? setting.synonyms.map { .init(name: $0.name, value: $0.value, source: $0.source.rawValue) } : [],
            configType: setting.type.rawValue,
            documentation: request.includeDocumentation ? setting.documentation : nil
        )
    }

    private func settings(_ type: Int8, _ name: String) throws -> [DescribedSetting] {
        switch type {
        case Resource.topic:
            guard isAllowed(.describeConfigs, .topic, name) else { throw ErrorCode.topicAuthorizationFailed }
            guard let topic = core.store.topic(named: name) else { throw ErrorCode.unknownTopicOrPartition }
            return topic.configuration.described
        case Resource.broker:
            guard isAllowed(.describeConfigs, .cluster, AccessControl.clusterName) else {
                throw ErrorCode.clusterAuthorizationFailed
            }
            let dynamic = core.settings.current.configuration
            let scope = try scope(ofBroker: name)
            return BrokerSetting.all.compactMap { $0.described(core.configuration, dynamic, scope) }
        default: throw ErrorCode.invalidRequest
        }
    }

    private func alter(
        _ type: Int8,
        _ name: String,
        _ validateOnly: Bool,
        _ edit: ([String: String]) throws -> [String: String]
    ) async -> (ErrorCode, String?) {
        do {
            if type == Resource.broker {
                try await alterBroker(name, validateOnly, edit)
                return (.none, nil)
            }
            guard type == Resource.topic else { throw ErrorCode.invalidRequest }
            guard isAllowed(.alterConfigs, .topic, name) else { throw ErrorCode.topicAuthorizationFailed }
            guard let topic = core.store.topic(named: name) else { throw ErrorCode.unknownTopicOrPartition }
            let overrides = try edit(topic.configuration.overrides)
            _ = try TopicConfiguration(overrides: overrides)
            let store = core.store
            if !validateOnly { try await core.onJobThread { try store.configure(name, overrides: overrides) } }
            return (.none, nil)
        } catch {
            return (ErrorCode(any: error), message(error))
        }
    }

    /// No name stands for all brokers.
    private func scope(ofBroker name: String) throws -> BrokerSetting.Scope {
        if name.isEmpty { return .byDefault }
        guard name == String(core.configuration.nodeID) else { throw ErrorCode.invalidRequest }
        return .broker
    }

    private func alterBroker(
        _ name: String,
        _ validateOnly: Bool,
        _ edit: ([String: String]) throws -> [String: String]
    ) async throws {
        guard isAllowed(.alterConfigs, .cluster, AccessControl.clusterName) else {
            throw ErrorCode.clusterAuthorizationFailed
        }
        let scope = try scope(ofBroker: name)
        var present: [String: String] = [:]
        for setting in BrokerSetting.all {
            present[setting.name] = core.settings.current.configuration[BrokerSetting.key(setting.name, scope)]
        }
        let wanted = try edit(present)
        for (name, value) in wanted {
            guard let setting = BrokerSetting.named(name) else {
                throw LogError.invalidConfiguration("unknown broker setting \(name)")
            }
            guard let range = setting.range else {
                throw LogError.invalidConfiguration("\(name) cannot be changed while the broker runs")
            }
            guard let number = Int(value), range.contains(number) else {
                throw LogError.invalidConfiguration("invalid value \(value) for broker setting \(name)")
            }
        }
        guard !validateOnly else { return }
        let (settings, known) = (core.settings, BrokerSetting.all)
        try await core.onJobThread {
            try settings.change { settings in
                for setting in known {
                    settings.configuration[BrokerSetting.key(setting.name, scope)] = wanted[setting.name]
                }
            }
        }
    }

    private static func apply(
        _ changes: [IncrementalAlterConfigsRequest.AlterableConfig],
        to overrides: [String: String]
    ) throws -> [String: String] {
        var result = overrides
        for change in changes {
            let present = result[change.name] ?? TopicConfiguration.defaults[change.name] ?? ""
            let items = present.split(separator: ",").map(String.init)
            let given = (change.value ?? "").split(separator: ",").map(String.init)
            switch change.configOperation {
            case 0:
                // Null takes nothing back: that is what 1 is for.
                guard let value = change.value else { throw ErrorCode.invalidRequest }
                result[change.name] = value
            case 1: result[change.name] = nil
            case 2: result[change.name] = (items + given.filter { !items.contains($0) }).joined(separator: ",")
            case 3: result[change.name] = items.filter { !given.contains($0) }.joined(separator: ",")
            default: throw ErrorCode.invalidRequest
            }
        }
        return result
    }
}
