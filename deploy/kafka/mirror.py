#!/usr/bin/env python3
"""Copies all topics of one cluster to another: key, value, headers, timestamp, partition, order and offset stay.

    mirror.py --from 127.0.0.1:9092 --to kafka-1:9092,kafka-2:9092 [--from-config FILE] [--to-config FILE]
              [--replication N] [--topic NAME ...]

Needs confluent-kafka. The files hold librdkafka properties (`sasl.username=...`), one a line.

A run copies what is there and ends; the next one goes on where it ended, so the second run, when nothing is written any
more, is short. A record gets the offset that it had: what retention has deleted before the first is made up for by empty
records, which are deleted at once. Compacted topics are tables: each run appends all of the table, and offsets are new.
The committed offsets of groups without members come along. What is no copy of the source is refused, never repaired.
"""
import argparse
import sys
import time

from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer,
                             TopicPartition)
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

# A source that is silent for so long, while it has more, is broken.
SILENCE_SECONDS = 30
TIMEOUT_SECONDS = 30
# What the broker's settings say of a topic; others are the new cluster's own.
SETTINGS = ["cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes", "min.compaction.lag.ms",
            "delete.retention.ms", "message.timestamp.type"]


class Refused(Exception):
    """Why a copy cannot be made; nothing was harmed."""


class Cluster:
    def __init__(self, servers, properties):
        self.configuration = {"bootstrap.servers": servers} | properties
        self.admin = AdminClient(self.configuration)
        self.reader = Consumer(self.configuration | {
            "group.id": "marquee-mirror", "enable.auto.commit": False, "auto.offset.reset": "error",
            "enable.partition.eof": True, "isolation.level": "read_committed"})

    def topics(self):
        """Partition counts by name, without internal topics."""
        found = self.admin.list_topics(timeout=TIMEOUT_SECONDS).topics
        return {name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")}

    def settings(self, topic):
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        entries = self.admin.describe_configs([resource])[resource].result(TIMEOUT_SECONDS)
        return {name: entries[name].value for name in SETTINGS if name in entries}

    def bounds(self, place):
        return self.reader.get_watermark_offsets(place, timeout=TIMEOUT_SECONDS)

    def has(self, place):
        try:
            return bool(self.bounds(place))
        except KafkaException:
            return False

    def records(self, place, start, end):
        """The records from one offset to before another, as they come."""
        if start >= end:
            return
        self.reader.assign([TopicPartition(place.topic, place.partition, start)])
        try:
            while True:
                message = self.reader.poll(SILENCE_SECONDS)
                if message is None:
                    raise Refused(f"{name_of(place)}: nothing more comes")
                if message.error():
                    if message.error().code() == KafkaError._PARTITION_EOF:
                        return
                    raise Refused(f"{name_of(place)}: {message.error()}")
                if message.offset() >= end:
                    return
                yield message
                if message.offset() + 1 >= end:
                    return
        finally:
            self.reader.unassign()


class Writer:
    """Writes in order, and minds the offset that each record gets."""

    def __init__(self, cluster):
        self.producer = Producer(cluster.configuration | {
            "enable.idempotence": True, "linger.ms": 20, "message.timeout.ms": 120000, "compression.type": "none"})
        self.failure = None

    def write(self, place, key, value, headers=None, timestamp=0, offset=None):
        def delivered(error, message):
            if error:
                self.failure = self.failure or f"{name_of(place)}: {error}"
            elif offset is not None and message.offset() != offset:
                self.failure = self.failure or f"{name_of(place)}: {offset} became {message.offset()}: somebody else writes"

        while True:
            try:
                self.producer.produce(place.topic, value=value, key=key, partition=place.partition,
                                      on_delivery=delivered, timestamp=timestamp, headers=headers or [])
                break
            except BufferError:
                self.producer.poll(0.1)
        self.producer.poll(0)
        self.check()

    def flush(self):
        if self.producer.flush(TIMEOUT_SECONDS * 4):
            raise Refused("the new cluster does not take more")
        self.check()

    def check(self):
        if self.failure:
            raise Refused(self.failure)


def name_of(place):
    return f"{place.topic} [{place.partition}]"


def create(source, target, topics, replication):
    existing = target.topics()
    missing = []
    for topic, partitions in topics.items():
        if topic not in existing:
            missing.append(NewTopic(topic, partitions, replication, config=source.settings(topic)))
        elif existing[topic] != partitions:
            raise Refused(f"{topic} has {existing[topic]} partitions there, {partitions} here")
    if missing:
        for future in target.admin.create_topics(missing, operation_timeout=TIMEOUT_SECONDS).values():
            future.result(TIMEOUT_SECONDS)
    # Each broker of a cluster learns of a topic in its own time.
    for topic, partitions in topics.items():
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not all(target.has(TopicPartition(topic, partition)) for partition in range(partitions)):
            if time.monotonic() > deadline:
                raise Refused(f"{topic} does not come into being on the new cluster")
            time.sleep(0.2)


def same(left, right):
    return (left.key(), left.value(), left.headers(), left.timestamp()) == (
        right.key(), right.value(), right.headers(), right.timestamp())


def check_copy(source, target, place, end):
    """The last record that both have is one and the same."""
    first = max(source.bounds(place)[0], target.bounds(place)[0])
    if end <= first:
        return
    theirs = list(target.records(place, end - 1, end))
    ours = list(source.records(place, end - 1, end))
    if len(ours) != 1 or len(theirs) != 1 or not same(ours[0], theirs[0]):
        raise Refused(f"{name_of(place)} exists on the new cluster and is no copy")


def copy_log(source, target, writer, place):
    """Copies what is missing, each record to its own offset; how many."""
    (start, end), (_, copied) = source.bounds(place), target.bounds(place)
    if copied > end:
        raise Refused(f"{name_of(place)} is longer on the new cluster than here")
    check_copy(source, target, place, copied)
    for offset in range(copied, start):
        writer.write(place, None, None, offset=offset)
    expected = first = max(copied, start)
    for message in source.records(place, first, end):
        if message.offset() != expected:
            raise Refused(f"{name_of(place)} lacks {expected}..<{message.offset()}: transactions or compaction")
        writer.write(place, message.key(), message.value(), message.headers(), message.timestamp()[1], expected)
        expected += 1
    if expected != end:
        raise Refused(f"{name_of(place)} ends at {expected} for readers, and at {end}")
    writer.flush()
    if target.bounds(place)[0] < start:
        deleted = target.admin.delete_records([TopicPartition(place.topic, place.partition, start)])
        for future in deleted.values():
            future.result(TIMEOUT_SECONDS)
    return end - first


def copy_table(source, writer, place):
    """Appends what a compacted partition holds; how many."""
    start, end = source.bounds(place)
    count = 0
    for message in source.records(place, start, end):
        writer.write(place, message.key(), message.value(), message.headers(), message.timestamp()[1])
        count += 1
    writer.flush()
    return count


def copy_groups(source, target, logs):
    """Committed offsets of topics whose offsets are kept; how many groups."""
    listed = source.admin.list_consumer_groups(request_timeout=TIMEOUT_SECONDS).result()
    count = 0
    for group in sorted(found.group_id for found in listed.valid):
        future = source.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group]
        offsets = [TopicPartition(place.topic, place.partition, place.offset)
                   for place in future.result(TIMEOUT_SECONDS).topic_partitions
                   if place.topic in logs and place.offset >= 0]
        if not offsets:
            continue
        wanted = ConsumerGroupTopicPartitions(group, offsets)
        target.admin.alter_consumer_group_offsets([wanted])[group].result(TIMEOUT_SECONDS)
        count += 1
    return count


def properties(path):
    if not path:
        return {}
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def run(arguments):
    source = Cluster(getattr(arguments, "from"), properties(arguments.from_config))
    target = Cluster(arguments.to, properties(arguments.to_config))
    if source.admin.list_topics(timeout=TIMEOUT_SECONDS).cluster_id == target.admin.list_topics(
            timeout=TIMEOUT_SECONDS).cluster_id:
        raise Refused("both addresses are of one cluster")
    topics = {name: count for name, count in sorted(source.topics().items())
              if not arguments.topic or name in arguments.topic}
    create(source, target, topics, arguments.replication)
    writer = Writer(target)
    logs = set()
    for topic, partitions in topics.items():
        is_table = "compact" in source.settings(topic).get("cleanup.policy", "")
        if not is_table:
            logs.add(topic)
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        count = sum(copy_table(source, writer, place) if is_table else copy_log(source, target, writer, place)
                    for place in places)
        print(f"{topic}: {count} records", flush=True)
    print(f"groups: {copy_groups(source, target, logs)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--from-config")
    parser.add_argument("--to-config")
    parser.add_argument("--replication", type=int, default=-1, help="copies of each record; default: the cluster's own")
    parser.add_argument("--topic", action="append", help="only these")
    try:
        run(parser.parse_args())
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")


if __name__ == "__main__":
    main()
