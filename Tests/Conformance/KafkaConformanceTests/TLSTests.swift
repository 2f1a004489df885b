import System
import TestSupport
import Testing

/// TLS as clients that are not ours speak it: OpenSSL's own, both librdkafkas, kafka-python, Java.
@Suite(.serialized)
struct TLSTests {
    private static let users = """
        {"users": {"booking": "right"}, "superUsers": ["User:admin"], "rules": [
          {"resource": "topic", "name": "payments", "principal": "User:booking", "operation": "all"},
          {"resource": "topic", "name": "bills", "principal": "User:CN=billing,O=Example", "operation": "all"}]}
        """

    private func withBroker(
        _ variables: [String: String] = [:],
        _ body: (RunningBroker, TestCertificates) async throws -> Void
    ) async throws {
        let certificates = try await TestCertificates()
        let directory = try TemporaryDirectory()
        let secrets = try directory.write(Self.users, to: "secrets.json")
        let own = certificates.environment.merging(["BROKER_SECRETS": secrets]) { $1 }
        try await body(try await RunningBroker(environment: own.merging(variables) { $1 }), certificates)
    }

    /// One look by `openssl s_client`, which says what was agreed.
    private func look(_ broker: RunningBroker, _ certificates: TestCertificates, _ options: String) async throws
        -> String
    {
        let line =
            "echo | timeout 5 openssl s_client -connect \(broker.address) -CAfile \(certificates.authority) \(options)"
        return try await Command.run("sh", ["-c", "\(line) 2>&1"]).output
    }

    @Test func `TLS 1.2 and 1.3 are spoken, older ones are not`() async throws {
        try await withBroker { broker, certificates in
            for version in ["1_2", "1_3"] {
                let told = try await look(broker, certificates, "-brief -tls\(version)")
                #expect(told.contains("Verification: OK"), "\(told)")
                #expect(told.contains("TLSv\(version.replacing("_", with: "."))"), "\(told)")
            }
            let old = try await look(broker, certificates, "-brief -tls1_1 -cipher ALL@SECLEVEL=0")
            #expect(!old.contains("CONNECTION ESTABLISHED"), "\(old)")
        }
    }

    @Test func `kcat speaks TLS with and without SASL, and in the clear on the same port`() async throws {
        try await withBroker { broker, certificates in
            let tls = "-X ssl.ca.location=\(certificates.authority)"
            _ = try await broker.kcat("\(tls) -X security.protocol=ssl -P -t open -p 0", input: "1 2")
            #expect(try await broker.kcat("-C -t open -p 0 -e") == "1\n2\n")
            let user = "-X sasl.username=booking -X sasl.password=right"
            for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
                let sasl = "\(tls) -X security.protocol=sasl_ssl -X sasl.mechanism=\(mechanism) \(user)"
                _ = try await broker.kcat("\(sasl) -P -t payments -p 0", input: "paid")
            }
            await #expect(throws: RunningBroker.Failure.self) {
                try await broker.kcat(
                    "\(tls) -X security.protocol=ssl -X message.timeout.ms=2000 -P -t payments -p 0",
                    input: "x",
                    within: 10
                )
            }
        }
    }

    @Test func `what is large goes through whole, both ways`() async throws {
        try await withBroker { broker, certificates in
            let output = try await broker.python(
                """
                import hashlib, os, sys
                from confluent_kafka import Producer, Consumer, TopicPartition
                tls = {'bootstrap.servers': sys.argv[1], 'security.protocol': 'sasl_ssl', 'ssl.ca.location': '\(
                    certificates.authority)', 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.username': 'booking',
                    'sasl.password': 'right'}
                producer = Producer(tls | {'linger.ms': 50, 'batch.size': 900000})
                sent = hashlib.sha256()
                for _ in range(300):
                    value = os.urandom(100000)
                    sent.update(value)
                    producer.produce('payments', value, partition=0)
                assert producer.flush(30) == 0
                consumer = Consumer(tls | {'group.id': 'g', 'fetch.message.max.bytes': 8000000})
                consumer.assign([TopicPartition('payments', 0, 0)])
                read = hashlib.sha256()
                for _ in range(300):
                    message = consumer.poll(10)
                    assert message and not message.error(), message and message.error()
                    read.update(message.value())
                print('same', read.digest() == sent.digest())
                """
            )
            #expect(output.contains("same True"))
        }
    }

    @Test func `kafka-python speaks TLS with every mechanism`() async throws {
        try await withBroker { broker, certificates in
            let output = try await broker.python(
                """
                import sys
                from kafka import KafkaProducer
                for mechanism in ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']:
                    for protocol in ['SASL_SSL', 'SASL_PLAINTEXT']:
                        producer = KafkaProducer(bootstrap_servers=sys.argv[1], security_protocol=protocol,
                            ssl_cafile='\(certificates.authority)', sasl_mechanism=mechanism,
                            sasl_plain_username='booking', sasl_plain_password='right')
                        print(mechanism, protocol, producer.send('payments', b'x', partition=0).get(10).offset)
                        producer.close()
                """
            )
            #expect(output.contains("SCRAM-SHA-512 SASL_PLAINTEXT 5"), "\(output)")
        }
    }

    @Test(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME is not set"), arguments: ["PLAIN", "SCRAM-SHA-512"])
    func `Java's tools speak TLS with SASL`(mechanism: String) async throws {
        try await withBroker { broker, certificates in
            let module = mechanism == "PLAIN" ? "plain.PlainLoginModule" : "scram.ScramLoginModule"
            let directory = try TemporaryDirectory()
            let login = "org.apache.kafka.common.security.\(module) required username=booking password=right;"
            let properties = try directory.write(
                """
                security.protocol=SASL_SSL
                ssl.truststore.type=PEM
                ssl.truststore.location=\(certificates.authority)
                sasl.mechanism=\(mechanism)
                sasl.jaas.config=\(login)
                """,
                to: "client.properties"
            )
            let produced = try await ApacheKafka.tool(
                "org.apache.kafka.tools.ConsoleProducer",
                ["--bootstrap-server", broker.address, "--topic", "payments", "--command-config", properties],
                input: "from java\n"
            )
            #expect(produced.status.isSuccess, "\(produced.output)\n\(broker.process.log)")
            #expect(try await broker.kcat("-C -t payments -e", as: "booking", "right").contains("from java"))
        }
    }

    @Test func `a client is who its certificate says`() async throws {
        try await withBroker { broker, certificates in
            let tls = "-X security.protocol=ssl -X ssl.ca.location=\(certificates.authority)"
            let shown = certificates.client
            let own = "-X ssl.certificate.location=\(shown.certificate) -X ssl.key.location=\(shown.key)"
            _ = try await broker.kcat("\(tls) \(own) -P -t bills -p 0", input: "paid")
            await #expect(throws: RunningBroker.Failure.self) {
                try await broker.kcat("\(tls) -X message.timeout.ms=2000 -P -t bills -p 0", input: "x", within: 10)
            }
        }
    }

    @Test func `who shows no certificate, or a stranger's, is turned away where one is required`() async throws {
        try await withBroker(["TLS_CLIENT_AUTH": "required"]) { broker, certificates in
            let strangers = try await TestCertificates().client
            let shown = certificates.client
            // TLS 1.2 tells in the handshake; by 1.3 a client would learn it only later.
            let none = try await look(broker, certificates, "-brief -tls1_2")
            #expect(!none.contains("CONNECTION ESTABLISHED"), "\(none)")
            let foreign = "-brief -tls1_2 -cert \(strangers.certificate) -key \(strangers.key)"
            #expect(!(try await look(broker, certificates, foreign)).contains("CONNECTION ESTABLISHED"))
            let right = "-brief -tls1_2 -cert \(shown.certificate) -key \(shown.key)"
            #expect(try await look(broker, certificates, right).contains("CONNECTION ESTABLISHED"))
        }
    }

    /// Runs a subcommand of the broker's own.
    private func ask(_ broker: RunningBroker, _ words: String, _ login: [String: String] = [:]) async throws -> (
        isDone: Bool, output: String
    ) {
        let words = words.split(separator: " ").map(String.init) + ["--bootstrap", broker.address]
        let path = try ServiceProcess.path(of: "broker")
        let result = try await Command.run(path, words, environment: login, within: 40)
        return (result.status.isSuccess, result.output)
    }

    @Test func `the broker's own subcommands speak TLS, with a user or a certificate`() async throws {
        try await withBroker { broker, certificates in
            let tls = "--ca \(certificates.authority)"
            let login = ["KAFKA_SASL_USERNAME": "booking", "KAFKA_SASL_PASSWORD": "right"]
            #expect(try await ask(broker, "topics create payments \(tls)", login).isDone)
            #expect(try await ask(broker, "topics describe payments \(tls)", login).output.contains("payments"))
            let shown = certificates.client
            let own = "\(tls) --cert \(shown.certificate) --key \(shown.key)"
            #expect(try await ask(broker, "topics create bills \(own)").isDone)
            #expect(try await !ask(broker, "topics delete bills \(tls)").isDone, "it is the certificate's")
            let strangers = try await TestCertificates()
            let refused = try await ask(broker, "topics list --ca \(strangers.authority)")
            #expect(!refused.isDone && refused.output.contains("certificate verify failed"), "\(refused.output)")
            #expect(try await !ask(broker, "topics list --tls").isDone, "the system knows no such authority")
            let half = try await ask(broker, "topics list \(tls) --cert \(shown.certificate)")
            #expect(!half.isDone && half.output.contains("belong together"), "\(half.output)")
        }
        try await withBroker(["TLS_CLIENT_AUTH": "required"]) { broker, certificates in
            let tls = "--ca \(certificates.authority)"
            let stranger = try await ask(broker, "topics list \(tls)")
            #expect(!stranger.isDone, "\(stranger.output)")
            let shown = certificates.client
            let own = "\(tls) --cert \(shown.certificate) --key \(shown.key)"
            let known = try await ask(broker, "topics list \(own)")
            #expect(known.isDone, "\(known.output)")
        }
    }

    @Test func `a renewed certificate is shown without a restart, and a broken one never`() async throws {
        try await withBroker { broker, certificates in
            #expect(try await look(broker, certificates, "-brief").contains("CN = localhost"))
            try await certificates.renew()
            try await eventually("the new certificate is shown") {
                try await look(broker, certificates, "-brief").contains("CN = renewed")
            }
            try File.replace(certificates.server.certificate, with: Array("nothing".utf8))
            try await eventually("the broker says so") {
                broker.process.log.contains("the certificate stays as it was")
            }
            #expect(try await look(broker, certificates, "-brief").contains("CN = renewed"))
        }
    }

    @Test func `half a handshake is given up, and harms nobody`() async throws {
        try await withBroker { broker, certificates in
            let output = try await broker.python(
                """
                import socket, sys, time
                host, port = sys.argv[1].split(':')
                def connect(data):
                    s = socket.create_connection((host, int(port)), 20)
                    s.sendall(data)
                    return s
                waiting = [connect(b'\\x16\\x03\\x01') for _ in range(50)]
                broken = connect(b'\\x16\\x03\\x01\\x00\\x05hello')
                print('broken', len(broken.recv(100)) > 0, broken.recv(100))
                began = time.time()
                print('given up', all(s.recv(100) == b'' for s in waiting), 8 < time.time() - began < 18)
                """
            )
            #expect(output.contains("broken True b''"), "\(output)")
            #expect(output.contains("given up True True"), "\(output)")
            #expect(try await look(broker, certificates, "-brief").contains("Verification: OK"))
        }
    }

    @Test func `it does not start on files that do not fit`() async throws {
        let certificates = try await TestCertificates()
        let wrong = ["TLS_CERT": certificates.server.certificate, "TLS_KEY": certificates.client.key]
        for (variables, words) in [
            (wrong, "key values mismatch"), (["TLS_CERT": "x"], "TLS_CERT and TLS_KEY are not both"),
        ] {
            let process = try ServiceProcess("broker", environment: variables)
            #expect(try await !process.ended().isSuccess)
            #expect(process.log.contains(words), "\(process.log)")
        }
    }
}
