import System
import TestSupport
import Testing

/// Access rules as Apache Kafka's own tool keeps them, and log-ins that have to be renewed.
@Suite(.serialized)
struct AccessRuleTests {
    private let directory: TemporaryDirectory
    private let secrets: String

    init() throws {
        directory = try TemporaryDirectory()
        secrets = try directory.write(
            #"{"users": {"admin": "root", "like": "heart", "chat": "talk"}, "superUsers": ["User:admin"], "rules": []}"#,
            to: "secrets.json"
        )
    }

    /// Runs Kafka's tool for rules as a user.
    private func acls(_ broker: RunningBroker, as user: String, _ password: String, _ words: String) async throws
        -> Command.Result
    {
        let module = "org.apache.kafka.common.security.scram.ScramLoginModule"
        let properties = try directory.write(
            """
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=SCRAM-SHA-256
            sasl.jaas.config=\(module) required username=\(user) password=\(password);
            """,
            to: "\(user).properties"
        )
        return try await ApacheKafka.tool(
            "org.apache.kafka.tools.AclCommand",
            ["--bootstrap-server", broker.address, "--command-config", properties]
                + words.split(separator: " ").map(String.init)
        )
    }

    private func mayWrite(_ broker: RunningBroker, _ topic: String, _ user: String, _ password: String) async throws
        -> Bool
    {
        do {
            let sasl = "-X security.protocol=sasl_plaintext -X sasl.mechanism=SCRAM-SHA-256"
            let login = "-X sasl.username=\(user) -X sasl.password=\(password) -X message.timeout.ms=3000"
            _ = try await broker.kcat("\(sasl) \(login) -P -t \(topic) -p 0", input: "x", within: 15)
            return true
        } catch is RunningBroker.Failure {
            return false
        }
    }

    @Test(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME is not set"))
    func `rules are made, listed and removed by Kafka's tool, and outlive the broker`() async throws {
        let data = directory.appending("data")
        let variables = ["BROKER_SECRETS": secrets]
        let broker = try await RunningBroker(data: data, environment: variables)
        let prefixed = "--allow-principal User:like --operation Write --topic like- --resource-pattern-type prefixed"
        let added = try await acls(broker, as: "admin", "root", "--add \(prefixed)")
        #expect(added.status.isSuccess, "\(added.output)")
        _ = try await acls(
            broker,
            as: "admin",
            "root",
            "--add --allow-principal User:like --operation Create --topic like- --resource-pattern-type prefixed"
        )
        #expect(try await mayWrite(broker, "like-events", "like", "heart"))
        #expect(try await !mayWrite(broker, "like-events", "chat", "talk"))
        #expect(try await mayWrite(broker, "like-events", "admin", "root"), "a super user")

        let denial = "--deny-principal User:like --operation Write --topic like-secrets"
        _ = try await acls(broker, as: "admin", "root", "--add \(denial)")
        #expect(try await mayWrite(broker, "like-secrets", "admin", "root"))
        #expect(try await !mayWrite(broker, "like-secrets", "like", "heart"), "a denial wins over a prefix")

        let listed = try await acls(broker, as: "admin", "root", "--list")
        for words in [
            "name=like-, patternType=PREFIXED", "name=like-secrets, patternType=LITERAL", "permissionType=DENY",
        ] {
            #expect(listed.output.contains(words), "\(listed.output)")
        }
        let refused = try await acls(
            broker,
            as: "chat",
            "talk",
            "--add --allow-principal User:chat --operation All --topic x"
        )
        #expect(refused.output.contains("ClusterAuthorizationException"), "\(refused.output)")

        #expect(try await broker.process.stop().isSuccess)
        let again = try await RunningBroker(data: data, environment: variables)
        #expect(try await !mayWrite(again, "like-secrets", "like", "heart"))
        let removed = try await acls(again, as: "admin", "root", "--remove --force \(denial)")
        #expect(removed.status.isSuccess, "\(removed.output)")
        #expect(try await mayWrite(again, "like-secrets", "like", "heart"))
        let mode = try await Command.run("stat", ["-c", "%a", secrets])
        #expect(mode.output == "600\n")
    }

    @Test func `each call is refused without its right and goes through with it`() async throws {
        let users = #"{"users": {"admin": "root", "user": "pass"}, "superUsers": ["User:admin"], "rules": []}"#
        let broker = try await RunningBroker(
            environment: ["BROKER_SECRETS": try directory.write(users, to: "users.json")]
        )
        let judged = try await Command.run(
            Command.pythonPath,
            ["\(SourceFile.repository)/Tests/Conformance/KafkaConformanceTests/access_table.py", broker.address]
        )
        #expect(judged.output.contains("judged 20 calls: []"), "\(judged.output)")
    }

    @Test func `a password is changed without an outage`() async throws {
        let broker = try await RunningBroker(environment: ["BROKER_SECRETS": secrets])
        let output = try await broker.python(
            """
            import sys
            from confluent_kafka import Producer
            from confluent_kafka.admin import (AdminClient, ScramCredentialInfo, ScramMechanism,
                UserScramCredentialUpsertion)
            def login(name, password):
                return {'bootstrap.servers': sys.argv[1], 'security.protocol': 'sasl_plaintext',
                    'sasl.mechanism': 'SCRAM-SHA-256', 'sasl.username': name, 'sasl.password': password}
            def send(producer):
                codes = []
                producer.produce('t', b'x', partition=0, on_delivery=lambda error, _: codes.append(error))
                producer.flush(5)
                return codes == [None]
            running = Producer(login('like', 'heart'))
            print('before', send(running))
            wanted = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
            change = UserScramCredentialUpsertion('like', wanted, b'soul')
            admin = AdminClient(login('admin', 'root'))
            for future in admin.alter_user_scram_credentials([change]).values():
                future.result()
            print('running', send(running))
            print('new', send(Producer(login('like', 'soul'))))
            """
        )
        for words in ["before True", "running True", "new True"] {
            #expect(output.contains(words), "\(output)")
        }
        #expect(try await !mayWrite(broker, "t", "like", "heart"))
        #expect(try await mayWrite(broker, "t", "like", "soul"))
    }

    @Test func `clients go on when their log-ins expire every second`() async throws {
        let variables = ["BROKER_SECRETS": secrets, "SASL_SESSION_SECONDS": "1"]
        let broker = try await RunningBroker(environment: variables)
        let output = try await broker.python(
            """
            import sys, time
            from confluent_kafka import Producer
            from kafka import KafkaProducer
            errors = []
            producer = Producer({'bootstrap.servers': sys.argv[1], 'security.protocol': 'sasl_plaintext',
                'sasl.mechanism': 'SCRAM-SHA-256', 'sasl.username': 'like', 'sasl.password': 'heart'})
            other = KafkaProducer(bootstrap_servers=sys.argv[1], security_protocol='SASL_PLAINTEXT',
                sasl_mechanism='SCRAM-SHA-512', sasl_plain_username='chat', sasl_plain_password='talk', retries=10)
            for i in range(20):
                producer.produce('t', b'%d' % i, partition=0, callback=lambda error, _: error and errors.append(error))
                other.send('u', b'%d' % i, partition=0).get(10)
                producer.poll(0.2)
            producer.flush(10)
            print('errors', errors)
            """
        )
        #expect(output.contains("errors []"), "\(output)")
    }
}
