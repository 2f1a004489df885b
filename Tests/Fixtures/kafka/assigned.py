"""Groups whose assignments the broker makes (KIP-848): questions of scenario.py."""
import time
import uuid

from asking import ask, client, create, settled, title

HEARTBEAT = "ConsumerGroupHeartbeat"


def beat(group, member, epoch, version=1, quiet=False, **fields):
    """One heartbeat; those of a member that joins have what they must."""
    request = {"group_id": group, "member_id": member, "member_epoch": epoch, "instance_id": None, "rack_id": None,
               "rebalance_timeout_ms": -1, "subscribed_topic_names": None, "server_assignor": None,
               "topic_partitions": None}
    if version >= 1:
        request["subscribed_topic_regex"] = None
    request |= fields
    if quiet:
        return client.call(HEARTBEAT, version, **request)
    return ask(HEARTBEAT, version, **request)


def join(group, member, *topics, **fields):
    return beat(group, member, 0, **({"rebalance_timeout_ms": 30_000, "topic_partitions": [],
                                      "subscribed_topic_names": list(topics)} | fields))


def parts(topic, *partitions):
    return [{"topic_id": topic, "partitions": list(partitions)}]


def given(answer):
    """What an answer assigns, as the next heartbeat says it."""
    if answer.assignment is None:
        return []
    return [{"topic_id": t.topic_id, "partitions": list(t.partitions)} for t in answer.assignment.topic_partitions]


def describe(*groups, version=1):
    ask("ConsumerGroupDescribe", version, group_ids=list(groups), include_authorized_operations=False)


def topic_id(name):
    answer = client.call("Metadata", 12, topics=[{"topic_id": uuid.UUID(int=0), "name": name}],
                         allow_auto_topic_creation=False, include_topic_authorized_operations=False)
    return answer.topics[0].topic_id


def commit(group, member, epoch, version=9, topic="six"):
    ask("OffsetCommit", version, group_id=group, generation_id_or_member_epoch=epoch, member_id=member,
        group_instance_id=None, topics=[{"name": topic, "partitions": [
            {"partition_index": 0, "committed_offset": 3, "committed_leader_epoch": -1, "committed_metadata": ""}]}])


def fetch_offsets(group, member, epoch, version=9):
    one = {"group_id": group, "topics": [{"name": "six", "partition_indexes": [0]}]}
    if version >= 9:
        one |= {"member_id": member, "member_epoch": epoch}
    ask("OffsetFetch", version, groups=[one], require_stable=False)


def refused():
    title("groups that the broker assigns: what is refused")
    join("", "m1", "six")
    join("modern", "", "six")
    join(" ", "m1", "six")
    join("modern", "m1", "six", instance_id="")
    join("modern", "m1", "six", rack_id="")
    join("modern", "m1", "six", rebalance_timeout_ms=-1)
    join("modern", "m1", "six", topic_partitions=None)
    join("modern", "m1", "six", topic_partitions=parts(topic_id("six"), 0))
    join("modern", "m1", "six", subscribed_topic_names=None)
    join("modern", "m1", "six", server_assignor="sticky")
    join("modern", "m1", "six", subscribed_topic_regex="(")
    for epoch in (-3, -2, -1, 1):
        beat("modern", "m1", epoch)
    beat("modern", "", -1)
    beat("modern", "", 1)
    describe("modern", "")
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])


def alone():
    title("groups that the broker assigns: one member")
    answer = join("modern", "m1", "six")
    beat("modern", "m1", answer.member_epoch)
    beat("modern", "m1", answer.member_epoch, topic_partitions=given(answer))
    beat("modern", "m1", answer.member_epoch, rebalance_timeout_ms=30_000, subscribed_topic_names=["six"],
         topic_partitions=given(answer))
    beat("modern", "m1", answer.member_epoch + 1)
    beat("modern", "m1", answer.member_epoch - 1)
    beat("modern", "m1", answer.member_epoch - 1, topic_partitions=[])
    beat("modern", "m2", 1)
    join("modern", "m1", "six")
    describe("modern", version=0)
    describe("modern", "none")
    for version in (4, 5, 6):
        ask("DescribeGroups", version, groups=["modern"], include_authorized_operations=False)
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])
    ask("ListGroups", 5, states_filter=["stable"], types_filter=["Consumer"])
    ask("ListGroups", 5, states_filter=["Empty"], types_filter=["consumer"])
    epoch = answer.member_epoch
    for member, at in (("m1", epoch), ("m1", epoch + 1), ("m1", epoch - 1), ("m1", -1), ("", -1), ("m2", epoch)):
        commit("modern", member, at)
    commit("modern", "m1", epoch, version=8)
    commit("modern", "m1", epoch, topic="absent")
    for member, at in (("m1", epoch), ("m1", epoch + 1), (None, -1), ("", -1), ("m2", epoch)):
        fetch_offsets("modern", member, at)
    fetch_offsets("modern", None, -1, version=8)
    fetch_offsets("nowhere", "m1", 1)
    commit("nowhere", "m1", 1)
    ask("OffsetDelete", 0, group_id="modern", topics=[{"name": "six", "partitions": [{"partition_index": 0}]}])
    ask("DeleteGroups", 2, groups_names=["modern"])
    for name, fields in (("Heartbeat", {"generation_id": epoch}), ("SyncGroup", {"generation_id": epoch, "assignments": []})):
        ask(name, 3, group_id="modern", member_id="m1", group_instance_id=None, **fields)
    for member in ("m9", "m1", "m1"):
        ask("LeaveGroup", 3, group_id="modern", members=[{"member_id": member, "group_instance_id": None}])
    describe("modern")


def together():
    title("groups that the broker assigns: a second member and a third")
    first = join("modern", "m1", "six")
    second = join("modern", "m2", "six")
    describe("modern")
    first = beat("modern", "m1", first.member_epoch, quiet=True)
    print("it keeps", sum(len(t.partitions) for t in first.assignment.topic_partitions), "in", first.member_epoch)
    kept = given(first)
    again = beat("modern", "m1", first.member_epoch, quiet=True)
    print("it has not given any up:", again.member_epoch, again.assignment)
    second = beat("modern", "m2", second.member_epoch, quiet=True)
    print("nothing is free:", second.member_epoch, second.assignment)
    commit("modern", "m1", first.member_epoch)
    first = beat("modern", "m1", first.member_epoch, quiet=True, topic_partitions=kept)
    print("it has:", first.member_epoch, first.assignment and [len(t.partitions) for t in first.assignment.topic_partitions])
    second = beat("modern", "m2", second.member_epoch, quiet=True)
    print("the other has:", second.member_epoch, [len(t.partitions) for t in second.assignment.topic_partitions])
    commit("modern", "m1", first.member_epoch - 1)
    commit("modern", "m1", first.member_epoch)
    theirs = given(second)
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])
    join("modern", "m3", "six", server_assignor="range")
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])
    beat("modern", "m3", -1)
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])
    for _ in range(3):
        first = beat("modern", "m1", first.member_epoch, quiet=True, topic_partitions=kept)
        second = beat("modern", "m2", second.member_epoch, quiet=True, topic_partitions=theirs)
        kept, theirs = given(first) or kept, given(second) or theirs
    print("both are at", first.member_epoch, second.member_epoch, "and have",
          sum(len(t["partitions"]) for t in kept), sum(len(t["partitions"]) for t in theirs))
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])
    beat("modern", "m2", -1)
    beat("modern", "m2", -1)
    beat("modern", "m1", first.member_epoch, topic_partitions=kept)
    describe("modern")
    beat("modern", "m1", -1)
    describe("modern")
    ask("ListGroups", 5, states_filter=[], types_filter=["consumer"])
    fetch_offsets("modern", None, -1)
    commit("modern", "", -1)


def ranges():
    title("groups that the broker assigns: ranges, other topics, partitions more")
    join("ranged", "a", "six", "five", server_assignor="range")
    one = join("ranged", "b", "six", "five", server_assignor="range")
    describe("ranged")
    beat("ranged", "a", 1, subscribed_topic_names=["five"])
    describe("ranged")
    beat("ranged", "a", 1, topic_partitions=parts(topic_id("five"), 0, 1, 2))
    beat("ranged", "b", one.member_epoch)
    describe("ranged")
    beat("ranged", "a", -1)
    beat("ranged", "b", 2)
    beat("ranged", "b", -1)
    join("growing", "a", "grows")
    ask("CreatePartitions", 1, timeout_ms=5000, validate_only=False, topics=[{"name": "grows", "count": 3, "assignments": None}])
    grown(3)
    describe("growing")
    client.call("DeleteTopics", 4, timeout_ms=5000, topic_names=["grows"])
    grown(0)
    describe("growing")
    join("later", "a", "made-later")
    create(("made-later", 2, 1, [], {}))
    settled(("made-later", 0), ("made-later", 1))
    grown(2, "later")
    beat("later", "a", -1)
    beat("growing", "a", -1)


def grown(count, group="growing"):
    """Beats until the change of the topic has arrived: a cluster's coordinator hears of it a little later."""
    deadline = time.time() + 10
    epoch = {"growing": 1, "later": 1}.get(group, 1)
    while time.time() < deadline:
        for at in (epoch, epoch + 1, epoch + 2):
            answer = beat(group, "a", at, quiet=True, topic_partitions=[], rebalance_timeout_ms=30_000,
                          subscribed_topic_names=["grows" if group == "growing" else "made-later"])
            if answer.error_code == 0:
                break
        if answer.error_code == 0 and sum(len(t["partitions"]) for t in given(answer)) == count:
            print("it has", count, "at", answer.member_epoch)
            return
        time.sleep(0.1)
    print("it never had", count)


def static():
    title("groups that the broker assigns: static members")
    first = join("steady", "s1", "six", instance_id="i1")
    join("steady", "s2", "six", instance_id="i1")
    beat("steady", "s2", first.member_epoch, instance_id="i1")
    beat("steady", "s1", first.member_epoch, instance_id="i2")
    beat("steady", "s1", first.member_epoch)
    beat("steady", "s2", -1, instance_id="i1")
    beat("steady", "s1", -2, instance_id="i1")
    describe("steady")
    beat("steady", "s1", first.member_epoch, instance_id="i1")
    commit("steady", "s1", first.member_epoch)
    join("steady", "s2", "six", instance_id="i1")
    describe("steady")
    beat("steady", "s1", first.member_epoch, instance_id="i1")
    beat("steady", "s2", -1, instance_id="i2")
    beat("steady", "s2", -1, instance_id="i1")
    describe("steady")


def expressions():
    title("groups that the broker assigns: expressions")
    create(("exp.one", 1, 1, [], {}), ("exp.two", 1, 1, [], {}), ("exp-three", 1, 1, [], {}))
    settled(("exp.one", 0), ("exp.two", 0), ("exp-three", 0))
    matched("x1", "exp\\..*", 2)
    matched("x2", "exp.t.*", 2)
    matched("x3", "p.one", 0)
    matched("x4", "", 0)
    matched("x5", "exp.one|six", 7)
    for number in range(1, 6):
        beat(f"x{number}", "a", -1)


def matched(group, text, count):
    """Joins and beats until the expression is looked up: Apache Kafka does so aside."""
    answer = join(group, "a", quiet=True, subscribed_topic_names=None, subscribed_topic_regex=text)
    assert answer.error_code == 0
    deadline = time.time() + 5
    have = given(answer)
    while sum(len(t["partitions"]) for t in have) != count and time.time() < deadline:
        time.sleep(0.1)
        answer = beat(group, "a", answer.member_epoch, quiet=True, topic_partitions=have, rebalance_timeout_ms=30_000,
                      subscribed_topic_regex=text)
        have = given(answer) or have
    print(repr(text), "stands for", sum(len(t["partitions"]) for t in have), "partitions")


def migration():
    title("groups that the broker assigns: from classic ones and back")
    commit("turning", "", -1)
    ask("ListGroups", 5, states_filter=[], types_filter=["CONSUMER"])
    join("turning", "a", "six")
    fetch_offsets("turning", None, -1)
    beat("turning", "a", -1)
    describe("turning")
    fields = {"group_id": "turning", "session_timeout_ms": 10_000, "rebalance_timeout_ms": 10_000, "protocol_type": "consumer",
              "group_instance_id": None, "protocols": [{"name": "range", "metadata": b""}]}
    answer = ask("JoinGroup", 5, member_id="", **fields)
    answer = ask("JoinGroup", 5, member_id=answer.member_id, **fields)
    ask("SyncGroup", 3, group_id="turning", generation_id=answer.generation_id, member_id=answer.member_id,
        group_instance_id=None, assignments=[{"member_id": answer.member_id, "assignment": b"x"}])
    describe("turning")
    join("turning", "a", "six")
    beat("turning", "a", 1)
    beat("turning", "a", -1)
    fetch_offsets("turning", None, -1)
    ask("LeaveGroup", 3, group_id="turning", members=[{"member_id": answer.member_id, "group_instance_id": None}])
    ask("DeleteGroups", 2, groups_names=["turning", "modern", "steady"])
    describe("turning", "modern")


def prepared():
    title("groups that the broker assigns: topics")
    create(("six", 6, 1, [], {}), ("five", 6, 1, [], {}), ("grows", 2, 1, [], {}))
    settled(("six", 5), ("five", 5), ("grows", 1))
    client.call("FindCoordinator", 3, key="modern", key_type=0)


PARTS = (prepared, refused, alone, together, ranges, static, expressions, migration)
