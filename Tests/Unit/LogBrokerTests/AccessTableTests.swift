import KafkaProtocol
import Testing

@testable import LogBroker

struct AccessTableTests {
    @Test func `every call that is spoken says what it needs`() {
        for key in APIKey.allCases {
            let isFree = AccessTable.free.contains(key.rawValue)
            #expect(isFree == (AccessTable.checks[key.rawValue] == nil), "\(key)")
        }
    }

    @Test
    func
        `what changes rules, settings or credentials needs Alter or AlterConfigs, and reading needs no more than reading`()
    {
        let changes: [APIKey] = [.createAcls, .deleteAcls, .alterUserScramCredentials, .electLeaders]
        for key in changes {
            #expect(AccessTable.checks[key.rawValue] == [.init(.alter, .cluster)], "\(key)")
        }
        for key in [APIKey.fetch, .listOffsets, .metadata, .describeGroups, .describeConfigs, .describeAcls] {
            let operations = Set(AccessTable.checks[key.rawValue, default: []].map(\.operation))
            #expect(operations.isSubset(of: [.read, .describe, .describeConfigs, .create]), "\(key)")
        }
    }
}
