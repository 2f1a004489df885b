"""Durable likes through the gateway beside the same transaction in PostgreSQL, and how lists and writes grow with the rows."""

import http.client
import json
import sqlite3
import statistics
import time

import confluent_kafka
import machine
import report
from bench_booking import pgbench
from services import Services, exchange, wrk
from tokens import Mint, identifier

CLIENTS = 32
SECONDS = 6
ROUNDS = 2
USERS = 500
TARGETS = 500
# Rows of the small and of the large table, and requests of each kind that are timed.
SMALL, LARGE = 10_000, 1_000_000
SAMPLES = 400

SCHEMA = """
CREATE TABLE likes (target int NOT NULL, user_id int NOT NULL, liked_at timestamptz NOT NULL, PRIMARY KEY (target, user_id));
CREATE INDEX ON likes (target, liked_at, user_id);
CREATE INDEX ON likes (user_id, liked_at, target);
CREATE TABLE counters (target int PRIMARY KEY, count bigint NOT NULL, version bigint NOT NULL);
INSERT INTO counters SELECT n, 0, 0 FROM generate_series(1, {targets}) n;
CREATE TABLE outbox (id bigserial PRIMARY KEY, topic text NOT NULL, key text NOT NULL, payload jsonb NOT NULL);
VACUUM ANALYZE;
"""

TRANSACTION = r"""
\set target random(1, {targets})
\set user random(1, 1000000000)
BEGIN;
INSERT INTO likes VALUES (:target, :user, now()) ON CONFLICT DO NOTHING;
UPDATE counters SET count = count + 1, version = version + 1 WHERE target = :target RETURNING count;
INSERT INTO outbox (topic, key, payload) VALUES ('like-events', :target::text,
  jsonb_build_object('target', :target::int, 'user', :user::int, 'type', 'like.added'));
COMMIT;
"""


def run():
    for name, targets in (("500 targets", TARGETS), ("one target", 1)):
        ours = [likes(targets) for _ in range(ROUNDS)]
        theirs = pgbench(SCHEMA.format(targets=targets), TRANSACTION.format(targets=targets), CLIENTS, SECONDS)
        rates, cpu = [run["rate"] for run in ours], [run["cpu"] for run in ours]
        peer = None if theirs is None else [theirs["rate"]] * ROUNDS
        peer_cpu = None if theirs is None else [theirs["cpu"]] * ROUNDS
        report.add("like", f"durable likes/s by the gateway, {name}", rates, "/s", "PostgreSQL, pgbench", peer, 2.0)
        report.add("like", f"CPU per like, all processes, {name}", cpu, "us", "PostgreSQL", peer_cpu, cost=True)
        report.add("like", f"request to durable like, p99, {name}", [run["p99"] for run in ours], "ms")
    growth()


def prepare(targets, *names):
    """Services that know some photos; their ids, and the mint."""
    mint = Mint()
    services = Services(*names, mint=mint)
    photos = [identifier() for _ in range(targets)]
    owner = identifier()
    producer = confluent_kafka.Producer({"bootstrap.servers": f"127.0.0.1:{services.ports['broker']}",
                                         "partitioner": "murmur2_random"})
    for photo in photos:
        payload = {"media_id": photo, "owner_id": owner, "visibility": "public", "kind": "image", "width": 1,
                   "height": 1, "placeholder": "L", "variants": []}
        producer.produce("media-events", json.dumps(payload).encode(), photo, headers={
            "ce_specversion": "1.0", "ce_id": identifier(), "ce_source": "/media", "ce_type": "media.processed",
            "ce_time": "2025-03-19T10:00:00.000Z", "ce_subject": photo, "content-type": "application/json",
            "ce_sequence": "1"})
    producer.flush()
    token = mint.token(user=owner)
    deadline = time.monotonic() + 30
    while any(services.call("like", "GET", f"/v1/media/{photo}/likes/me", token=token)[0] != 200 for photo in photos):
        if time.monotonic() > deadline:
            raise SystemExit("like: the targets are not known")
        time.sleep(0.1)
    return services, photos, mint


def likes(targets):
    services, photos, mint = prepare(targets, "like", "gateway")
    raise_limits(services, mint)
    script = load_script(services, mint, photos)
    before = services.cpu()
    result = wrk(services.ports["gateway"], script, CLIENTS, SECONDS)
    cpu = services.cpu() - before
    status, audit = services.call("like", "GET", "/v1/admin/likes/audit", token=mint.token(roles=["admin"]))
    services.stop()
    if result["other"] or not result["liked"] or status != 200 or audit["drift"]:
        raise SystemExit(f"like: {result} {status} {audit}")
    return {"rate": result["liked"] / result["seconds"], "cpu": cpu / result["liked"] * 1e6, "p99": result["p99"]}


def raise_limits(services, mint):
    rules = [{"name": "address", "scope": "address", "quota": 10_000_000, "window_seconds": 60},
             {"name": "user", "scope": "user", "quota": 10_000_000, "window_seconds": 60}]
    status, answer = services.call("gateway", "PUT", "/v1/admin/rate-limits", {"rules": rules},
                                   mint.token(roles=["admin"]), **{"If-Match": '"0"'})
    if status != 200:
        raise SystemExit(f"like: limits: {status} {answer}")


def load_script(services, mint, photos):
    """Each request changes something: another user or another target, or on one target all users like it, then none."""
    folder = machine.directory("load")
    tokens = [mint.token() for _ in range(USERS)]
    for token in tokens:
        # Signatures are checked once: not what is measured.
        services.call("gateway", "GET", f"/v1/media/{photos[0]}/likes/me", token=token)
    (folder / "tokens").write_text("".join(token + "\n" for token in tokens))
    (folder / "photos").write_text("".join(photo + "\n" for photo in photos))
    (folder / "load.lua").write_text(f"""
local tokens, photos, number = {{}}, {{}}, 0
liked, repeated, other, unexpected = 0, 0, 0, ""
local threads = {{}}
setup = function(thread) threads[#threads + 1] = thread end
init = function()
  for line in io.lines("{folder}/tokens") do tokens[#tokens + 1] = "Bearer " .. line end
  for line in io.lines("{folder}/photos") do photos[#photos + 1] = line end
end
local methods = {{ "PUT", "DELETE" }}
request = function()
  local user, turn = number % #tokens, math.floor(number / #tokens)
  number = number + 1
  local method = #photos > 1 and "PUT" or methods[turn % 2 + 1]
  return wrk.format(method, "/v1/media/" .. photos[(user + turn) % #photos + 1] .. "/likes/me",
    {{ ["Authorization"] = tokens[user + 1] }})
end
response = function(status, headers, body)
  if status == 200 then liked = liked + 1 else other = other + 1; unexpected = status end
end
done = function(summary, latency)
  local thread = threads[1]
  io.write(string.format('RESULT {{"liked":%d,"other":%d,"unexpected":"%s","seconds":%f,"p99":%f}}\\n',
    thread:get("liked"), thread:get("other"), thread:get("unexpected"), summary.duration / 1e6,
    latency:percentile(99) / 1e3))
end
""")
    return folder / "load.lua"


def growth():
    """The same requests at a small and at a large table, half of its rows on one target; medians in milliseconds."""
    times = {}
    for rows in (SMALL, LARGE):
        services, photos, mint = prepare(2, "like")
        user = identifier()
        services.processes["like"].stop()
        fill(services.data / "like" / "like.sqlite", photos[0], bytes.fromhex(user.replace("-", "")), rows)
        services.restart("like")
        times[rows] = measure(services, photos, mint, mint.token(user=user))
        services.stop()
    for name, small in times[SMALL].items():
        large = times[LARGE][name]
        report.add("like", f"{name}: 1 M rows against 10 k, p50", large, "ms", "10 k rows", small, 1.5, cost=True)


def fill(path, photo, user, rows):
    """Half of the likes are of one target, half of one user."""
    base = sqlite3.connect(path)
    target, half = bytes.fromhex(photo.replace("-", "")), rows // 2
    others = lambda: bytes.fromhex(identifier().replace("-", ""))
    base.executemany("INSERT INTO likes VALUES (?, ?, ?)", ((target, others(), 1000 + n) for n in range(half)))
    base.execute("INSERT INTO counters VALUES (?, ?, ?, 1)", (target, half, half))
    base.executemany("INSERT INTO likes VALUES (?, ?, ?)", ((others(), user, 1000 + n) for n in range(half)))
    base.commit()
    base.close()


def measure(services, photos, mint, token):
    first = f"/v1/media/{photos[0]}/likes"
    cursor = services.call("like", "GET", first)[1]["next_cursor"]
    paths = {
        "who likes it, first page": ("GET", first), "who likes it, a later page": ("GET", f"{first}?cursor={cursor}"),
        "my likes": ("GET", "/v1/users/me/likes"), "count and one's own like": ("GET", f"{first}/me"),
    }
    connection = http.client.HTTPConnection("127.0.0.1", services.ports["like"], timeout=20)
    found = {name: timed(lambda: exchange(connection, method, path, None, token))
             for name, (method, path) in paths.items()}
    tokens = iter([mint.token() for _ in range(SAMPLES)])
    found["a durable like"] = timed(lambda: exchange(connection, "PUT", f"{first}/me", None, next(tokens)))
    return found


def timed(call):
    times = []
    for _ in range(SAMPLES):
        start = time.perf_counter()
        status, answer = call()
        times.append((time.perf_counter() - start) * 1e3)
        if status != 200:
            raise SystemExit(f"like: {status} {answer}")
    return statistics.median(times)
