import Contracts
import EventBus
import System
import TestSupport
import Testing

/// asyncapi.yaml and the golden fixtures against the payload types.
///
/// A fixture is `Tests/Fixtures/events/<type>.json`: what events of the type look like now. When a payload grows, the old
/// file stays as `<type>@<date>.json`: what is in the log must be read for ever. A missing file is written when
/// `WRITE_FIXTURES` is set; a present one never is.
struct EventContractTests {
    private static let fixtures = "Tests/Fixtures/events"

    @Test func `every topic is described as it is declared`() async throws {
        let specification = try await Specification("asyncapi.yaml")
        var described: [String: String] = [:]
        for channel in specification.root["channels"].members.values {
            guard let name = channel["address"].string, !name.hasPrefix("{") else { continue }
            let binding = specification.resolve(channel["bindings"])["kafka"]
            let settings = binding["topicConfiguration"].members.map { setting, value in
                "\(setting)=\(value[0].string ?? value.int.map(String.init) ?? "?")"
            }
            described[name] = "\(binding["partitions"].int ?? 0) \(settings.sorted())"
        }
        let declared = Topic.all.map { topic in
            (topic.name, "\(topic.partitions) \(topic.configuration.map { "\($0.name)=\($0.value)" }.sorted())")
        }
        #expect(described == Dictionary(declared) { first, _ in first })
    }

    @Test func `who sends to a topic may write to it in the stack`() async throws {
        let specification = try await Specification("asyncapi.yaml")
        let stack = try await Specification("deploy/compose.yaml")
        for operation in specification.root["operations"].members.values where operation["action"].string == "send" {
            let topic = try #require(specification.resolve(operation["channel"])["address"].string)
            let writers = Set(stack.root["x-topic-writers"][topic].array.compactMap(\.string))
            let senders = operation["tags"].array.compactMap { $0["name"].string }
            #expect(writers.isSuperset(of: senders), "\(topic): \(senders)")
        }
    }

    @Test func `what a service handles is described as received by it`() async throws {
        let specification = try await Specification("asyncapi.yaml")
        var received: Set<String> = []
        for operation in specification.root["operations"].members.values where operation["action"].string == "receive" {
            let all = specification.resolve(operation["channel"])["messages"].members.values
            let messages = operation["messages"].array.isEmpty ? Array(all) : operation["messages"].array
            for message in messages {
                let name = specification.resolve(specification.resolve(message))["name"].string ?? ""
                for tag in operation["tags"].array { received.insert("\(tag["name"].string ?? "") \(name)") }
            }
        }
        let types = try Sample.all().map(\.event.type)
        for file in try SourceFile.all(below: ["Services"], suffixes: [".swift"]) {
            for line in file.lines {
                guard let match = line.firstMatch(of: /case (\w+)\.type\b/) else { continue }
                let type = types.first { Self.swiftNames(of: $0).contains(match.1.lowercased()) }
                #expect(received.contains("\(file.service) \(type ?? "unknown")"), "\(file.path): \(match.1)")
            }
        }
        #expect(received.count > 20)
    }

    /// `user.password-changed` is `UserPasswordChanged`, here in lower case; types of `auth` are called without it.
    private static func swiftNames(of type: String) -> [String] {
        let words = type.split { $0 == "." || $0 == "-" }
        return [words.joined(), words.dropFirst().joined()]
    }

    @Test func `every type is described on its topic, and has a sample`() async throws {
        let specification = try await Specification("asyncapi.yaml")
        var described: Set<String> = []
        for channel in specification.root["channels"].members.values {
            guard let topic = channel["address"].string, !topic.hasPrefix("{") else { continue }
            for message in channel["messages"].members.values {
                described.insert("\(topic) \(specification.resolve(message)["name"].string ?? "")")
            }
        }
        let samples = try Sample.all()
        #expect(described == Set(samples.map { "\($0.event.topic) \($0.event.type)" }))
        let declared = try SourceFile.all(below: ["Shared/Contracts"], suffixes: [".swift"]).flatMap { file in
            file.lines.compactMap { $0.firstMatch(of: /static let type = "(.+)"/).map { String($0.1) } }
        }
        #expect(Set(declared) == Set(samples.map(\.event.type)))
    }

    @Test func `events are written as the fixtures say, and every old form is read`() throws {
        let samples = try Sample.all()
        for sample in samples {
            let path = "\(SourceFile.repository)/\(Self.fixtures)/\(sample.event.type).json"
            guard !File.exists(path), Environment.value("WRITE_FIXTURES") != nil else { continue }
            try File.replace(path, with: sample.event.value ?? [], mode: 0o644)
        }
        let files = try SourceFile.all(below: [Self.fixtures], suffixes: [".json"])
        for sample in samples {
            let present = "\(Self.fixtures)/\(sample.event.type).json"
            #expect(files.contains { $0.path == present }, "there is no \(present)")
            for file in files where file.path == present || file.path.hasPrefix(present.dropLast(5) + "@") {
                let rewritten = try sample.rewritten(Array(file.lines[0].utf8))
                guard file.path == present else { continue }
                #expect(String(decoding: rewritten, as: UTF8.self) == file.lines[0])
                #expect(sample.event.value == rewritten, "\(present)")
            }
        }
    }

    @Test func `what is written is valid by the description`() async throws {
        let records = try Sample.all().map { sample in
            let headers = sample.event.headers.flatMap { [$0.name, $0.text ?? ""] }
            let record: JSON = .object([
                "topic": .string(sample.event.topic), "key": .string(sample.event.key),
                "headers": .array(headers.map(JSON.string)),
                "payload": .string(String(decoding: sample.event.value ?? [], as: UTF8.self)),
            ])
            return try record.text()
        }
        let judged = try await EventCheck.run(records)
        #expect(judged.status.isSuccess, "\(judged.output)")
        #expect(judged.output.split(separator: "\n").count == records.count)
    }

    @Test(arguments: [
        (#"{"user_id":"0195adc0-de00-7001-8000-000000000001"}"#, "'timestamp' is a required property"),
        (#"{"user_id":"7","timestamp":"2025-03-19T10:00:00.000Z"}"#, "is not a 'uuid'"),
        (#"{"user_id":"0195adc0-de00-7001-8000-000000000001","timestamp":"now"}"#, "is not a 'date-time'"),
        (
            #"{"user_id":"0195adc0-de00-7001-8000-000000000001","timestamp":"2025-03-19T10:00:00Z","email":"a@b.c"}"#,
            "email"
        ),
    ])
    func `what is not as described is found`(payload: String, complaint: String) async throws {
        let event = try #require(try Sample.all().first { $0.event.type == UserUpdated.type }?.event)
        let headers = event.headers.flatMap { [$0.name, $0.text ?? ""] }
        let record: JSON = .object([
            "topic": .string(event.topic), "key": .string(event.key), "headers": .array(headers.map(JSON.string)),
            "payload": .string(payload),
        ])
        let judged = try await EventCheck.run([try record.text()])
        #expect(!judged.status.isSuccess)
        #expect(judged.output.contains(complaint), "\(judged.output)")
    }
}
