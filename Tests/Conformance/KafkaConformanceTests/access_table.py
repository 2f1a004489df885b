"""Each call of a client is refused without its right and goes through with it: rights as Apache Kafka documents them.

DescribeAcls and DescribeUserScramCredentials are not among them: librdkafka 2.16 frees what it must not when they are refused.

The broker's address is the argument. Users are `admin` (super) and `user`; the rules are made here.
"""
import sys

from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer,
                             TopicCollection, TopicPartition)
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   ResourcePatternType, ResourceType, ScramCredentialInfo, ScramMechanism,
                                   UserScramCredentialUpsertion)

server = sys.argv[1]


def login(name, password):
    return {"bootstrap.servers": server, "security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN",
            "sasl.username": name, "sasl.password": password}


mine = login("user", "pass")
admin = AdminClient(login("admin", "root"))
user = AdminClient(mine)
one = TopicPartition("t", 0, 0)


def first(futures):
    return next(iter(futures.values())).result(10)


def rule(principal, kind, name, operation):
    return AclBinding(kind, name, ResourcePatternType.LITERAL, principal, "*", operation, AclPermissionType.ALLOW)


def change(done, wanted):
    for future in done(wanted).values():
        future.result(10)


def revoke(bindings):
    change(admin.delete_acls, [AclBindingFilter(b.restype, b.name, b.resource_pattern_type, b.principal, b.host,
                                                b.operation, b.permission_type) for b in bindings])


def raised(error):
    if error:
        raise KafkaException(error)


def produce():
    failures = []
    producer = Producer(mine | {"message.timeout.ms": 5000})
    producer.produce("t", b"x", partition=0, on_delivery=lambda error, _: failures.append(error))
    producer.flush(10)
    raised(failures[0])


def consumer(**more):
    return Consumer(mine | {"group.id": "g", "enable.auto.commit": False, "auto.offset.reset": "earliest"} | more)


def fetch():
    reader = consumer()
    reader.assign([one])
    # That it has no right to the group is told too, and is not what is asked.
    message = reader.poll(5)
    while message and message.error() and message.error().name() == "GROUP_AUTHORIZATION_FAILED":
        message = reader.poll(5)
    reader.close()
    if message is None:
        raise KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    raised(message.error())


def join():
    member = consumer()
    member.subscribe(["t"])
    message = member.poll(10)
    member.close()
    assert message is not None
    raised(message.error())


def join_assigned():
    member = consumer(**{"group.protocol": "consumer", "group.id": "assigned"})
    member.subscribe(["t"])
    message = member.poll(10)
    member.close()
    assert message is not None
    raised(message.error())


def commit():
    done = user.alter_consumer_group_offsets([ConsumerGroupTopicPartitions("g", [one])])
    raised(first(done).topic_partitions[0].error)


def committed():
    raised(first(user.list_consumer_group_offsets([ConsumerGroupTopicPartitions("g", [
        TopicPartition("t", 0)])])).topic_partitions[0].error)


def configs(kind, name):
    return lambda: first(user.describe_configs([ConfigResource(kind, name)]))


def set_config():
    entry = ConfigEntry("retention.ms", "1000000", incremental_operation=AlterConfigOpType.SET)
    first(user.incremental_alter_configs([ConfigResource(ConfigResource.Type.TOPIC, "t", incremental_configs=[entry])]))


def make_topic():
    first(user.create_topics([NewTopic("new", 1, 1)]))
    first(admin.delete_topics(["new"]))


def make_rule():
    change(user.create_acls, [rule("User:x", ResourceType.TOPIC, "x", AclOperation.READ)])
    first(user.delete_acls([AclBindingFilter(ResourceType.TOPIC, "x", ResourcePatternType.LITERAL, "User:x", "*",
                                             AclOperation.READ, AclPermissionType.ALLOW)]))


def make_user():
    wanted = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
    first(user.alter_user_scram_credentials([UserScramCredentialUpsertion("new", wanted, b"secret")]))


T, G, C = ((ResourceType.TOPIC, "t"), (ResourceType.GROUP, "g"), (ResourceType.BROKER, "kafka-cluster"))
O = AclOperation
calls = [
    ("Produce", produce, [(T, O.WRITE)]),
    ("Fetch", fetch, [(T, O.READ)]),
    ("Metadata", lambda: first(user.describe_topics(TopicCollection(["t"]))), [(T, O.DESCRIBE)]),
    ("JoinGroup", join, [(G, O.READ), (T, O.READ)]),
    ("ConsumerGroupHeartbeat", join_assigned, [((ResourceType.GROUP, "assigned"), O.READ), (T, O.READ)]),
    ("ConsumerGroupDescribe", lambda: first(user.describe_consumer_groups(["assigned"])), [
        ((ResourceType.GROUP, "assigned"), O.DESCRIBE)]),
    ("OffsetCommit", commit, [(G, O.READ), (T, O.READ)]),
    ("OffsetFetch", committed, [(G, O.DESCRIBE), (T, O.DESCRIBE)]),
    ("DescribeGroups", lambda: first(user.describe_consumer_groups(["g"])), [(G, O.DESCRIBE)]),
    ("DeleteRecords", lambda: first(user.delete_records([TopicPartition("t", 0, 1)])), [(T, O.DELETE)]),
    ("CreateTopics", make_topic, [((ResourceType.TOPIC, "new"), O.CREATE)]),
    ("CreateTopics by the cluster", make_topic, [(C, O.CREATE)]),
    ("CreatePartitions", lambda: first(user.create_partitions([NewPartitions("t", 3)], validate_only=True)), [(T, O.ALTER)]),
    ("DescribeConfigs", configs(ConfigResource.Type.TOPIC, "t"), [(T, O.DESCRIBE_CONFIGS)]),
    ("DescribeConfigs of a broker", configs(ConfigResource.Type.BROKER, "1"), [(C, O.DESCRIBE_CONFIGS)]),
    ("IncrementalAlterConfigs", set_config, [(T, O.ALTER_CONFIGS)]),
    ("CreateAcls, DeleteAcls", make_rule, [(C, O.ALTER)]),
    ("AlterUserScramCredentials", make_user, [(C, O.ALTER)]),
    ("DeleteGroups", lambda: first(user.delete_consumer_groups(["g"])), [(G, O.DELETE)]),
    ("DeleteTopics", lambda: first(user.delete_topics(["t"])), [(T, O.DELETE)]),
]


def outcome(call):
    """None, or the name of the error."""
    try:
        call()
        return None
    except KafkaException as failure:
        return failure.args[0].name()


first(admin.create_topics([NewTopic("t", 2, 1)]))
writer = Producer(login("admin", "root"))
for _ in range(3):
    writer.produce("t", b"x", partition=0)
writer.flush(10)
first(admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions("g", [one])]))
# What has a rule is closed to everybody else.
change(admin.create_acls, [rule("User:owner", kind, name, O.ALL) for kind, name in [
    (ResourceType.TOPIC, "*"), (ResourceType.GROUP, "*"), C]])
wrong = []
for name, call, rights in calls:
    bindings = [rule("User:user", kind, resource, operation) for (kind, resource), operation in rights]
    for missing in bindings:
        others = [binding for binding in bindings if binding is not missing]
        if others:
            change(admin.create_acls, others)
        code = outcome(call)
        if code is None or not code.endswith("AUTHORIZATION_FAILED"):
            wrong.append((name, "without", str(missing.operation), missing.name, code))
        if others:
            revoke(others)
    change(admin.create_acls, bindings)
    code = outcome(call)
    if code is not None:
        wrong.append((name, "with all", code))
    revoke(bindings)
print("judged", len(calls), "calls:", wrong)
