"""Asks a broker many questions in frames of its own and prints the answers: python scenario.py HOST:PORT. The broker is
fresh, makes topics of 4 partitions by itself and does not wait for more members of a group. transcript.txt is what
Apache Kafka 4.2 answers."""
import socket
import struct
import time

import assigned
import rules
from asking import (HOST, NOW, PORT, Client, ask, batch, client, create, fetch, list_offsets, produce, say, settled, title)

CONSUMER = b"\0\0\0\0\0\1\0\1t\0\0\0\0"


def topics():
    title("topics: made, described, refused")
    create(("plain", 1, 1, [], {}), ("wide", 3, 1, [], {"retention.ms": "1000000"}))
    create(("plain", 1, 1, [], {}))
    create(("none", 0, 1, [], {}), ("many", 1, 3, [], {}), ("bad name", 1, 1, [], {}), ("..", 1, 1, [], {}), ("", 1, 1, [], {}))
    create(("twice", 1, 1, [], {}), ("twice", 1, 1, [], {}))
    create(("odd", 1, 1, [], {"no.such.setting": "1"}), ("worse", 1, 1, [], {"retention.ms": "x"}))
    create(("dry", 1, 1, [], {}), validate=True)
    for version in (2, 4, 6):
        create((f"as-default-{version}", -1 if version >= 4 else 2, -1 if version >= 4 else 1, [], {}), version=version)
    create(("placed", -1, -1, [{"partition_index": 0, "broker_ids": [1]}, {"partition_index": 1, "broker_ids": [1]}], {}))
    create(("misplaced", -1, -1, [{"partition_index": 0, "broker_ids": [7]}], {}))
    create(("gaps", -1, -1, [{"partition_index": 1, "broker_ids": [1]}], {}))
    settled(("plain", 0), ("wide", 2))
    for version in (4, 5, 8, 12):
        fields = {"allow_auto_topic_creation": False}
        if version >= 8:
            fields["include_topic_authorized_operations"] = False
        ask("Metadata", version, topics=[{"name": "plain"}, {"name": "absent"}, {"name": "wide"}], **fields)
    ask("Metadata", 5, topics=[{"name": "bad name"}], allow_auto_topic_creation=True)
    ask("Metadata", 5, topics=[], allow_auto_topic_creation=True)
    ask("CreatePartitions", 1, timeout_ms=5000, validate_only=False, topics=[
        {"name": "plain", "count": 2, "assignments": None}, {"name": "wide", "count": 3, "assignments": None},
        {"name": "twice-more", "count": 3, "assignments": None}])
    ask("CreatePartitions", 1, timeout_ms=5000, validate_only=False, topics=[
        {"name": "wide", "count": 2, "assignments": None}])
    ask("DeleteTopics", 4, timeout_ms=5000, topic_names=["as-default-2", "absent"])
    ask("DeleteTopics", 6, timeout_ms=5000, topics=[{"name": "as-default-4"}, {"name": "absent"}])


def produced():
    title("produce: appended, refused")
    ask("Metadata", 5, topics=[{"name": "log"}], allow_auto_topic_creation=False)
    client.call("Metadata", 5, topics=[{"name": "log"}], allow_auto_topic_creation=True)
    settled(*(("log", p) for p in range(4)))
    ask("Metadata", 5, topics=[{"name": "log"}], allow_auto_topic_creation=True)
    for version in (3, 5, 7, 8, 9, 11):
        produce("log", batch(b"1", b"2", b"3"), version=version)
    produce("log", batch(b"leader"), acks=1)
    produce("log", batch(b"odd"), acks=2)
    produce("log", batch(b"x"), partition=4)
    produce("absent-topic", batch(b"x"))
    produce("log", b"")
    damaged = bytearray(batch(b"damaged"))
    damaged[-1] ^= 1
    produce("log", bytes(damaged))
    produce("log", batch(b"short")[:-3])
    old = bytearray(batch(b"old"))
    old[16] = 1
    produce("log", bytes(old))
    produce("log", batch(b"one") + batch(b"two"))
    produce("log", batch(b"x" * 1_100_000))
    produce("log", batch(b"pressed", codec=1))


def fetched():
    title("fetch: from anywhere")
    for _ in range(2):
        produce("plain", batch(b"one", b"two"))
    for version in (4, 5, 7, 9, 11, 12):
        fetch("log", 0, version=version, limit=100)
    end = 20
    for offset in (1, 2, 3, end - 1, end, end + 1, 1000, -1, -2):
        fetch("log", offset, limit=100)
    fetch("log", 0, partition=9)
    fetch("absent-topic", 0)
    fetch("log", 0, limit=1)
    fetch("log", 0, limit=0)
    fetch("log", 0, max_bytes=1)
    fetch("log", 0, max_bytes=0)
    fetch("log", 0, epoch=0, limit=100)
    fetch("log", 0, epoch=5)
    fetch("log", 0, isolation_level=1, limit=100)
    fetch("log", 0, version=11, session_id=77, session_epoch=3)
    for limit in (1, 150, 100_000):
        ask("Fetch", 11, replica_id=-1, max_wait_ms=0, min_bytes=1, max_bytes=limit, isolation_level=0, session_id=0,
            session_epoch=-1, forgotten_topics_data=[], topics=[{"topic": t, "partitions": [
                {"partition": 0, "fetch_offset": 0, "partition_max_bytes": m, "log_start_offset": -1,
                 "current_leader_epoch": -1}]} for t, m in (("wide", 1000), ("log", 100), ("plain", 1), ("plain2", 1))])
    started = time.time()
    fetch("log", end, max_wait_ms=300)
    print("it waited:", 0.25 < time.time() - started < 3)


def idempotent():
    title("an idempotent producer: its order kept, its repeats known")
    for version in (0, 2, 4):
        fields = {"producer_id": -1, "producer_epoch": -1} if version >= 3 else {}
        answer = ask("InitProducerId", version, transactional_id=None, transaction_timeout_ms=0, **fields)
    known = {"producer": answer.producer_id, "epoch": 0}
    produce("log", batch(b"a", b"b", sequence=0, **known), partition=1)
    produce("log", batch(b"a", b"b", sequence=0, **known), partition=1)
    produce("log", batch(b"c", sequence=2, **known), partition=1)
    produce("log", batch(b"a", b"b", sequence=0, **known), partition=1)
    produce("log", batch(b"gap", sequence=9, **known), partition=1)
    produce("log", batch(b"part", sequence=1, **known), partition=1)
    produce("log", batch(b"d", sequence=0, producer=known["producer"], epoch=1), partition=1)
    produce("log", batch(b"e", sequence=3, producer=known["producer"], epoch=0), partition=1)
    produce("log", batch(b"f", sequence=5, producer=known["producer"], epoch=2), partition=1)
    produce("log", batch(b"unknown", sequence=4, producer=999_999, epoch=0), partition=2)
    for i in range(1, 8):
        produce("log", batch(b"%d" % i, sequence=i, producer=known["producer"], epoch=1), partition=1)
    produce("log", batch(b"1", sequence=1, producer=known["producer"], epoch=1), partition=1)
    produce("log", batch(b"5", sequence=5, producer=known["producer"], epoch=1), partition=1)
    fetch("log", 0, partition=1)


def offsets():
    title("offsets by place and by time")
    produce("log", batch(b"t1", timestamp=NOW), partition=3)
    produce("log", batch(b"t2", timestamp=NOW + 50_000), partition=3)
    produce("log", batch(b"t3", timestamp=NOW + 20_000), partition=3)
    for version in (1, 2, 4, 5, 6):
        list_offsets("log", -1, version=version)
        list_offsets("log", -2, version=version)
    for timestamp in (0, NOW, NOW + 1, NOW + 20_000, NOW + 50_000, NOW + 50_001, -1, -2):
        list_offsets("log", timestamp, partition=3)
    for version, timestamp in ((7, -3), (8, -4), (9, -5), (5, -3)):
        list_offsets("log", timestamp, partition=3, version=version)
    list_offsets("log", -1, isolation=1)
    list_offsets("log", -1, partition=9)
    list_offsets("absent-topic", -1)
    list_offsets("log", -1, epoch=0)
    list_offsets("log", -1, epoch=9)
    for epoch in (-1, 0, 3):
        ask("OffsetForLeaderEpoch", 3, replica_id=-1, topics=[{"topic": "log", "partitions": [
            {"partition": 0, "current_leader_epoch": -1, "leader_epoch": epoch},
            {"partition": 9, "current_leader_epoch": -1, "leader_epoch": epoch}]}])
    for at in (2, -1, 100, -5):
        ask("DeleteRecords", 1, timeout_ms=5000, topics=[{"name": "log", "partitions": [
            {"partition_index": 3, "offset": at}, {"partition_index": 9, "offset": at}]}])
        list_offsets("log", -2, partition=3)
    fetch("log", 0, partition=3)


def join(group, member="", version=5, protocol="consumer", names=("range",), instance=None, wait=3000):
    fields = {"rebalance_timeout_ms": wait} if version >= 1 else {}
    if version >= 5:
        fields["group_instance_id"] = instance
    return ask("JoinGroup", version, group_id=group, session_timeout_ms=10_000, member_id=member,
               protocol_type=protocol, protocols=[{"name": n, "metadata": CONSUMER} for n in names], **fields)


def sync(group, generation, member, assigned=(), version=3, **fields):
    return ask("SyncGroup", version, group_id=group, generation_id=generation, member_id=member, assignments=[
        {"member_id": m, "assignment": a} for m, a in assigned], **fields)


def beat(group, generation, member, version=3, **fields):
    ask("Heartbeat", version, group_id=group, generation_id=generation, member_id=member, **fields)


def commit(group, offset, generation=-1, member="", version=7, topic="log", partition=0, metadata="note"):
    fields = {"committed_leader_epoch": -1} if version >= 6 else {}
    ask("OffsetCommit", version, group_id=group, generation_id_or_member_epoch=generation, member_id=member, topics=[
        {"name": topic, "partitions": [
            {"partition_index": partition, "committed_offset": offset, "committed_metadata": metadata, **fields}]}])


def groups():
    title("a group: joined, synced, kept, left")
    for version in (0, 1, 3):
        fields = {"key_type": 0} if version >= 1 else {}
        ask("FindCoordinator", version, key="g", **fields)
    ask("FindCoordinator", 4, key_type=0, coordinator_keys=["g", "h"])
    ask("FindCoordinator", 3, key="g", key_type=9)
    first = join("g")
    member = join("g", member=first.member_id).member_id
    sync("g", 1, member, [(member, b"mine")])
    sync("g", 1, member)
    beat("g", 1, member)
    for generation, who in ((0, member), (2, member), (1, "stranger"), (-1, member), (1, "")):
        beat("g", generation, who)
        sync("g", generation, who)
        commit("g", 5, generation, who)
    beat("no-such-group", 1, "m")
    beat("", 1, "m")
    join("", member="")
    join("g", member="stranger")
    join("g", protocol="connect")
    join("g", names=("other",))
    join("g2", names=())
    join("g2", protocol="")
    ask("JoinGroup", 4, group_id="short", session_timeout_ms=1, rebalance_timeout_ms=1000, member_id="",
        protocol_type="consumer", protocols=[{"name": "range", "metadata": CONSUMER}])
    for version in (0, 1, 3):
        answer = join(f"old-{version}", version=version)
        fields = [(answer.member_id, b"x")]
        sync(f"old-{version}", answer.generation_id, answer.member_id, fields, version=min(version, 2))
    ask("DescribeGroups", 4, groups=["g", "no-such-group"], include_authorized_operations=False)
    ask("ListGroups", 4, states_filter=["Stable"])
    ask("ListGroups", 2)
    ask("DeleteGroups", 1, groups_names=["g", "no-such-group"])
    ask("LeaveGroup", 3, group_id="g", members=[{"member_id": "stranger", "group_instance_id": None}])
    ask("LeaveGroup", 3, group_id="g", members=[{"member_id": member, "group_instance_id": None}])
    ask("LeaveGroup", 1, group_id="g", member_id=member)
    ask("LeaveGroup", 1, group_id="no-such-group", member_id=member)
    beat("g", 1, member)
    ask("DescribeGroups", 4, groups=["g"], include_authorized_operations=False)
    for version in (0, 1, 3):
        beat(f"old-{version}", 7, "stranger")


def static_members():
    title("a static member: away and back, and fenced")
    first = join("static", instance="one")
    sync("static", 1, first.member_id, [(first.member_id, b"kept")], group_instance_id="one")
    again = join("static", instance="one")
    sync("static", again.generation_id, again.member_id, group_instance_id="one")
    beat("static", 1, first.member_id, group_instance_id="one")
    beat("static", again.generation_id, again.member_id, group_instance_id="one")
    beat("static", again.generation_id, again.member_id, group_instance_id="two")
    ask("LeaveGroup", 3, group_id="static", members=[{"member_id": "", "group_instance_id": "one"}])
    ask("LeaveGroup", 3, group_id="static", members=[{"member_id": "", "group_instance_id": "one"}])


def committed():
    title("committed offsets")
    for version in (2, 5, 6, 7, 8):
        commit("offline", version, version=version)
        fields = {"require_stable": False} if version >= 7 else {}
        if version < 8:
            ask("OffsetFetch", version, group_id="offline", topics=[{"name": "log", "partition_indexes": [0, 1]}], **fields)
    ask("OffsetFetch", 8, require_stable=True, groups=[
        {"group_id": "offline", "topics": [{"name": "log", "partition_indexes": [0]}]},
        {"group_id": "no-such-group", "topics": [{"name": "log", "partition_indexes": [0]}]}])
    ask("OffsetFetch", 3, group_id="offline", topics=None)
    ask("OffsetFetch", 5, group_id="no-such-group", topics=None)
    ask("OffsetFetch", 3, group_id="offline", topics=[{"name": "absent-topic", "partition_indexes": [0]}])
    commit("offline", 1, partition=9)
    commit("offline", 1, topic="absent-topic")
    commit("offline", -1)
    commit("offline", 1, generation=3)
    commit("offline", 1, metadata="x" * 5000)
    commit("offline", 1, metadata=None)
    commit("", 1)
    ask("OffsetDelete", 0, group_id="offline", topics=[{"name": "log", "partitions": [
        {"partition_index": 0}, {"partition_index": 9}]}])
    ask("OffsetDelete", 0, group_id="no-such-group", topics=[{"name": "log", "partitions": [{"partition_index": 0}]}])
    ask("DescribeGroups", 4, groups=["offline"], include_authorized_operations=False)
    ask("DeleteGroups", 1, groups_names=["offline"])


def configs():
    title("settings: asked for, changed")
    def described(version, kind, name, keys):
        fields = {"include_documentation": False} if version >= 3 else {}
        ask("DescribeConfigs", version, include_synonyms=False, **fields, resources=[
            {"resource_type": kind, "resource_name": name, "configuration_keys": keys}])
    for version in (1, 3, 4):
        described(version, 2, "wide", ["retention.ms", "cleanup.policy", "max.message.bytes"])
    described(4, 2, "wide", ["no.such.setting"])
    described(4, 2, "absent-topic", ["retention.ms"])
    described(4, 3, "x", None)
    described(4, 4, "7", ["num.partitions"])
    for change in ([("retention.ms", 0, "5000")], [("retention.ms", 0, "never")], [("no.such.setting", 0, "1")],
                   [("cleanup.policy", 2, "compact")], [("cleanup.policy", 3, "delete")], [("retention.ms", 1, None)],
                   [("retention.ms", 2, "1")], [("retention.ms", 0, None)]):
        ask("IncrementalAlterConfigs", 1, validate_only=False, resources=[
            {"resource_type": 2, "resource_name": "wide", "configs": [
                {"name": n, "config_operation": o, "value": v} for n, o, v in change]}])
        described(4, 2, "wide", ["retention.ms", "cleanup.policy"])
    ask("IncrementalAlterConfigs", 1, validate_only=True, resources=[
        {"resource_type": 2, "resource_name": "wide", "configs": [
            {"name": "retention.ms", "config_operation": 0, "value": "77"}]}])
    ask("IncrementalAlterConfigs", 1, validate_only=False, resources=[
        {"resource_type": 2, "resource_name": "absent-topic", "configs": []}])
    ask("AlterConfigs", 1, validate_only=False, resources=[
        {"resource_type": 2, "resource_name": "wide", "configs": [{"name": "retention.bytes", "value": "10000"}]}])
    described(4, 2, "wide", ["retention.ms", "retention.bytes"])


def access():
    title("access rules where none are kept")
    ask("DescribeAcls", 1, resource_type_filter=1, resource_name_filter=None, pattern_type_filter=1,
        principal_filter=None, host_filter=None, operation=1, permission_type=1)
    title("authentication where none is asked for")
    other = Client()
    say("SaslHandshake", 1, other.call("SaslHandshake", 1, mechanism="PLAIN"))


def versions():
    title("versions that nobody speaks, and bytes that are no request")
    for version in (0, 2, 3, 4):
        fields = {"client_software_name": "a", "client_software_version": "1"} if version >= 3 else {}
        answer = Client().call("ApiVersions", version, **fields)
        print(f"ApiVersions {version}: {answer.error_code}")
    print("ApiVersions 3 without a client's name:", raw(struct.pack(">hhihbbbb", 18, 3, 7, -1, 0, 1, 1, 0))[:10].hex())
    print("ApiVersions 99:", raw(struct.pack(">hhihb", 18, 99, 7, -1, 0))[:14].hex())
    print("Produce 99:", raw(struct.pack(">hhih", 0, 99, 7, -1)))
    print("Metadata 99:", raw(struct.pack(">hhih", 3, 99, 7, -1)))
    print("call 999:", raw(struct.pack(">hhih", 999, 0, 7, -1)))
    print("no body:", raw(struct.pack(">hhih", 3, 5, 7, -1)))
    print("a length below zero:", raw(b"", length=-1))
    print("too long:", raw(b"", length=2_000_000_000))
    print("not Kafka:", raw(b"GET / HTTP/1.1\r\n\r\n", length=None))


def raw(body, length=0):
    """Sends a frame as it is; what comes back, or that the connection was closed."""
    peer = socket.create_connection((HOST, int(PORT)), 5)
    peer.settimeout(5)
    prefix = b"" if length is None else struct.pack(">i", length or len(body))
    try:
        peer.sendall(prefix + body)
        return peer.recv(4096) or "closed"
    except ConnectionError:
        return "closed"


for part in (topics, produced, fetched, idempotent, offsets, groups, static_members, committed, configs, *rules.PARTS,
             *assigned.PARTS, access, versions):
    part()
