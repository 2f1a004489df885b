import System
import TestSupport
import Testing

/// A foreign client's idempotent producers and consumer group while the broker is killed again and again: 15
/// times, or as often as `KILLS` says.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct KillTests {
    private static let kills = KillProgram.kills(15)

    @Test func `through repeated kills nothing acknowledged is lost, doubled or out of order`() async throws {
        let directory = try TemporaryDirectory()
        let (data, ended) = (directory.appending("data"), directory.appending("ended"))
        let port = try PortProbe.freePort()
        var broker = try await RunningBroker(data: data, port: port)
        let address = broker.address
        async let judged = Command.python(
            KillProgram.setUp + Self.program,
            [address, ended, "\(Self.kills)"],
            within: 180 + 3 * Double(Self.kills)
        )
        for _ in 0..<Self.kills {
            // The moment of the kill is the scenario: anywhere in a round, a start, a rebalance.
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...700)))
            try await broker.process.kill()
            broker = try await RunningBroker(data: data, port: port)
        }
        _ = try await Command.run("touch", [ended])
        let result = try await judged
        #expect(result.status.isSuccess && result.output.contains("all is well"), "\(result.output.suffix(3000))")
        #expect(try await broker.process.stop().isSuccess)
    }

    /// Three producers and two members of a group; then a reader of its own judges what they saw, by the rules of
    /// Jepsen's checker for Kafka: no lost write, one value per offset, no duplicate, order per producer, no offset
    /// committed and forgotten.
    private static let program = """
        # All is kept until it is judged: a long run is a slow one.
        PAUSE = 0.002 * max(1, int(KILLS) / 15)
        GROUP = "watchers"
        sent, acked, failed, seen, committed = defaultdict(int), {}, [], [], defaultdict(int)
        produced = threading.Event()
        finished = threading.Event()

        def produce(name):
            client = Producer({**COMMON, "enable.idempotence": True, "linger.ms": 1, "message.timeout.ms": 900000})
            def delivered(error, message):
                if error:
                    failed.append(str(error))
                else:
                    acked[(message.partition(), message.offset())] = message.value()
            number = 0
            while not os.path.exists(ENDED):
                for _ in range(20):
                    partition = number % PARTITIONS
                    value = b"%s %d" % (name, sent[(name, partition)])
                    client.produce(TOPIC, value, partition=partition, on_delivery=delivered)
                    sent[(name, partition)] += 1
                    number += 1
                client.poll(PAUSE)
                while len(client) > 10000:
                    client.poll(0.05)
            if client.flush(120):
                failed.append("not flushed")

        def consume():
            client = Consumer({**COMMON, "group.id": GROUP, "auto.offset.reset": "earliest",
                               "enable.auto.commit": False, "session.timeout.ms": 6000})
            client.subscribe([TOPIC])
            while not finished.is_set():
                batch = [m for m in client.consume(200, 0.1) if not m.error()]
                for message in batch:
                    seen.append((message.partition(), message.offset(), message.value()))
                if not batch:
                    continue
                try:
                    for place in client.commit(asynchronous=False) or []:
                        if place.error is None:
                            committed[place.partition] = max(committed[place.partition], place.offset)
                except KafkaException:
                    # The broker is away or the group is made anew: what was not committed is read again.
                    pass
            client.close()

        writers = [threading.Thread(target=produce, args=(name,)) for name in (b"a", b"b", b"c")]
        members = [threading.Thread(target=consume) for _ in range(2)]
        for thread in writers + members:
            thread.start()
        for thread in writers:
            thread.join()

        reader = Consumer({**COMMON, "group.id": "judge"})
        ends = {}
        def bounds():
            ends.update({p.partition: reader.get_watermark_offsets(p, timeout=5)[1] for p in places})
            return True
        eventually("the ends are known", bounds)
        reader.assign(places)
        log = defaultdict(list)
        def read():
            for message in reader.consume(1000, 0.2):
                if not message.error():
                    log[message.partition()].append((message.offset(), message.value()))
            return all(len(log[p]) >= ends[p] for p in ends)
        eventually("the log is read", read)
        keeper = Consumer({**COMMON, "group.id": GROUP})
        def caught_up():
            return {p.partition: p.offset for p in keeper.committed(places, timeout=5)} == ends
        eventually("the group has committed the ends", caught_up)
        finished.set()
        for thread in members:
            thread.join()

        problems += ["%d deliveries failed: %s" % (failed.count(why), why) for why in sorted(set(failed))]
        for partition, records in log.items():
            if [offset for offset, _ in records] != list(range(ends[partition])):
                problems.append("offsets of %d are not dense" % partition)
            by_producer = defaultdict(list)
            for _, value in records:
                name, number = value.split()
                by_producer[name].append(int(number))
            for name, numbers in by_producer.items():
                if numbers != list(range(sent[(name, partition)])):
                    problems.append("%s in %d: lost, doubled or out of order" % (name, partition))
        final = {(p, offset): value for p, records in log.items() for offset, value in records}
        lost = [at for at, value in acked.items() if final.get(at) != value]
        if lost:
            problems.append("acknowledged and not in the log: %d, first %s" % (len(lost), lost[:3]))
        if len(acked) != sum(sent.values()):
            problems.append("never acknowledged: %d of %d" % (sum(sent.values()) - len(acked), sum(sent.values())))
        if any(final.get((p, offset)) != value for p, offset, value in seen):
            problems.append("the group read what is not in the log")
        if {(p, offset) for p, offset, _ in seen} != set(final):
            problems.append("the group has not read all")
        if any(committed[p] > ends[p] for p in ends):
            problems.append("a commit beyond the end")
        print(len(final), "records,", len(seen), "read by the group")
        if len(final) < 1000:
            problems.append("too few to judge")
        judge()
        """
}
