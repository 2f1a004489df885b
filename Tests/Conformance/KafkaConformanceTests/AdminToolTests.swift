import System
import TestSupport
import Testing

/// The tools that people look after a cluster with, ours and others', against our broker.
@Suite(.serialized)
struct AdminToolTests {
    /// A broker where `admin` with password `s` may do everything.
    private func broker(_ directory: TemporaryDirectory) async throws -> RunningBroker {
        let secrets = try directory.write(
            #"{"users": {"admin": "s"}, "superUsers": ["User:admin"], "rules": []}"#,
            to: "secrets.json"
        )
        return try await RunningBroker(environment: ["BROKER_SECRETS": secrets])
    }

    private static let topicTool = "org.apache.kafka.tools.TopicCommand"
    private static let configTool = "kafka.admin.ConfigCommand"
    private static let groupTool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
    private static let aclTool = "org.apache.kafka.tools.AclCommand"

    /// A tool's arguments, and what it must print.
    private static let calls: [(tool: String, arguments: String, output: String)] = [
        (topicTool, "--create --topic j --partitions 3 --config retention.ms=5000000", "Created topic j."),
        (topicTool, "--describe --topic j", "Configs: retention.ms=5000000"),
        (topicTool, "--alter --topic j --partitions 5", ""),
        (
            configTool,
            "--alter --entity-type topics --entity-name j --add-config segment.bytes=3000000 --delete-config retention.ms",
            "Completed updating config for topic j."
        ),
        (
            configTool, "--describe --all --entity-type topics --entity-name j",
            "{DYNAMIC_TOPIC_CONFIG:segment.bytes=3000000, DEFAULT_CONFIG:log.segment.bytes=1073741824}"
        ),
        (
            configTool, "--alter --entity-type brokers --entity-name 1 --add-config max.connections=700",
            "Completed updating config for broker 1."
        ),
        (
            configTool, "--describe --entity-type brokers --entity-name 1",
            "{DYNAMIC_BROKER_CONFIG:max.connections=700, STATIC_BROKER_CONFIG:max.connections=10000}"
        ),
        (
            configTool,
            "--alter --entity-type users --entity-name bob --entity-type clients --entity-default --add-config "
                + "producer_byte_rate=1024,request_percentage=20",
            "Completed updating config for user bob."
        ),
        (
            configTool, "--alter --entity-type users --entity-name bob --add-config SCRAM-SHA-256=[password=pw]",
            "Completed updating config for user bob."
        ),
        (
            configTool, "--describe --entity-type users --entity-name bob",
            "SCRAM credential configs for user-principal 'bob' are SCRAM-SHA-256=iterations=4096"
        ),
        (
            configTool, "--describe --entity-type users --entity-name bob --entity-type clients --entity-default",
            "producer_byte_rate=1024.0"  // The tool names them in any order.
        ),
        (
            configTool, "--alter --entity-type users --entity-name bob --delete-config SCRAM-SHA-256",
            "Completed updating config for user bob."
        ),
        (groupTool, "--group jg --topic j --reset-offsets --to-earliest --execute", "NEW-OFFSET"),
        (groupTool, "--list --state", "Empty"),
        (groupTool, "--describe --group jg", "CURRENT-OFFSET"),
        (groupTool, "--group jg --topic j:0 --delete-offsets", "Successful"),
        (groupTool, "--group jg --delete", "Deletion of requested consumer groups ('jg') was successful."),
        ("org.apache.kafka.tools.LogDirsCommand", "--describe --topic-list j", "\"partition\":\"j-4\""),
        (
            "org.apache.kafka.tools.LeaderElectionCommand", "--election-type preferred --topic j --partition 0",
            "Valid replica already elected for partitions j-0"
        ),
        ("org.apache.kafka.tools.MetadataQuorumCommand", "describe --status", "LeaderId:               1"),
        ("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--list", "No partition reassignments found."),
        (
            aclTool, "--add --allow-principal User:bob --operation Read --topic j",
            "operation=READ, permissionType=ALLOW"
        ),
        (aclTool, "--list --topic j", "principal=User:bob"),
        (aclTool, "--remove --force --topic j", ""),
        (topicTool, "--delete --topic j", ""),
    ]

    @Test(.enabled(if: ApacheKafka.home != nil))
    func `Apache Kafka's tools administer the broker`() async throws {
        let home = try #require(ApacheKafka.home)
        let directory = try TemporaryDirectory()
        let broker = try await broker(directory)
        let login = try directory.write(
            """
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=SCRAM-SHA-256
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="s";
            """,
            to: "login.properties"
        )
        let common = ["--bootstrap-server", broker.address, "--command-config", login]
        let lines = Self.calls.map { call in
            ([call.tool] + common + call.arguments.split(separator: " ").map(String.init)).joined(separator: "\t")
        }
        let calls = try directory.write(lines.joined(separator: "\n"), to: "calls")
        let program = "\(SourceFile.repository)/Tests/Fixtures/kafka/Tools.java"
        let result = try await Command.run(
            "java",
            ["-Xmx256m", "-cp", "\(home)/libs/*", program, calls],
            within: 120
        )
        #expect(result.status.isSuccess, "\(result.output)")
        let answers = result.output.split(separator: "== ", omittingEmptySubsequences: false).dropFirst()
        try #require(answers.count == Self.calls.count, "\(result.output)")
        for (call, answer) in zip(Self.calls, answers) {
            let said = answer.split(separator: "\n").dropFirst().joined(separator: "\n")
            #expect(answer.contains("-- exit 0") && said.contains(call.output), "\(answer)")
        }
    }

    @Test func `confluent-kafka's admin client makes users, settings, rules and offsets`() async throws {
        let directory = try TemporaryDirectory()
        let output = try await broker(directory).python(
            """
            import sys
            from confluent_kafka import TopicPartition, ConsumerGroupTopicPartitions, ElectionType
            from confluent_kafka.admin import *
            def client(user, password, mechanism):
                return AdminClient({'bootstrap.servers': sys.argv[1], 'security.protocol': 'SASL_PLAINTEXT',
                                    'sasl.mechanism': mechanism, 'sasl.username': user, 'sasl.password': password})
            def results(futures):
                return {key: future.result() for key, future in futures.items()}
            admin = client('admin', 's', 'SCRAM-SHA-256')
            results(admin.create_topics([NewTopic('ck', 2, 1)]))
            scram = ScramMechanism.SCRAM_SHA_512
            user = UserScramCredentialUpsertion('carol', ScramCredentialInfo(scram, 5000), b'pw')
            results(admin.alter_user_scram_credentials([user]))
            users = admin.describe_user_scram_credentials().result()
            print('iterations', [i.iterations for i in users['carol'].scram_credential_infos])
            print('seen', 'ck' in client('carol', 'pw', 'SCRAM-SHA-512').list_topics(timeout=10).topics)
            results(admin.alter_user_scram_credentials([UserScramCredentialDeletion('carol', scram)]))
            print('users', sorted(admin.describe_user_scram_credentials().result()))
            change = ConfigEntry('max.connections', '900', incremental_operation=AlterConfigOpType.SET)
            results(admin.incremental_alter_configs(
                [ConfigResource(ConfigResource.Type.BROKER, '1', incremental_configs=[change])]))
            resource = ConfigResource(ConfigResource.Type.BROKER, '1')
            print('limit', results(admin.describe_configs([resource]))[resource]['max.connections'].value)
            offsets = [ConsumerGroupTopicPartitions('cg', [TopicPartition('ck', 0, 0)])]
            results(admin.alter_consumer_group_offsets(offsets))
            print('groups', [g.group_id for g in admin.list_consumer_groups().result().valid])
            print('state', results(admin.describe_consumer_groups(['cg']))['cg'].state)
            election = admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition('ck', 0)]).result()
            print('election', [error.name() for error in election.values()])
            rule = AclBinding(ResourceType.TOPIC, 'ck', ResourcePatternType.PREFIXED, 'User:bob', '*',
                              AclOperation.READ, AclPermissionType.ALLOW)
            results(admin.create_acls([rule]))
            every = AclBindingFilter(ResourceType.TOPIC, 'ck', ResourcePatternType.ANY, None, None,
                                     AclOperation.ANY, AclPermissionType.ANY)
            print('rules', [a.principal for a in admin.describe_acls(every).result()])
            print('deleted', [len(v) for v in results(admin.delete_acls([every])).values()])
            results(admin.delete_consumer_groups(['cg']))
            print('left', admin.list_consumer_groups().result().valid)
            """
        )
        for line in [
            "iterations [5000]", "seen True", "users ['admin']", "limit 900", "groups ['cg']",
            "state ConsumerGroupState.EMPTY", "election ['ELECTION_NOT_NEEDED']", "rules ['User:bob']", "deleted [1]",
            "left []",
        ] { #expect(output.contains(line), "\(line) in \(output)") }
    }

    @Test func `kafka-python's admin client sees one node`() async throws {
        let directory = try TemporaryDirectory()
        let output = try await broker(directory).python(
            """
            import sys
            from kafka.admin import KafkaAdminClient, NewTopic
            admin = KafkaAdminClient(bootstrap_servers=sys.argv[1], security_protocol='SASL_PLAINTEXT',
                                     sasl_mechanism='SCRAM-SHA-512', sasl_plain_username='admin',
                                     sasl_plain_password='s')
            admin.create_topics([NewTopic('kp', 2, 1)])
            page = admin.describe_topic_partitions(['kp'])
            print('leaders', [p['leader_id'] for p in page['topics'][0]['partitions']])
            folders = admin.describe_log_dirs()[0]['log_dirs'][0]['topics']
            print('folder', [len(t['partitions']) for t in folders if t['name'] == 'kp'])
            quorum = admin.describe_metadata_quorum()
            print('leader', quorum['topics'][0]['partitions'][0]['leader_id'])
            print('moves', admin.list_partition_reassignments())
            print('resources', admin.list_config_resources()['broker'])
            """
        )
        for line in ["leaders [1, 1]", "folder [2]", "leader 1", "moves {}", "resources ['1']"] {
            #expect(output.contains(line), "\(line) in \(output)")
        }
    }

    @Test func `a client is throttled by its quota and told so`() async throws {
        let directory = try TemporaryDirectory()
        let broker = try await broker(directory)
        #expect(try await run(broker, "quotas set --client-id slow --set producer_byte_rate=50000").code == 0)
        let output = try await broker.python(
            """
            import sys, time
            from confluent_kafka import Producer
            throttles = []
            producer = Producer({'bootstrap.servers': sys.argv[1], 'client.id': 'slow', 'linger.ms': 0,
                                 'throttle_cb': lambda event: throttles.append(event.throttle_time)})
            begin = time.monotonic()
            for i in range(15):
                producer.produce('q', b'x' * 10000, partition=0)
                producer.flush()
            print('slowed', time.monotonic() - begin > 1.5, 'told', max(throttles) > 0)
            """
        )
        #expect(output.contains("slowed True told True"), "\(output)")
    }

    // MARK: Our own subcommands

    private func run(_ broker: RunningBroker, _ words: String) async throws -> (code: Int32?, output: String) {
        let result = try await Command.run(
            ServiceProcess.path(of: "broker"),
            words.split(separator: " ").map(String.init) + ["--bootstrap", broker.address],
            environment: ["KAFKA_SASL_USERNAME": "admin", "KAFKA_SASL_PASSWORD": "s"],
            within: 30
        )
        guard case .exited(let code) = result.status else { return (nil, result.output) }
        return (code, result.output)
    }

    @Test func `the broker's own subcommands look after topics and groups`() async throws {
        let directory = try TemporaryDirectory()
        let broker = try await broker(directory)
        #expect(try await run(broker, "topics create t --partitions 2 --set retention.ms=5000000").code == 0)
        let again = try await run(broker, "topics create t")
        #expect(again.code == 1 && again.output == "broker: topic t: TOPIC_ALREADY_EXISTS\n")
        _ = try await broker.kcat(
            "-X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN -X sasl.username=admin -X sasl.password=s "
                + "-P -t t -p 1",
            input: "hello"
        )
        let ends = try await run(broker, "topics describe t --json").output
        #expect(ends.contains(#""end" : "1""#) && ends.contains(#""partition" : "1""#))
        #expect(
            try await run(broker, "topics alter t --partitions 3 --unset retention.ms --set segment.ms=600000").code
                == 0
        )
        let settings = try await run(broker, "configs describe topic t").output
        #expect(settings.contains("segment.ms  600000") && !settings.contains("retention.ms"))
        #expect(try await run(broker, "groups reset g t --earliest").code == 0)
        let lag = try await run(broker, "groups describe g --json").output
        #expect(lag.contains(#""lag" : "1""#) && lag.contains(#""state" : "Empty""#))
        #expect(try await run(broker, "groups forget g t").code == 0)
        #expect(try await run(broker, "groups delete g").code != nil)
        #expect(try await run(broker, "groups describe g").code == 1)
        #expect(try await run(broker, "topics delete t").code == 0)
        #expect(try await !run(broker, "topics list").output.contains("\nt "))
    }

    @Test func `the broker's own subcommands look after users, rules and quotas`() async throws {
        let directory = try TemporaryDirectory()
        let broker = try await broker(directory)
        let password = try directory.write("pw\n", to: "password")
        #expect(try await run(broker, "users set bob --password-file \(password)").code == 0)
        #expect(try await run(broker, "users list").output.contains("bob    SCRAM-SHA-512  4096"))
        #expect(try await run(broker, "acls add topic t --principal User:bob --operation read --prefixed").code == 0)
        #expect(try await run(broker, "acls list").output.contains("topic     t     prefixed  User:bob   *     read"))
        #expect(try await run(broker, "acls delete topic t --principal User:bob --operation read --prefixed").code == 0)
        #expect(try await !run(broker, "acls list").output.contains("bob"))
        #expect(try await run(broker, "quotas set --user bob --set producer_byte_rate=5").code == 0)
        #expect(try await run(broker, "quotas list").output.contains("producer_byte_rate"))
        #expect(try await run(broker, "quotas delete --user bob --unset producer_byte_rate").code == 0)
        #expect(try await !run(broker, "quotas list").output.contains("producer_byte_rate"))
        #expect(try await run(broker, "users delete bob").code == 0)
        #expect(try await run(broker, "users delete bob").code == 1)
    }

    @Test(arguments: ["topics frob", "topics create", "acls add topic t", "nonsense list", "topics list --colour red"])
    func `what makes no sense is wrong usage`(words: String) async throws {
        let directory = try TemporaryDirectory()
        let result = try await run(broker(directory), words)
        #expect(result.code == 2 && result.output.hasPrefix("broker: "), "\(result.output)")
    }

    @Test func `a broker that is not there is an error`() async throws {
        let port = try PortProbe.freePort()
        let path = try ServiceProcess.path(of: "broker")
        let result = try await Command.run(path, ["topics", "list", "--bootstrap", "127.0.0.1:\(port)"], within: 40)
        #expect(result.status == .exited(1) && result.output.contains("cannot reach a broker"), "\(result.output)")
    }
}
