"""10,000 partitions and 2,000 idle connections at one broker: starts, memory, and latency beside a broker with neither."""

import socket
import struct
import time

import report

TOPICS, PARTITIONS = 10, 1000
CONNECTIONS = 2000
ROUNDS = 3


def measure(make):
    """`make` starts a broker of ours."""
    small, crowded = make(), make()
    before = crowded.process.memory()
    for _ in range(TOPICS):
        topic = crowded.topic(PARTITIONS)
        # Every partition has records, so every one has files.
        crowded.load("produce", topic, PARTITIONS, 20 * PARTITIONS, 100, 5, 10000)
    cost("memory per partition", (crowded.process.memory() - before) / (TOPICS * PARTITIONS) / 1024, "KiB")
    starts(small, crowded)
    connections = [connect(crowded.port) for _ in range(CONNECTIONS)]
    cost("memory with all of that, idle", crowded.process.memory() / 2**20, "MiB")
    latency(small, crowded)
    for connection in connections:
        connection.close()
    small.process.kill()
    crowded.process.kill()


def starts(small, crowded):
    runs = {"stop": ([], []), "kill": ([], [])}
    for _ in range(ROUNDS):
        for end in runs:
            for broker, times in zip((crowded, small), runs[end]):
                getattr(broker.process, end)()
                began = broker.start()
                times.append((time.monotonic() - began) * 1000)
    for end, word in (("stop", "a clean stop"), ("kill", "SIGKILL")):
        ours, theirs = runs[end]
        compare(f"start after {word} with 10,000 partitions", ours, theirs, None)


def latency(small, crowded):
    measures = {"p50": ([], []), "p99": ([], [])}
    topics = {broker: broker.topic(1) for broker in (small, crowded)}
    for number in range(ROUNDS + 1):
        for broker, place in ((crowded, 0), (small, 1)):
            result = broker.load("latency", topics[broker], 2000, 3)
            if number:
                for name, runs in measures.items():
                    runs[place].append(result[name])
    for name, (ours, theirs) in measures.items():
        compare(f"produce to consume in that crowd, {name}", ours, theirs, 1.25)


def connect(port):
    """A client that has said hello (ApiVersions 0) and waits."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    request = struct.pack(">hhih", 18, 0, 1, 4) + b"idle"
    connection.sendall(struct.pack(">i", len(request)) + request)
    if len(connection.recv(4096)) < 8:
        raise SystemExit("no good answer")
    return connection


def compare(measure, ours, theirs, goal):
    report.add("broker", measure, ours, "ms", "a broker without", theirs, goal, True)


def cost(measure, value, unit):
    report.add("broker", f"10,000 partitions: {measure}", value, unit, cost=True)
