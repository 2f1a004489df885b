"""Rules of topics for records, topics by their ids, transactions and rights: questions of scenario.py."""
import time
import uuid

from kafka.record import MemoryRecords

from asking import NOW, ask, batch, client, create, fetch, list_offsets, mixed, produce, settled, title

HOUR = 3_600_000
AUTHOR = {"transactional_id": "author", "transaction_timeout_ms": 60_000}


def stamped():
    """A batch with the broker's own time, as a producer must not send it."""
    data = bytearray(batch(b"stamped"))
    data[22] |= 8
    return renewed(data)


def renewed(data):
    from kafka.record.util import calc_crc32c
    data[17:21] = calc_crc32c(bytes(data[21:])).to_bytes(4, "big")
    return bytes(data)


def times():
    title("times: the broker's, and bounds of the producer's")
    create(("stamped", 1, 1, [], {"message.timestamp.type": "LogAppendTime"}),
           ("bounded", 1, 1, [], {"message.timestamp.before.max.ms": str(HOUR), "message.timestamp.after.max.ms": str(HOUR)}),
           ("never", 1, 1, [], {"message.timestamp.type": "Sometimes"}),
           ("below", 1, 1, [], {"message.timestamp.before.max.ms": "-1"}))
    settled(("stamped", 0), ("bounded", 0))
    now = int(time.time() * 1000)
    for codec in (0, 1):
        answer = client.call("Produce", 8, transactional_id=None, acks=-1, timeout_ms=5000, topic_data=[
            {"name": "stamped", "partition_data": [{"index": 0, "records": batch(b"a", b"b", timestamp=NOW, codec=codec)}]}])
        one = answer.responses[0].partition_responses[0]
        print("appended:", one.error_code, one.base_offset, abs(one.log_append_time_ms - now) < 60_000)
        kept = client.call("Fetch", 11, replica_id=-1, max_wait_ms=0, min_bytes=1, max_bytes=1 << 20, isolation_level=0,
                           session_id=0, session_epoch=-1, forgotten_topics_data=[], topics=[
            {"topic": "stamped", "partitions": [{"partition": 0, "fetch_offset": one.base_offset, "log_start_offset": -1,
             "partition_max_bytes": 1 << 20, "current_leader_epoch": -1}]}]).responses[0].partitions[0].records
        stored = MemoryRecords(bytes(kept)).next_batch()
        print("kept:", stored.timestamp_type, [r.timestamp == one.log_append_time_ms for r in stored])
        found = client.call("ListOffsets", 7, replica_id=-1, isolation_level=0, topics=[{"name": "stamped", "partitions": [
            {"partition_index": 0, "timestamp": -3, "current_leader_epoch": -1}]}]).topics[0].partitions[0]
        print("latest in time:", found.offset, found.timestamp == one.log_append_time_ms)
    produce("stamped", stamped())
    produce("log", stamped())
    for age in (0, -2 * HOUR, 2 * HOUR, -HOUR // 2, HOUR // 2):
        for codec in (0, 1):
            produce("bounded", batch(b"aged", timestamp=now + age, codec=codec))
    produce("bounded", mixed((b"k", b"now", now), (b"k", b"old", now - 2 * HOUR), (b"k", b"new", now + 2 * HOUR)))
    produce("bounded", batch(b"none", timestamp=-1))


def defaults():
    title("settings that nobody gave")
    names = [
        "cleanup.policy", "compression.type", "delete.retention.ms", "file.delete.delay.ms", "max.compaction.lag.ms",
        "max.message.bytes", "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.type",
        "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "min.insync.replicas", "retention.bytes", "retention.ms",
        "segment.bytes", "segment.ms", "unclean.leader.election.enable"]
    for name in names:
        answer = client.call("DescribeConfigs", 4, include_synonyms=False, include_documentation=False, resources=[
            {"resource_type": 2, "resource_name": "plain", "configuration_keys": [name]}]).results[0].configs
        print(name, [(c.value, c.config_type, c.read_only) for c in answer])


def keys_and_sizes():
    title("keys of a compacted topic, sizes, replicas")
    create(("kept", 1, 1, [], {"cleanup.policy": "compact"}), ("both", 1, 1, [], {"cleanup.policy": "compact,delete"}),
           ("small", 1, 1, [], {"max.message.bytes": "300"}), ("safe", 1, 1, [], {"min.insync.replicas": "2"}),
           ("unclean", 1, 1, [], {"unclean.leader.election.enable": "true"}))
    create(("none-safe", 1, 1, [], {"min.insync.replicas": "0"}), ("tiny", 1, 1, [], {"max.message.bytes": "-1"}),
           ("unsure", 1, 1, [], {"unclean.leader.election.enable": "maybe"}))
    settled(("kept", 0), ("both", 0), ("small", 0), ("safe", 0), ("unclean", 0))
    for topic in ("kept", "both"):
        for codec in (0, 1):
            produce(topic, mixed((b"k", b"1", NOW), (None, b"2", NOW), (b"k", b"3", NOW), (None, b"4", NOW), codec=codec))
    produce("kept", batch(b"1", key=None), version=7)
    produce("kept", batch(b"1", key=None), version=12)
    produce("kept", mixed((b"k", None, NOW)))
    produce("small", batch(b"x" * 200))
    produce("small", batch(b"x" * 300))
    produce("small", batch(b"x" * 3000, codec=1))
    for acks in (-1, 1):
        produce("safe", batch(b"x"), acks=acks)
    produce("unclean", batch(b"x"))
    for topic in ("safe", "unclean"):
        ask("DescribeConfigs", 4, include_synonyms=False, include_documentation=False, resources=[
            {"resource_type": 2, "resource_name": topic,
             "configuration_keys": ["min.insync.replicas", "unclean.leader.election.enable"]}])


def places():
    title("offsets by names of places")
    for version in (1, 4, 7, 8, 9):
        for timestamp in (-1, -2, -3, -4, -5, -6):
            list_offsets("kept", timestamp, version=version)
    create(("empty", 1, 1, [], {}))
    settled(("empty", 0))
    for timestamp in (-1, -2, -3, -4, -5, 0, NOW):
        list_offsets("empty", timestamp, version=9)


def by_id():
    title("topics by their ids")
    create(("named", 2, 1, [], {"retention.ms": "-1"}))
    settled(("named", 0), ("named", 1))
    known = client.call("Metadata", 12, topics=[{"name": "named"}], allow_auto_topic_creation=False,
                        include_topic_authorized_operations=False).topics[0].topic_id
    other = uuid.UUID(int=77)
    for topic in (known, other):
        ask("Produce", 13, transactional_id=None, acks=-1, timeout_ms=5000, topic_data=[
            {"topic_id": topic, "partition_data": [{"index": 0, "records": batch(b"by id")}, {"index": 9, "records": batch(b"none")}]}])
    produce("named", batch(b"by name"), version=12)
    produce("", batch(b"no name"), version=12)
    for version in (13, 14, 15, 16, 17):
        for topic in (known, other):
            fields = {"replica_id": -1} if version <= 14 else {}
            ask("Fetch", version, **fields, max_wait_ms=0, min_bytes=1, max_bytes=1 << 20, isolation_level=0, session_id=0,
                session_epoch=-1, forgotten_topics_data=[], rack_id="", topics=[{"topic_id": topic, "partitions": [
                    {"partition": p, "fetch_offset": 0, "partition_max_bytes": 1 << 20, "log_start_offset": -1,
                     "current_leader_epoch": -1, "last_fetched_epoch": -1} for p in (0, 9)]}])
    fetch("", 0, version=12)


def transactions():
    title("transactions: looked for, and their offsets mixed with plain ones")
    coordinated()
    begun = ask("InitProducerId", 4, producer_id=-1, producer_epoch=-1, **AUTHOR)
    client.call("InitProducerId", 4, producer_id=-1, producer_epoch=-1, transactional_id="other", transaction_timeout_ms=60_000)
    for version, pattern in ((0, None), (1, None), (2, None), (2, ""), (2, "auth.*"), (2, "auth"), (2, "author|x"), (2, "a(u|v)[a-z]+"),
                             (2, "^author$"), (2, "o\\w{4}"), (2, "["), (2, "(a"), (2, "a**"), (2, ".*")):
        fields = {"duration_filter": -1} if version >= 1 else {}
        if version >= 2:
            fields["transactional_id_pattern"] = pattern
        ask("ListTransactions", version, state_filters=[], producer_id_filters=[], **fields)
    who = {"transactional_id": "author", "producer_id": begun.producer_id, "producer_epoch": begun.producer_epoch}

    def given(offset):
        ask("TxnOffsetCommit", 3, **who, group_id="mixed", generation_id=-1, member_id="", group_instance_id=None, topics=[
            {"name": "log", "partitions": [{"partition_index": 0, "committed_offset": offset,
                                            "committed_leader_epoch": -1, "committed_metadata": ""}]}])

    def plain(offset):
        ask("OffsetCommit", 7, group_id="mixed", generation_id_or_member_epoch=-1, member_id="", topics=[
            {"name": "log", "partitions": [{"partition_index": 0, "committed_offset": offset,
                                            "committed_leader_epoch": -1, "committed_metadata": ""}]}])

    def fetched():
        for stable in (True, False):
            ask("OffsetFetch", 7, group_id="mixed", require_stable=stable, topics=[{"name": "log", "partition_indexes": [0]}])

    def deleted():
        ask("OffsetDelete", 0, group_id="mixed", topics=[{"name": "log", "partitions": [{"partition_index": 0}]}])

    for steps in ((given, plain), (plain, given), (given, deleted), (given, deleted, plain), (given, plain, given)):
        for commits in (True, False):
            ended("AddOffsetsToTxn", 3, **who, group_id="mixed")
            for number, step in enumerate(steps):
                step() if step is deleted else step(number + (100 if step is given else 200))
            fetched()
            ended("EndTxn", 3, **who, committed=commits)
            time.sleep(0.3)
            fetched()


def coordinated():
    """A cluster makes the coordinator of transactions when somebody first asks."""
    while client.call("FindCoordinator", 3, key="author", key_type=1).error_code != 0:
        time.sleep(0.05)


def ended(name, version, **fields):
    """Asks again while the transaction before is still being ended."""
    answer = client.call(name, version, **fields)
    while answer.error_code == 51:
        time.sleep(0.02)
        answer = client.call(name, version, **fields)
    print(f"{name} {version}: {answer.error_code}")


def rights():
    title("what one may do, when asked for")
    for version in (8, 10, 12):
        fields = {"include_cluster_authorized_operations": True} if version <= 10 else {}
        ask("Metadata", version, allow_auto_topic_creation=False, include_topic_authorized_operations=True, **fields,
            topics=[{"name": "plain"}, {"name": "absent"}])
    for version in (0, 1, 2):
        for wanted in (True, False):
            fields = {"endpoint_type": 1} if version >= 1 else {}
            if version >= 2:
                fields["include_fenced_brokers"] = False
            answer = client.call("DescribeCluster", version, include_cluster_authorized_operations=wanted, **fields)
            print(f"DescribeCluster {version}:", sorted(answer.authorized_operations or []))
    for version in (3, 5, 6):
        ask("DescribeGroups", version, groups=["mixed", "no-such-group"], include_authorized_operations=True)
    ask("DescribeTopicPartitions", 0, topics=[{"name": "plain"}, {"name": "absent"}], response_partition_limit=10, cursor=None)


PARTS = (times, defaults, keys_and_sizes, places, by_id, transactions, rights)
