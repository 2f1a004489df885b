import EventLog
import KafkaProtocol
import Reactor

/// ApiVersions and DescribeCluster.
extension RequestHandler {
    /// The versions told to clients. Produce is told from 0 although 0 to 2 are refused: librdkafka before 2.8 tests
    /// version 0 to find out whether it may compress (KAFKA-18659).
    private static let advertised: [ApiVersionsResponse.ApiVersion] = APIKey.allCases.map { key in
        ApiVersionsResponse.ApiVersion(
            apiKey: key.rawValue,
            minVersion: key == .produce ? 0 : key.versions.lowerBound,
            maxVersion: key.versions.upperBound
        )
    }

    func apiVersions(_ call: Call, _ reader: inout WireReader) throws -> PendingResponse {
        let version = call.header.apiVersion
        guard APIKey.apiVersions.versions.contains(version) else {
            // KIP-511: a version 0 body that names the versions of this very call.
            let response = ApiVersionsResponse(
                errorCode: ErrorCode.unsupportedVersion.rawValue,
                apiKeys: Self.advertised.filter { $0.apiKey == APIKey.apiVersions.rawValue }
            )
            let slices = call.response(version: 0) { response.encode(to: &$0) }
            return { slices }
        }
        let request = try decode(call, &reader, ApiVersionsRequest.init)
        var response = ApiVersionsResponse(apiKeys: Self.advertised)
        if version >= 3,
            !Self.isSoftwareName(request.clientSoftwareName)
                || !Self.isSoftwareName(request.clientSoftwareVersion)
        {
            response = ApiVersionsResponse(errorCode: ErrorCode.invalidRequest.rawValue)
        }
        return ready(call, response.encode)
    }

    /// `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?` (KIP-511).
    private static func isSoftwareName(_ text: String) -> Bool {
        let isPlain: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isPlain(first) && isPlain(last)
            && text.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    func describeCluster(_ request: DescribeClusterRequest) -> DescribeClusterResponse {
        DescribeClusterResponse(
            clusterID: core.store.clusterID.kafkaText,
            controllerID: core.configuration.nodeID,
            brokers: [
                .init(
                    brokerID: core.configuration.nodeID,
                    host: session.advertised.host,
                    port: Int32(session.advertised.port)
                )
            ],
            clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
                ? authorizedClusterOperations() : .min
        )
    }
}
