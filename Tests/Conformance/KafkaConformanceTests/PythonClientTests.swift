import Testing

/// kafka-python (its own protocol code) and confluent-kafka (a current librdkafka).
@Suite(.serialized)
struct PythonClientTests {
    @Test func `kafka-python produces, joins a group, commits and looks up times`() async throws {
        let broker = try await RunningBroker()
        let output = try await broker.python(
            """
            import sys
            from kafka import KafkaProducer, KafkaConsumer, TopicPartition
            from kafka.admin import KafkaAdminClient, NewTopic
            address = sys.argv[1]
            admin = KafkaAdminClient(bootstrap_servers=address)
            admin.create_topics([NewTopic('t', 3, 1)])
            producer = KafkaProducer(bootstrap_servers=address)
            for i in range(100):
                producer.send('t', key=b'k%d' % i, value=b'v%d' % i)
            producer.flush()
            consumer = KafkaConsumer('t', bootstrap_servers=address, group_id='g', auto_offset_reset='earliest',
                                     consumer_timeout_ms=10000)
            seen = set()
            for message in consumer:
                seen.add(message.value)
                if len(seen) == 100:
                    break
            consumer.commit()
            consumer.close()
            reader = KafkaConsumer(bootstrap_servers=address, group_id='g')
            partitions = [TopicPartition('t', i) for i in range(3)]
            print('committed', sum(reader.committed(p) or 0 for p in partitions))
            print('end', sum(reader.end_offsets(partitions).values()))
            print('first', sorted(o.offset for o in reader.offsets_for_times({p: 1 for p in partitions}).values()))
            """
        )
        #expect(output.contains("committed 100"))
        #expect(output.contains("end 100"))
        #expect(output.contains("first [0, 0, 0]"))
    }

    @Test func `confluent-kafka produces idempotently and consumes as a static member`() async throws {
        let broker = try await RunningBroker()
        let output = try await broker.python(
            """
            import sys
            from confluent_kafka import Producer, Consumer, TopicPartition
            from confluent_kafka.admin import AdminClient, NewTopic, ConfigResource
            address = sys.argv[1]
            admin = AdminClient({'bootstrap.servers': address})
            for future in admin.create_topics([NewTopic('t', 3, 1, config={'retention.ms': '1000000'})]).values():
                future.result()
            delivered = []
            def report(error, message):
                assert error is None, error
                delivered.append(message.offset())
            producer = Producer({'bootstrap.servers': address, 'enable.idempotence': True})
            for i in range(5000):
                producer.produce('t', b'v%d' % i, key=b'k%d' % i, headers={'h': b'1'}, callback=report)
                producer.poll(0)
            producer.flush()
            consumer = Consumer({'bootstrap.servers': address, 'group.id': 'g', 'auto.offset.reset': 'earliest',
                                 'enable.auto.commit': False, 'group.instance.id': 'one'})
            consumer.subscribe(['t'])
            values = set()
            while len(values) < 5000:
                message = consumer.poll(10)
                assert message is not None and message.error() is None, message and message.error()
                assert message.headers() == [('h', b'1')]
                values.add(message.value())
            consumer.commit(asynchronous=False)
            committed = consumer.committed([TopicPartition('t', i) for i in range(3)])
            print('delivered', len(delivered), 'committed', sum(p.offset for p in committed))
            consumer.close()
            for future in admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, 't')]).values():
                print('retention', future.result()['retention.ms'].value)
            for future in admin.delete_topics(['t']).values():
                future.result()
            print('topics', [t for t in admin.list_topics().topics if not t.startswith('__')])
            """
        )
        #expect(output.contains("delivered 5000 committed 5000"))
        #expect(output.contains("retention 1000000"))
        #expect(output.contains("topics []"))
    }
}
