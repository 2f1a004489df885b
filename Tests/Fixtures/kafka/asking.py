"""A client that sends single requests as frames and prints what comes back, so that the answers of two brokers can be
compared. What differs from run to run (ids, addresses, texts of errors) is left out or named."""
import json
import re
import socket
import struct
import sys
import time

from kafka.protocol.admin import *  # noqa: F403
from kafka.protocol.api_message import ApiMessage
from kafka.protocol.data_container import DataContainer
from kafka.protocol.consumer import *  # noqa: F403
from kafka.protocol.metadata import *  # noqa: F403
from kafka.protocol.producer import *  # noqa: F403
from kafka.protocol.sasl import SaslHandshakeRequest, SaslHandshakeResponse  # noqa: F401
from kafka.record import MemoryRecords
from kafka.record.default_records import DefaultRecordBatchBuilder



class ConsumerGroupHeartbeatRequest(ApiMessage, load_json="schemas"):
    pass


class ConsumerGroupHeartbeatResponse(ApiMessage, load_json="schemas"):
    pass


class ConsumerGroupDescribeRequest(ApiMessage, load_json="schemas"):
    pass


class ConsumerGroupDescribeResponse(ApiMessage, load_json="schemas"):
    pass


HOST, PORT = sys.argv[1].split(":")
NOW = 1_700_000_000_000
CALLS = {c.__name__: c for c in globals().values() if isinstance(c, type) and issubclass(c, ApiMessage)}
# Never the same on two brokers, and not what is compared.
IGNORED = {"throttle_time_ms", "error_message", "host", "port", "rack", "cluster_id", "batch_index_error_message"}
NAMED = {"member_id": "member", "leader": "member", "topic_id": "topic", "producer_id": "producer"}
names = {}


def built(field, version, value):
    """The data class of a structure, of plain dictionaries."""
    if isinstance(value, list) and field.is_struct_array():
        return [built_one(field, version, element) for element in value]
    return built_one(field, version, value) if isinstance(value, dict) else value


def built_one(field, version, value):
    inner = field.data_class._struct.fields
    return field.data_class(version=version, **{k: built(inner[k], version, v) for k, v in value.items()})


class Client:
    """One connection."""

    def __init__(self):
        self.socket = socket.create_connection((HOST, int(PORT)), 5)
        self.socket.settimeout(15)
        self.number = 0

    def send(self, name, version, **fields):
        kind = CALLS[name + "Request"]
        self.number += 1
        request = kind(version=version, **{k: built(kind._struct.fields[k], version, v) for k, v in fields.items()})
        request.with_header(correlation_id=self.number, client_id="scenario")
        self.socket.sendall(request.encode(version=version, header=True, framed=True))

    def receive(self, name, version):
        (length,) = struct.unpack(">i", self.read(4))
        response = CALLS[name + "Response"].decode(self.read(length), version=version, header=True)
        assert response.header.correlation_id == self.number, "another correlation id"
        return response

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def call(self, name, version, **fields):
        self.send(name, version, **fields)
        return self.receive(name, version)


client = Client()


def normal(value, key=None):
    """Comparable: ids by the order in which they came up, records by what is in them, lists in an order of their own."""
    if isinstance(value, DataContainer):
        fields = {f.name: getattr(value, f.name) for f in value._struct._fields if f.for_version_q(value.version)}
        return {k: normal(v, k) for k, v in fields.items() if k not in IGNORED}
    if key in NAMED and value not in (None, "", -1, "00000000-0000-0000-0000-000000000000"):
        word = NAMED[key]
        known = names.setdefault(word, {})
        return known.setdefault(str(value), f"{word} {len(known) + 1}")
    if key == "records":
        return records(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple, set)):
        return sorted((normal(v, key) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value


def records(data):
    if data is None or len(data) == 0:
        return []
    result, batches = [], MemoryRecords(bytes(data))
    while batches.has_next():
        result += [f"{r.offset} {r.key} {r.value}" for r in batches.next_batch()]
    return result


def said(answer):
    return json.dumps(normal(answer), sort_keys=True, default=str)


def say(name, version, answer):
    print(f"{name} {version}: {said(answer)}")


def ask(name, version, **fields):
    """Asks until the coordinator is there: a cluster makes it when somebody first asks."""
    deadline = time.time() + 20
    answer = client.call(name, version, **fields)
    while re.search(r'"error_code": 1[456]\b', said(answer)) and time.time() < deadline:
        time.sleep(0.05)
        answer = client.call(name, version, **fields)
    say(name, version, answer)
    return answer


def title(text):
    print(f"\n# {text}")


def batch(*values, key=b"k", producer=-1, epoch=-1, sequence=-1, timestamp=NOW, codec=0):
    builder = DefaultRecordBatchBuilder(2, codec, False, producer, epoch, sequence, 1 << 20)
    for i, value in enumerate(values):
        builder.append(i, timestamp + i, key, value, [])
    return bytes(builder.build())


def mixed(*triples, codec=0):
    """A batch of records with key, value and time of their own."""
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, -1, 1 << 20)
    for i, (key, value, timestamp) in enumerate(triples):
        builder.append(i, timestamp, key, value, [])
    return bytes(builder.build())


def produce(topic, data, partition=0, version=8, acks=-1):
    return ask("Produce", version, transactional_id=None, acks=acks, timeout_ms=5000,
               topic_data=[{"name": topic, "partition_data": [{"index": partition, "records": data}]}])


def fetch(topic, offset, partition=0, version=11, **fields):
    limit = fields.pop("limit", 1 << 20)
    epoch = fields.pop("epoch", -1)
    defaults = {"replica_id": -1, "max_wait_ms": 0, "min_bytes": 1, "max_bytes": 1 << 20, "isolation_level": 0}
    if version >= 7:
        defaults |= {"session_id": 0, "session_epoch": -1, "forgotten_topics_data": []}
    one = {"partition": partition, "fetch_offset": offset, "partition_max_bytes": limit}
    if version >= 5:
        one["log_start_offset"] = -1
    if version >= 9:
        one["current_leader_epoch"] = epoch
    return ask("Fetch", version, **(defaults | fields), topics=[{"topic": topic, "partitions": [one]}])


def list_offsets(topic, timestamp, partition=0, version=5, isolation=0, epoch=-1):
    one = {"partition_index": partition, "timestamp": timestamp}
    if version >= 4:
        one["current_leader_epoch"] = epoch
    fields = {"isolation_level": isolation} if version >= 2 else {}
    ask("ListOffsets", version, replica_id=-1, **fields, topics=[{"name": topic, "partitions": [one]}])


def create(*topics, version=5, validate=False):
    answer = client.call("CreateTopics", version, timeout_ms=5000, validate_only=validate, topics=[
        {"name": n, "num_partitions": p, "replication_factor": r, "assignments": a,
         "configs": [{"name": k, "value": v} for k, v in c.items()]} for n, p, r, a, c in topics])
    for topic in answer.topics:
        # Each broker has settings of its own: those that were given are compared.
        topic.configs = topic.configs and [c for c in topic.configs if c.config_source == 1]
    say("CreateTopics", version, answer)


def settled(*topics):
    """A topic that was made this moment may not have a leader yet."""
    deadline = time.time() + 10
    while time.time() < deadline:
        codes = set()
        for topic, partition in topics:
            answer = client.call("ListOffsets", 1, replica_id=-1, topics=[
                {"name": topic, "partitions": [{"partition_index": partition, "timestamp": -1}]}])
            codes.add(answer.topics[0].partitions[0].error_code)
        if codes == {0}:
            return
        time.sleep(0.05)
    raise TimeoutError(topics)
