import System
import TestSupport
import Testing

/// Transactional producers of foreign clients: librdkafka's, kafka-python's and Apache Kafka's own.
@Suite(.serialized)
struct TransactionTests {
    @Test func `confluent-kafka commits, aborts, hands offsets on, is fenced and timed out`() async throws {
        let broker = try await RunningBroker()
        let output = try await broker.python(Self.confluent)
        #expect(output.contains("committed 30 of 31"))
        #expect(output.contains("handed on 30 up to 32"), "30 records and two markers between them: \(output)")
        #expect(output.contains("zombie fenced"))
        #expect(output.contains("late fenced"))
        #expect(output.contains("in the end 30 of 31"))
    }

    private static let confluent = """
        import sys, time
        from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
        from confluent_kafka.admin import AdminClient, NewTopic
        COMMON = {'bootstrap.servers': sys.argv[1], 'log_level': 0}
        admin = AdminClient(COMMON)
        for made in admin.create_topics([NewTopic('in', 1, 1), NewTopic('out', 1, 1)]).values():
            made.result()

        def producer(name, timeout=10000):
            client = Producer({**COMMON, 'transactional.id': name, 'transaction.timeout.ms': timeout})
            client.init_transactions(10)
            return client

        def count(topic, level):
            client = Consumer({**COMMON, 'group.id': 'reader', 'isolation.level': level, 'enable.partition.eof': True})
            client.assign([TopicPartition(topic, 0, 0)])
            found = 0
            while not (message := client.poll(10)).error():
                found += 1
            client.close()
            return found

        one = producer('one')
        for number in range(3):
            one.begin_transaction()
            for value in range(10):
                one.produce('in', b'%d %d' % (number, value))
            one.commit_transaction(10)
        one.begin_transaction()
        one.produce('in', b'aborted')
        one.flush(10)
        one.abort_transaction(10)
        print('committed', count('in', 'read_committed'), 'of', count('in', 'read_uncommitted'))

        member = Consumer({**COMMON, 'group.id': 'g', 'isolation.level': 'read_committed', 'enable.auto.commit': False,
                           'auto.offset.reset': 'earliest', 'session.timeout.ms': 6000})
        member.subscribe(['in'])
        two = producer('two')
        moved = 0
        while moved < 30:
            messages = member.consume(10, 5)
            if not messages: continue  # Not assigned yet: no offsets to hand on.
            two.begin_transaction()
            for message in messages:
                two.produce('out', message.value())
            two.send_offsets_to_transaction(member.position(member.assignment()), member.consumer_group_metadata(), 10)
            two.commit_transaction(10)
            moved += len(messages)
        committed = member.committed([TopicPartition('in', 0)])[0].offset
        print('handed on', count('out', 'read_committed'), 'up to', committed)

        def end(client, name):
            try:
                client.commit_transaction(10)
            except KafkaException as error:
                print(name, 'fenced' if error.args[0].name() == '_FENCED' else error)

        producer('two')
        two.begin_transaction()
        two.produce('out', b'zombie')
        end(two, 'zombie')
        three = producer('three', 1000)
        three.begin_transaction()
        three.produce('out', b'late')
        three.flush(10)
        deadline = time.time() + 10
        reader = Consumer({**COMMON, 'group.id': 'end', 'isolation.level': 'read_committed'})
        # The transaction is over when a reader of committed records comes to the end of the log.
        high = reader.get_watermark_offsets(TopicPartition('out', 0), timeout=5)[1]
        while time.time() < deadline and reader.get_watermark_offsets(TopicPartition('out', 0), timeout=5)[1] == high:
            time.sleep(0.05)
        end(three, 'late')
        print('in the end', count('out', 'read_committed'), 'of', count('out', 'read_uncommitted'))
        """

    @Test func `kafka-python produces in transactions and hands offsets on`() async throws {
        let broker = try await RunningBroker()
        let output = try await broker.python(
            """
            import sys
            from kafka import KafkaConsumer, KafkaProducer, TopicPartition
            from kafka.admin import KafkaAdminClient, NewTopic
            from kafka.structs import OffsetAndMetadata
            address = sys.argv[1]
            admin = KafkaAdminClient(bootstrap_servers=address)
            admin.create_topics([NewTopic('t', 1, 1)])
            producer = KafkaProducer(bootstrap_servers=address, transactional_id='python')
            producer.init_transactions()
            place = TopicPartition('t', 0)
            for number in range(4):
                producer.begin_transaction()
                for value in range(5):
                    producer.send('t', b'%d %d' % (number, value))
                producer.send_offsets_to_transaction({place: OffsetAndMetadata(number, '', -1)}, 'g')
                if number % 2:
                    producer.flush()
                    producer.abort_transaction()
                else:
                    producer.commit_transaction()
            producer.close()
            reader = KafkaConsumer(bootstrap_servers=address, isolation_level='read_committed', consumer_timeout_ms=2000,
                                   auto_offset_reset='earliest', group_id='g')
            reader.assign([place])
            print('offset', reader.committed(place))
            reader.seek_to_beginning(place)
            print('seen', sorted({message.value.split()[0].decode() for message in reader}))
            """
        )
        #expect(output.contains("offset 2"))
        #expect(output.contains("seen ['0', '2']"))
    }

    @Test(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME names no Apache Kafka"))
    func `Apache Kafka's tools write in transactions, list and describe them and find none hanging`() async throws {
        let broker = try await RunningBroker()
        let libraries = "\(ApacheKafka.home ?? "")/libs/*"
        func tool(_ arguments: String) async throws -> String {
            let words = arguments.split(separator: " ").map(String.init)
            let result = try await Command.run("java", ["-Xmx200m", "-cp", libraries] + words)
            #expect(result.status.isSuccess, "\(arguments): \(result.output.suffix(1000))")
            return result.output
        }
        let commands = "org.apache.kafka.tools.TransactionsCommand --bootstrap-server \(broker.address)"
        _ = try await broker.kcat("-L -t t")
        let sent = try await tool(
            "org.apache.kafka.tools.ProducerPerformance --topic t --num-records 5000 --record-size 100 --throughput -1"
                + " --producer-props bootstrap.servers=\(broker.address)"
                + " --transactional-id perf --transaction-duration-ms 20"
        )
        #expect(sent.contains("5000 records sent"))
        #expect(
            try await broker.kcat("-C -t t -e -X isolation.level=read_committed").split(separator: "\n").count == 5000
        )
        let listed = try await tool("\(commands) list").split(separator: "\n")
        #expect(listed.contains { $0.hasPrefix("perf") && $0.contains("CompleteCommit") })
        #expect(try await tool("\(commands) describe --transactional-id perf").contains("CompleteCommit"))
        let hanging = try await tool("\(commands) find-hanging --broker-id 1 --max-transaction-timeout 1")
        #expect(hanging.split(separator: "\n").count == 1, "\(hanging)")
    }
}
