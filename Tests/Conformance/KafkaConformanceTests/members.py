"""Members of a group whose assignments the broker makes come, go, are killed and come back while records arrive.

Arguments: the broker's address, a folder, and the seconds that it goes on at least. Each member is a process that commits
what it has read and writes down before and after that it does. At the end: every record was committed, none by two members.
"""
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

TOPIC, GROUP = "moved.here", "moved"


def common(address):
    return {"bootstrap.servers": address, "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100, "log_level": 0,
            "socket.timeout.ms": 10000}


def member(address, path, instance, topics):
    """Reads and commits until it is told to end (SIGTERM)."""
    journal = open(path, "a", buffering=1)
    ends = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(1))
    pending = {}
    settings = {**common(address), "group.id": GROUP, "group.protocol": "consumer", "auto.offset.reset": "earliest",
                "enable.auto.commit": False}
    if instance:
        settings["group.instance.id"] = instance
    client = Consumer(settings)

    def commit(partitions):
        places = [(p, *pending.pop(p)) for p in partitions if p in pending]
        if not places:
            return
        text = " ".join(f"{p}:{first}:{last}" for p, first, last in places)
        journal.write(f"try {text}\n")
        try:
            given = client.commit(offsets=[TopicPartition(TOPIC, p, last + 1) for p, _, last in places], asynchronous=False)
        except KafkaException as error:
            journal.write(f"not {error.args[0].name()}\n")
            return True
        if all(g.error is None for g in given):
            journal.write(f"done {text}\n")
        else:
            journal.write(f"not {given}\n")
            return True

    def assigned():
        journal.write("has " + " ".join(sorted(str(p.partition) for p in client.assignment())) + "\n")

    def revoked(_, partitions):
        commit([p.partition for p in partitions])
        journal.write("lets " + " ".join(str(p.partition) for p in partitions) + "\n")

    def lost(_, partitions):
        for p in partitions:
            pending.pop(p.partition, None)
        journal.write("lost\n")

    client.subscribe(topics, on_assign=lambda *_: None, on_revoke=revoked, on_lost=lost)
    had = None
    while not ends:
        for message in client.consume(50, 0.05):
            if message.error():
                journal.write(f"error {message.error().name()}\n")
                continue
            p, offset = message.partition(), message.offset()
            pending[p] = (pending[p][0], offset) if p in pending else (offset, offset)
        if commit(list(pending)):
            # What was not committed is read again, from where the group is.
            back = client.assignment()
            try:
                for place in client.committed(back, timeout=5):
                    client.seek(TopicPartition(TOPIC, place.partition, max(place.offset, 0)))
            except KafkaException as error:
                journal.write(f"not back {error.args[0].name()}\n")
                break
        now = {p.partition for p in client.assignment()}
        if now != had:
            assigned()
            had = now
    client.close()
    journal.write("closed\n")


class Story:
    def __init__(self, address, folder, seconds):
        self.address, self.folder = address, folder
        self.ends = time.time() + seconds
        self.running, self.problems, self.count = {}, [], 0
        self.finished = threading.Event()

    def start(self, name, instance="", topics=TOPIC):
        self.count += 1
        path = f"{self.folder}/{self.count}-{name}"
        self.running[name] = (subprocess.Popen(
            [sys.executable, __file__, "member", self.address, path, instance, topics]), path)

    def end(self, name, how=signal.SIGTERM):
        process, _ = self.running.pop(name)
        process.send_signal(how)
        process.wait(60)

    def has(self, name):
        path = self.running[name][1]
        lines = open(path).read().split("\n") if os.path.exists(path) else []
        known = [line.split()[1:] for line in lines if line.startswith("has")]
        return known[-1] if known else []

    def until(self, what, body, seconds=60):
        deadline = time.time() + seconds
        while time.time() < deadline:
            try:
                if body():
                    return print(what, flush=True)
            except KafkaException:
                pass
            time.sleep(0.1)
        self.problems.append(f"not in time: {what}: {[self.has(n) for n in self.running]}")

    def shared(self, total, *counts):
        """Whether the members have so many partitions each, and all of them together."""
        owned = [self.has(name) for name in self.running]
        return sorted(map(len, owned)) == sorted(counts) and len({p for o in owned for p in o}) == total

    def produce(self):
        client = Producer({**common(self.address), "enable.idempotence": True, "linger.ms": 1, "message.timeout.ms": 900000})
        while not self.finished.is_set():
            for _ in range(10):
                client.produce(TOPIC, b"x")
            client.poll(0.01)
        client.flush(60)

    def make(self, made):
        try:
            made.result(5)
        except KafkaException as error:
            return error.args[0].name() in ("TOPIC_ALREADY_EXISTS", "INVALID_PARTITIONS")
        return True

    def run(self):
        admin = AdminClient(common(self.address))
        self.until("a topic", lambda: self.make(admin.create_topics([NewTopic(TOPIC, 6, 1)])[TOPIC]))
        writer = threading.Thread(target=self.produce)
        writer.start()
        self.start("a")
        self.until("one member has all", lambda: self.shared(6, 6))
        self.start("b", topics="^moved\\..*")
        self.until("two have three each", lambda: self.shared(6, 3, 3))
        self.start("c")
        self.until("three have two each", lambda: self.shared(6, 2, 2, 2))
        self.end("b", signal.SIGKILL)
        self.until("a killed one's are taken over", lambda: self.shared(6, 3, 3))
        self.start("s", instance="i")
        self.until("a static one has two", lambda: self.shared(6, 2, 2, 2))
        had = self.has("s")
        self.end("s")
        self.start("s", instance="i")
        self.until("it comes back to the same", lambda: self.has("s") == had)
        self.until("two more partitions", lambda: self.make(admin.create_partitions([NewPartitions(TOPIC, 8)])[TOPIC]))
        self.until("they are read", lambda: self.shared(8, 2, 3, 3))
        self.end("c")
        self.until("one that leaves is missed at once", lambda: self.shared(8, 4, 4))
        while time.time() < self.ends:
            self.start("d")
            time.sleep(0.7)
            self.end("d", signal.SIGKILL if self.count % 2 else signal.SIGTERM)
            time.sleep(0.3)
        self.finished.set()
        writer.join()
        self.judge(admin)

    def judge(self, admin):
        reader = Consumer({**common(self.address), "group.id": "judge"})
        places = [TopicPartition(TOPIC, p) for p in range(8)]
        bounds = {}

        def known():
            bounds.update({p.partition: reader.get_watermark_offsets(p, timeout=5)[1] for p in places})
            return True

        self.until("the ends are known", known)
        keeper = Consumer({**common(self.address), "group.id": GROUP})
        self.until("all is committed", lambda: {
            p.partition: p.offset for p in keeper.committed(places, timeout=5) if p.offset > 0} == {
            p: end for p, end in bounds.items() if end > 0})
        for name in list(self.running):
            self.end(name)
        done, tried = defaultdict(list), defaultdict(set)
        for name in sorted(os.listdir(self.folder)):
            for line in open(f"{self.folder}/{name}"):
                word, *spans = line.split()
                if word not in ("done", "try"):
                    continue
                for p, first, last in (map(int, span.split(":")) for span in spans):
                    if word == "done":
                        done[p] += range(first, last + 1)
                    else:
                        tried[p].update(range(first, last + 1))
        for p, end in bounds.items():
            if set(range(end)) - tried[p]:
                self.problems.append(f"committed and not read: {len(set(range(end)) - tried[p])} of {p}")
            if len(done[p]) != len(set(done[p])):
                self.problems.append(f"committed twice: {len(done[p]) - len(set(done[p]))} of {p}")
        total = sum(bounds.values())
        print(total, "records,", sum(map(len, done.values())), "committed by one member")
        if total < 1000:
            self.problems.append("too few to judge")
        print("\n".join(self.problems) if self.problems else "all is well")
        sys.exit(1 if self.problems else 0)


if sys.argv[1] == "member":
    member(*sys.argv[2:5], sys.argv[5].split(","))
else:
    story = Story(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    try:
        story.run()
    finally:
        story.finished.set()
        for process, _ in story.running.values():
            process.kill()
