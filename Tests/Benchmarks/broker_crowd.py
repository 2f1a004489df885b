"""1,000 and 10,000 partitions and 2,000 idle connections at one broker: starts, memory, and latency beside a broker with
one partition and no one."""

import socket
import struct
import time

import report

COUNTS = (1, 1000, 10_000)
# So many are made and filled at a time.
TOPIC = 1000
CONNECTIONS = 2000
ROUNDS = 3
# Idle partitions are closed after ten seconds, looked for every fifteen.
REST = 30


def measure(make):
    """`make` starts a broker of ours."""
    brokers = {count: make() for count in COUNTS}
    for count, broker in brokers.items():
        fill(broker, count)
    time.sleep(REST)
    for count, broker in brokers.items():
        cost(count, "memory after they were filled and at rest", mebibytes(broker), "MiB")
    starts(brokers)
    for count, broker in brokers.items():
        cost(count, "memory after a start", mebibytes(broker), "MiB")
    latency(brokers, "")
    crowded = brokers[COUNTS[-1]]
    before = mebibytes(crowded)
    connections = [connect(crowded.port) for _ in range(CONNECTIONS)]
    cost(COUNTS[-1], f"memory of {CONNECTIONS:,} idle connections", mebibytes(crowded) - before, "MiB")
    latency(brokers, f" and {CONNECTIONS:,} connections", (1, COUNTS[-1]))
    for connection in connections:
        connection.close()
    for broker in brokers.values():
        broker.process.kill()


def fill(broker, count):
    """Every partition has records, so every one has files."""
    while count > 0:
        partitions = min(count, TOPIC)
        broker.load("produce", broker.topic(partitions), partitions, 20 * partitions, 100, 5, 10000)
        count -= partitions


def starts(brokers):
    """From the program's start to the first answer, and the processor time up to there."""
    times = {(count, end): ([], []) for count in brokers for end in ("stop", "kill")}
    for _ in range(ROUNDS):
        for (count, end), (spent, processor) in times.items():
            broker = brokers[count]
            getattr(broker.process, end)()
            began = broker.start()
            connect(broker.port).close()
            spent.append((time.monotonic() - began) * 1000)
            processor.append(broker.process.cpu() * 1000)
    for end, word in (("stop", "a clean stop"), ("kill", "SIGKILL")):
        for count in COUNTS:
            spent, processor = times[count, end]
            # One partition's is often none at all: processor time is counted by 10 ms.
            cost(count, f"start to first answer after {word}, processor time", processor, "ms")
            if count > 1:
                compare(count, f"start to first answer after {word}", spent, times[1, end][0], None)


def latency(brokers, crowd, counts=COUNTS):
    measures = {(count, name): [] for count in counts for name in ("p50", "p99")}
    for number in range(ROUNDS + 1):
        for count in counts:
            result = brokers[count].load("latency", brokers[count].topic(1), 2000, 3)
            for name in ("p50", "p99") if number else ():
                measures[count, name].append(result[name])
    for count in counts[1:]:
        for name in ("p50", "p99"):
            compare(count, f"produce to consume{crowd}, {name}", measures[count, name], measures[1, name], 1.25)


def connect(port):
    """A client that has said hello (ApiVersions 0) and waits."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    request = struct.pack(">hhih", 18, 0, 1, 4) + b"idle"
    connection.sendall(struct.pack(">i", len(request)) + request)
    if len(connection.recv(4096)) < 8:
        raise SystemExit("no good answer")
    return connection


def mebibytes(broker):
    return broker.process.memory() / 2**20


def compare(count, measure, ours, theirs, goal):
    report.add("broker", f"{count:,} partitions: {measure}", ours, "ms", "one partition", theirs, goal, True)


def cost(count, measure, value, unit):
    report.add("broker", f"{count:,} partitions: {measure}", value, unit, cost=True)
