#!/usr/bin/env bash
# The stack in containers, by Docker or Podman, whichever is there: make images, compose-up, compose-down.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${MARQUEE_DATA:-$PWD/.marquee}
export MARQUEE_IMAGE=${MARQUEE_IMAGE:-marquee:latest}
export MARQUEE_MEDIA_WORKER_IMAGE=${MARQUEE_MEDIA_WORKER_IMAGE:-marquee-media-worker:latest}
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-marquee}
ready_seconds=120

fail() { echo "$*" >&2; exit 1; }

# The engine: Docker when one answers that is not Podman in disguise, else Podman.
find_engine() {
    if docker version --format '{{json .Server}}' 2>/dev/null | grep -v Podman | grep -q Version; then
        engine=docker
    elif command -v podman > /dev/null; then
        engine=podman
    else
        fail "There is neither a Docker that answers nor Podman. Without containers: make up"
    fi
}

# Docker Compose, plugin or program; Podman serves it by a socket, which is opened for as long as it is used.
find_compose() {
    if [ $engine = podman ]; then
        local socket=${XDG_RUNTIME_DIR:-/run}/podman/podman.sock
        export DOCKER_HOST=${DOCKER_HOST:-unix://$socket}
        local ping=(curl -s --unix-socket "${DOCKER_HOST#unix://}" http://podman/_ping)
        if ! "${ping[@]}" > /dev/null; then
            mkdir -p "$(dirname "$socket")"
            podman system service --time 60 "$DOCKER_HOST" > /dev/null 2>&1 &
            "${ping[@]}" --retry 50 --retry-delay 1 --retry-all-errors > /dev/null
        fi
    fi
    if docker compose version > /dev/null 2>&1; then
        compose=(docker compose)
    elif command -v docker-compose > /dev/null; then
        compose=(docker-compose)
    else
        fail "Docker Compose is missing: the plugin docker-compose-plugin, or the program docker-compose"
    fi
    compose+=(--env-file "$data/compose.env" -f deploy/compose.yaml)
}

# Programs compiled here run in the image when both are the same Debian; else the Dockerfile compiles.
images() {
    find_engine
    local arguments=(-f deploy/Dockerfile) targets=(marquee media-worker)
    [ -n "${BASE:-}" ] && arguments+=(--build-arg "BASE=$BASE")
    [ -n "${SWIFT_IMAGE:-}" ] && arguments+=(--build-arg "SWIFT_IMAGE=$SWIFT_IMAGE")
    if [ -z "${SWIFT_IMAGE:-}" ] && command -v swift > /dev/null && grep -qs '=bookworm' /etc/os-release; then
        make image-programs
        targets=(prebuilt prebuilt-media-worker)
    fi
    $engine build "${arguments[@]}" --target "${targets[0]}" -t "$MARQUEE_IMAGE" .
    $engine build "${arguments[@]}" --target "${targets[1]}" -t "$MARQUEE_MEDIA_WORKER_IMAGE" .
    for image in "$MARQUEE_IMAGE" "$MARQUEE_MEDIA_WORKER_IMAGE"; do
        $engine image inspect --format "$image: {{.Size}} bytes" "$image"
    done
}

# Passwords and the administrator's account, made by the image itself, so that nothing has to be compiled here.
secrets() {
    mkdir -p -m 0700 "$data"
    local user=(--user "$(id -u):$(id -g)")
    [ $engine = podman ] && [ "$(id -u)" != 0 ] && user+=(--userns keep-id)
    local variables=(-e ADVERTISED_LISTENERS -e BROKER_PORT -e GATEWAY_PORT -e KAFKA_BOOTSTRAP_SERVERS -e PUBLIC_URL)
    $engine run --rm "${user[@]}" "${variables[@]}" --network none --security-opt label=disable -v "$data:/data" \
        "$MARQUEE_IMAGE" stack -f /etc/marquee/compose.yaml secrets > /dev/null
}

health() { $engine inspect --format '{{.State.Health.Status}}' "$1"; }

# Without systemd nothing makes Podman look whether containers are healthy.
watch_health() {
    while :; do
        for container in $("${compose[@]}" ps -q 2> /dev/null); do
            podman healthcheck run "$container" > /dev/null 2>&1 || true
        done
        sleep 0.5
    done
}

wait_until_ready() {
    local deadline=$((SECONDS + ready_seconds)) container waiting
    while :; do
        waiting=
        for container in $("${compose[@]}" ps -q); do
            [ "$(health "$container")" = healthy ] || waiting+=" $($engine inspect --format '{{.Name}}' "$container")"
        done
        [ -z "$waiting" ] && return
        [ $SECONDS -lt $deadline ] || { "${compose[@]}" logs --tail 20; fail "not ready:$waiting"; }
        sleep 0.5
    done
}

up() {
    find_engine
    $engine image inspect "$MARQUEE_IMAGE" "$MARQUEE_MEDIA_WORKER_IMAGE" > /dev/null 2>&1 || images
    secrets
    find_compose
    if [ $engine = podman ] && [ ! -d /run/systemd/system ]; then
        watch_health &
        watcher=$!
        trap 'kill $watcher' EXIT
    fi
    "${compose[@]}" up -d
    wait_until_ready
    deploy/seed/seed.sh
    deploy/seed/welcome.sh
}

# Any command of Docker Compose: `containers.sh compose logs -f booking`.
compose() {
    find_engine
    [ -f "$data/compose.env" ] || fail "never started here: there is no $data/compose.env"
    find_compose
    "${compose[@]}" "$@"
}

case ${1:-} in
    images | up) "$1" ;;
    down) compose "$@" ;;
    compose) "$@" ;;
    *) fail "usage: containers.sh images | up | down [-v] | compose COMMAND…" ;;
esac
