#!/bin/bash
# What Apache Kafka writes and answers, made anew: frames.txt and transcript.txt. KAFKA_HOME is a folder whose libs/ has
# its jars (4.2), MARQUEE_PYTHON an interpreter with kafka-python; Java 17 or later.
set -euo pipefail
cd "$(dirname "$0")"
jars="$KAFKA_HOME/libs/*"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
controller=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
folder=$(mktemp -d)
broker=
trap 'if [ -n "$broker" ]; then kill -9 "$broker"; fi; rm -rf "$folder"' EXIT

java -cp "$jars" Frames.java > "$folder/frames.txt" 2> "$folder/log"

cat > "$folder/server.properties" << END
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
controller.quorum.voters=1@127.0.0.1:$controller
log.dirs=$folder/data
num.partitions=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
log.initial.task.delay.ms=600000
END
java -cp "$jars" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "$folder/server.properties" >> "$folder/log" 2>&1
java -Xmx512M -cp "$jars" kafka.Kafka "$folder/server.properties" >> "$folder/log" 2>&1 &
broker=$!
for _ in $(seq 300); do
  if (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then break; fi
  kill -0 "$broker" || { cat "$folder/log"; exit 1; }
  sleep 0.2
done
"${MARQUEE_PYTHON:-python3}" scenario.py "127.0.0.1:$port" > "$folder/transcript.txt"
cp "$folder/frames.txt" "$folder/transcript.txt" .
