"""Reads all records of all topics, once to the ends, in one pass: a kcat for each topic waits half a second for its end.

    read_records.py BROKER

Prints a record a line as `kcat -C -J` does, partition by partition in order. `TEST_KAFKA_LOGIN` holds properties of librdkafka.
"""

import json
import os
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

SILENCE = 30  # seconds

client = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "records", "enable.auto.commit": False,
                   "enable.partition.eof": True, "fetch.wait.max.ms": 10, **json.loads(os.environ["TEST_KAFKA_LOGIN"])})
topics = client.list_topics(timeout=SILENCE).topics.values()
places = [(topic.topic, partition) for topic in topics if not topic.topic.startswith("__") for partition in topic.partitions]
client.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in places])


def text(value):
    return None if value is None else value.decode(errors="replace")


records = {place: [] for place in places}
rest = set(places)
while rest:
    message = client.poll(SILENCE)
    if message is None:
        sys.exit(f"no end of {sorted(rest)[:3]} came in {SILENCE} s")
    place = message.topic(), message.partition()
    if message.error() is None:
        headers = [text(part) if isinstance(part, bytes) else part for header in message.headers() or [] for part in header]
        records[place].append({"topic": place[0], "partition": place[1], "offset": message.offset(), "headers": headers,
                               "key": text(message.key()), "payload": text(message.value())})
    elif message.error().code() == KafkaError._PARTITION_EOF:
        rest.discard(place)
    elif message.error().fatal():
        raise KafkaException(message.error())
client.close()
for place in sorted(records):
    for record in records[place]:
        print(json.dumps(record, ensure_ascii=False))
