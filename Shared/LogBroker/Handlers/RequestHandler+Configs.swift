import EventLog
import KafkaProtocol

/// Where a setting's value comes from; raw values are the protocol's.
enum SettingSource: Int8 {
    case topic = 1
    case broker = 4
    case defaultValue = 5
}

/// A setting for people and tools.
struct DescribedSetting {
    let name: String
    let value: String?
    let source: SettingSource
}

extension TopicConfiguration {
    /// All settings with the values that apply, by name.
    var described: [DescribedSetting] {
        Self.defaults.keys.sorted().map { name in
            if let value = overrides[name] { return DescribedSetting(name: name, value: value, source: .topic) }
            return DescribedSetting(name: name, value: Self.defaults[name], source: .defaultValue)
        }
    }
}

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
                        .map {
                            .init(
                                name: $0.name,
                                value: $0.value,
                                readOnly: $0.source == .broker,
                                configSource: $0.source.rawValue
                            )
                        }
                } catch {
                    result.errorCode = ErrorCode(any: error).rawValue
                }
                return result
            }
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
            let configuration = core.configuration
            // Tools read these at their start; the protocol version tells them which calls to expect.
            return [
                ("auto.create.topics.enable", String(configuration.createsTopics)),
                ("broker.id", String(configuration.nodeID)), ("default.replication.factor", "1"),
                ("delete.topic.enable", "true"), ("inter.broker.protocol.version", "3.9"),
                ("log.dirs", configuration.dataDirectory), ("message.max.bytes", "1048588"),
                ("num.partitions", String(configuration.defaultPartitions)), ("offsets.topic.replication.factor", "1"),
            ].map { DescribedSetting(name: $0.0, value: $0.1, source: .broker) }
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
            case 0: result[change.name] = change.value
            case 1: result[change.name] = nil
            case 2: result[change.name] = (items + given.filter { !items.contains($0) }).joined(separator: ",")
            case 3: result[change.name] = items.filter { !given.contains($0) }.joined(separator: ",")
            default: throw ErrorCode.invalidRequest
            }
        }
        return result
    }
}
