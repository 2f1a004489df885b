import System
import TestSupport

/// What the programs have in common that load a broker while it is killed: one of confluent-kafka's clients, patience, a
/// topic. Their arguments are the broker's address, a file that is there when the kills are over, and how many there are.
enum KillProgram {
    /// How often the broker is killed; `KILLS` says otherwise.
    static func kills(_ standard: Int) -> Int { Environment.value("KILLS").flatMap(Int.init) ?? standard }

    /// To be followed by what a program does.
    static let setUp = """
        import os, sys, threading, time
        from collections import Counter, defaultdict
        from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
        from confluent_kafka.admin import AdminClient, NewTopic

        ADDRESS, ENDED, KILLS = sys.argv[1:]
        TOPIC, PARTITIONS = "kills", 3
        COMMON = {"bootstrap.servers": ADDRESS, "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100,
                  "log_level": 0, "socket.timeout.ms": 10000}
        problems = []

        def eventually(what, body):
            deadline = time.time() + 90
            while time.time() < deadline:
                try:
                    if body():
                        return
                except KafkaException:
                    pass
                time.sleep(0.05)
            problems.append("not in time: " + what)

        def create():
            admin = AdminClient(COMMON)
            for made in admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)]).values():
                try:
                    made.result(5)
                except KafkaException as error:
                    return error.args[0].name() == "TOPIC_ALREADY_EXISTS"
            return True

        def judge():
            print("\\n".join(problems) if problems else "all is well")
            sys.exit(1 if problems else 0)

        eventually("the topic is made", create)
        places = [TopicPartition(TOPIC, partition, 0) for partition in range(PARTITIONS)]

        """
}
