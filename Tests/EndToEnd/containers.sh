#!/usr/bin/env bash
# The story in containers of their own (project marquee-test): rights, rules, kills, a moving broker, data that stays.
# Needs Docker or Podman, curl, python3, kcat. Ends with what was measured.
set -euo pipefail
cd "$(dirname "$0")/../.."
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
MARQUEE_DATA=$(mktemp -d)
GATEWAY_PORT=$(free_port) BROKER_PORT=$(free_port)
export MARQUEE_DATA GATEWAY_PORT BROKER_PORT COMPOSE_PROJECT_NAME=marquee-test
broker=127.0.0.1:$BROKER_PORT

stack() { deploy/containers.sh "$@" 2>> "$MARQUEE_DATA/log"; }
inside() { stack compose exec -T "$@"; }
check() { echo "ok: $*"; }
fail() { echo "FAILED: $*"; tail -n 30 "$MARQUEE_DATA/log"; exit 1; }
clean() { stack down -v > /dev/null || true; rm -rf "$MARQUEE_DATA"; }
trap clean EXIT
# within SECONDS COMMAND…: tries again until it succeeds.
within() {
    local deadline=$((SECONDS + $1)); shift
    until "$@" > "$MARQUEE_DATA/last" 2>&1; do
        [ $SECONDS -lt "$deadline" ] || { cat "$MARQUEE_DATA/last"; fail "not in time: $*"; }
        sleep 0.5
    done
}
story() {
    deploy/demo.sh > "$MARQUEE_DATA/last" 2>&1 || { cat "$MARQUEE_DATA/last"; fail "the story, $1"; }
    check "the story, $1"
}
# A picture of 64 by 64 pixels is made ready by the worker, confined inside of its container.
photo() {
    local url=http://127.0.0.1:$GATEWAY_PORT account='{"email":"photo@example.com","password":"correct horse battery"' token id
    curl -sf "$url/v1/users" --json "$account,\"display_name\":\"Photo\"}" > /dev/null
    token=$(curl -sf "$url/v1/auth/login" --json "$account}" | member access_token)
    python3 - > "$MARQUEE_DATA/photo.png" << 'END'
import struct, sys, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
pixels = b"".join(b"\0" + bytes((x * 3 + y) % 256 for x in range(192)) for y in range(64))
head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
png = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
sys.stdout.buffer.write(b"\x89PNG\r\n\x1a\n" + png)
END
    id=$(curl -sf "$url/v1/media" -H "Authorization: Bearer $token" --data-binary @"$MARQUEE_DATA/photo.png" | member id)
    within 30 bash -c "curl -sf $url/v1/media/$id | grep -q '\"state\":\"ready\"'"
    check "a photo is ready"
}
member() { python3 -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }
booked() { kcat -q -e -C -b "$broker" -t ticket-events -o beginning | wc -l; }

started=$SECONDS
stack up > /dev/null || fail "up"
check "all are ready $((SECONDS - started)) s after a first start"
story "at first"
photo
services=$(stack compose config --services)

# What a container finds out about itself: the folders it may see, its name.
judge='refuse() { echo "$1"; exit 1; }
    has() { grep -q "^$1:[[:space:]]*$2\$" /proc/1/status; }
    grep -q "^Uid:[[:space:]]*10001[[:space:]]" /proc/1/status || refuse "runs as somebody else"
    has CapEff "0*" && has NoNewPrivs 1 || refuse "has rights"
    { touch /etc/x || touch /usr/local/bin/x; } 2> /dev/null && refuse "writes to its image"
    ls /data | grep -qvxE "$1|access.json|secrets" && refuse "has data of others"
    [ "$2" = broker ] || [ "$(env | grep -c "KAFKA.*PASSWORD")" = 1 ] || refuse "knows passwords of others"'
for service in $services; do
    # Media, its workers and batch upload share one disk.
    case $service in media* | batch-upload) own='media|media-worker|batch-upload|blobs' ;; *) own=$service ;; esac
    inside "$service" sh -c "$judge" - "$own" "$service" > "$MARQUEE_DATA/last" || fail "$service $(cat "$MARQUEE_DATA/last")"
done
check "no rights, nothing to write to but its own data, no passwords of others"

[ "$(booked)" -gt 0 ] || fail "anyone may read"
send() { echo '{}' | timeout 20 kcat -P -b "$broker" -t payment-events -X message.timeout.ms=5000 "$@" 2> /dev/null; }
send && fail "a stranger wrote to payment-events"
as() {
    local name=$1 variable; shift
    variable=$(tr a-z A-Z <<< "$name")_KAFKA_PASSWORD
    "$@" -X security.protocol=SASL_PLAINTEXT -X sasl.mechanism=SCRAM-SHA-256 -X sasl.username="$name" \
        -X sasl.password="$(. "$MARQUEE_DATA/compose.env"; echo "${!variable}")"
}
as notification send && fail "notification wrote to payment-events"
as notification kcat -L -b "$broker" > /dev/null || fail "notification cannot log in"
check "the broker keeps its rules"

# A crash as the kernel makes it; an engine does not start again what it was told to kill.
process() { "$engine" inspect --format '{{.State.Pid}}' "$(stack compose ps -q "$1")"; }
engine=$(command -v podman || command -v docker)
if [ -w "/proc/$(process booking)/oom_score_adj" ]; then
    for service in booking broker; do
        kill -9 "$(process "$service")"
        within 60 deploy/demo.sh
        check "the story, after a kill of $service"
    done
else
    echo "skipped: kills, for processes of the engine are not ours"
fi

stack compose up -d --force-recreate --no-deps broker > /dev/null || fail "recreating the broker"
within 60 deploy/demo.sh
check "the story, after the broker came back as another container"

before=$(booked)
stopping=$SECONDS
stack down > /dev/null || fail "down"
check "down took $((SECONDS - stopping)) s"
started=$SECONDS
stack up > /dev/null || fail "up again"
check "all are ready $((SECONDS - started)) s after a second start"
[ "$(booked)" -ge "$before" ] || fail "of $before events $(booked) are left"
story "with the data of before"
echo "All passed."
