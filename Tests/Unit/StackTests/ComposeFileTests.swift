import System
import TestSupport
import Testing

@testable import Stack

@Suite struct ComposeFileTests {
    private static let sample = """
        x-common: &common
          restart: unless-stopped
          stop_grace_period: 1m30s
        services:
          broker:
            <<: *common
            command: ["broker"]
            environment: { PORT: "${BROKER_PORT:-9092}", EMPTY: "${NOTHING:-}" }
            healthcheck:
              test: ["CMD", "stack", "probe", "tcp://127.0.0.1:${BROKER_PORT:-9092}"]
              interval: 500ms
          user:
            <<: *common
            command: ["user", "--verbose"]
            depends_on: { broker: { condition: service_healthy } }
        """

    private func parse(_ yaml: String, _ variables: [String: String] = [:]) throws -> ComposeFile {
        try ComposeFile(yaml: yaml, variables: variables)
    }

    @Test func `merges, variables and lengths of time are resolved`() throws {
        let services = try parse(Self.sample, ["BROKER_PORT": "19092"]).services
        #expect(services.map(\.name) == ["broker", "user"])
        #expect(services[0].port == 19092)
        #expect(services[0].environment["EMPTY"] == nil)
        #expect(services[0].health?.probe == .tcp(port: 19092))
        #expect(services[0].health?.intervalMilliseconds == 500)
        #expect(services[1].stopGraceMilliseconds == 90_000)
        #expect(services[1].restart == .unlessStopped)
        #expect(services[1].dependencies == ["broker": .healthy])
        #expect(services[1].command == ["user", "--verbose"])
    }

    @Test func `nothing waits for a service that is left out`() throws {
        let services = try parse(Self.sample).excluding(["broker"]).services
        #expect(services.map(\.name) == ["user"])
        #expect(services[0].dependencies.isEmpty)
    }

    @Test(arguments: [
        ("services: { a: { command: [a], replicas: 2 } }", "replicas"),
        ("services: { a: { command: [a] } }\nsecrets: {}", "secrets"),
        ("services: { a: { command: a } }", "a.command"),
        ("services: { a: { image: x } }", "command"),
        ("services: { a: { command: [a], depends_on: [b] } }", "'b', which does not exist"),
        ("services: { a: { command: [a], depends_on: [b] }, b: { command: [b], depends_on: [a] } }", "a → b → a"),
        ("services: { a: { command: [a], restart: often } }", "often"),
        ("services: { a: { command: [a], stop_grace_period: soon } }", "soon"),
        ("services: { a: { command: [a], healthcheck: { test: [CMD, curl] } } }", "a.healthcheck.test"),
        ("services: { a: { command: [a], depends_on: { a: { condition: never } } } }", "never"),
        ("name: x", "no services"),
    ])
    func `what the runner does not understand is named`(yaml: String, word: String) {
        let error = #expect(throws: StackError.self) { try parse(yaml) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
    }

    @Test func `the broker's file names users, and only writers may write`() throws {
        let outline = try ComposeFile.Outline(yaml: "x-topic-writers: { payments: [booking], users: [user, auth] }")
        #expect(outline.access.users == ["auth", "booking", "user"])
        let directory = try TemporaryDirectory()
        let path = directory.appending("broker.json")
        let passwords = ["AUTH_KAFKA_PASSWORD": "a", "BOOKING_KAFKA_PASSWORD": "b", "USER_KAFKA_PASSWORD": "u"]
        try outline.access.write(to: path, passwords: passwords)
        let content = try JSON(parsing: directory.read("broker.json"))
        #expect(content["users"]["booking"].string == "b")
        let writers = content["rules"].array.filter {
            $0["name"].string == "payments" && $0["operation"].string == "write"
        }
        #expect(writers.compactMap { $0["principal"].string } == ["User:booking"])
        let first = directory.read("broker.json")
        try outline.access.write(to: path, passwords: passwords)
        #expect(directory.read("broker.json") == first)
        try directory.write(first.replacing("User:booking", with: "User:other"), to: "broker.json")
        try outline.access.write(to: path, passwords: passwords.merging(["USER_KAFKA_PASSWORD": "new"]) { $1 })
        let changed = directory.read("broker.json")
        #expect(changed.contains("User:other"), "rules that clients added are kept")
        #expect(changed.contains("User:booking"), "rules of the compose file always hold")
        #expect(changed.contains("\"new\""))
        let mine = changed.replacing("{\n  \"rules", with: "{\n  \"superUsers\": [\"User:me\"],\n  \"rules")
            .replacing("\"users\" : {", with: "\"users\" : { \"me\": \"m\",")
        try directory.write(mine, to: "broker.json")
        try outline.access.write(to: path, passwords: passwords)
        let written = try JSON(parsing: directory.read("broker.json"))
        #expect(written["users"]["me"].string == "m" && written["users"]["user"].string == "u")
        #expect(written["superUsers"].array.compactMap(\.string) == ["User:me"], "the operator's own are kept")
    }

    /// Every topic and group that the sources name has its rules: one that is not listed would be open to everybody.
    @Test func `the compose file lists every topic and every group`() throws {
        let yaml = String(decoding: try File.read("deploy/compose.yaml"), as: UTF8.self)
        let access = try ComposeFile.Outline(yaml: yaml).access
        for file in try SourceFile.all(below: ["Shared/Contracts", "Services"], suffixes: [".swift"]) {
            for line in file.lines {
                if file.path.hasSuffix("Contracts/Topics.swift"),
                    let topic = line.firstMatch(of: /Topic\(\s*"([a-z-]+)"/)
                {
                    #expect(access.writers[String(topic.1)] != nil, "x-topic-writers lacks \(topic.1)")
                }
                if let group = line.firstMatch(of: /group(?:: | = )"([a-z-]+)"/) {
                    let members = access.members[String(group.1)]
                    #expect(members == [file.service], "x-group-members: \(group.1) is \(file.service)'s")
                }
            }
        }
    }

    @Test func `the compose file of this repository is understood`() throws {
        let yaml = String(decoding: try File.read("deploy/compose.yaml"), as: UTF8.self)
        let demanded = yaml.matches(of: /\$\{([A-Z_]+):\?/).map { (String($0.1), "x") }
        let compose = try parse(yaml, Dictionary(demanded) { first, _ in first })
        #expect(Set(compose.services.map(\.name)).isSuperset(of: ["broker", "user", "auth", "gateway"]))
        #expect(compose.services.allSatisfy { $0.health != nil && $0.port != nil })
        let ports = compose.services.compactMap(\.port)
        #expect(Set(ports).count == ports.count)
    }
}
