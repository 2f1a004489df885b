"""Comments through the gateway, each durable and in the outbox before its answer; lists of ten thousand and of a million."""

import http.client
import sqlite3
import statistics
import time

import machine
import report
from bench_gateway import raise_limits
from services import Services, exchange, wrk
from tokens import Mint, identifier

CLIENTS = 32
USERS = 500
SECONDS = 6
ROUNDS = 2
SIZES = [10_000, 1_000_000]
REQUESTS = 300
BODY = "Phim **hay** quá, nhạc cũng hay! https://example.com/phim"

SEED = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO comments (id, target_id, parent_id, level_id, author_id, depth, body, html, state, version, created_at, likes,
    reports, replies, is_pinned, rank)
SELECT randomblob(16), :target, NULL, :target, randomblob(16), 0, :body, :html, 'visible', 1, 1742378400000 + i, 0, 0, 0, 0,
    abs(random()) % 1000000000 FROM n
"""


def run():
    runs = [writing() for _ in range(ROUNDS)]
    report.add("comment", "durable comments/s through the gateway, 32 clients", [run["rate"] for run in runs], "/s")
    report.add("comment", "CPU per comment, Comment", [run["comment"] for run in runs], "us")
    report.add("comment", "CPU per comment, gateway", [run["gateway"] for run in runs], "us")
    report.add("comment", "CPU per comment, broker", [run["broker"] for run in runs], "us")
    report.add("comment", "request to durable comment, p99", [run["p99"] for run in runs], "ms")
    small, large = (reading(size) for size in SIZES)
    for name in small:
        report.add("comment", f"{name}: p50 at 1 M beside 10 k rows", large[name], "ms", "10 k rows", small[name], 1.5, cost=True)


def target_of(services, owner):
    """A public picture, written where Comment keeps what Media tells."""
    target = bytes.fromhex(identifier().replace("-", ""))
    base = sqlite3.connect(services.data / "comment/comment.sqlite", timeout=20)
    base.execute("INSERT INTO targets (id, owner_id, is_public, is_ready, is_deleted) VALUES (?, ?, 1, 1, 0)",
                 (target, bytes.fromhex(owner.replace("-", ""))))
    base.commit()
    base.close()
    text = target.hex()
    return target, "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def writing():
    mint = Mint()
    services = Services("comment", "gateway", mint=mint, COMMENT_PER_MINUTE=1_000_000)
    raise_limits(services.ports["gateway"], mint.token(roles=["admin"]))
    _, target = target_of(services, identifier())
    script = load_script(mint, target)
    before = {name: process.cpu() for name, process in services.processes.items()}
    result = wrk(services.ports["gateway"], script, CLIENTS, SECONDS)
    cpu = {name: process.cpu() - before[name] for name, process in services.processes.items()}
    services.stop()
    if result["other"] or not result["made"]:
        raise SystemExit(f"comment: unexpected answers: {result}")
    return {"rate": result["made"] / result["seconds"], "p99": result["p99"],
            **{name: seconds / result["made"] * 1e6 for name, seconds in cpu.items()}}


def load_script(mint, target):
    folder = machine.directory("load")
    (folder / "tokens").write_text("".join(mint.token() + "\n" for _ in range(USERS)))
    (folder / "load.lua").write_text(f"""
local tokens, number = {{}}, 0
made, other, unexpected = 0, 0, ""
local threads = {{}}
setup = function(thread) threads[#threads + 1] = thread end
init = function()
  for line in io.lines("{folder}/tokens") do tokens[#tokens + 1] = line end
end
request = function()
  number = number + 1
  return wrk.format("POST", "/v1/media/{target}/comments", {{ ["Authorization"] = "Bearer " .. tokens[number % #tokens + 1],
    ["Content-Type"] = "application/json" }}, string.format('{{"body":"{BODY} %d"}}', number))
end
response = function(status, headers, body)
  if status == 201 then made = made + 1 else other = other + 1; unexpected = status end
end
done = function(summary, latency)
  local thread = threads[1]
  io.write(string.format('RESULT {{"made":%d,"other":%d,"unexpected":"%s","seconds":%f,"p99":%f}}\\n', thread:get("made"),
    thread:get("other"), thread:get("unexpected"), summary.duration / 1e6, latency:percentile(99) / 1e3))
end
""")
    return folder / "load.lua"


def reading(size):
    """Milliseconds, median, of the first page and of one in the middle, in each order, and of a write."""
    mint = Mint()
    services = Services("comment", mint=mint, COMMENT_PER_MINUTE=1_000_000)
    owner = identifier()
    target, text = target_of(services, owner)
    base = sqlite3.connect(services.data / "comment/comment.sqlite", timeout=60)
    base.execute("PRAGMA synchronous = OFF")
    base.execute(SEED, {"count": size, "target": target, "body": BODY, "html": f"<p>{BODY}</p>"})
    base.commit()
    base.close()
    times = {}
    connection = http.client.HTTPConnection("127.0.0.1", services.ports["comment"], timeout=20)
    for sort in ("new", "old", "top"):
        path = f"/v1/media/{text}/comments?sort={sort}&limit=50"
        times[f"list by {sort}, first page"] = median(connection, "GET", path)
        for _ in range(20):
            _, page = exchange(connection, "GET", path)
            path = f"/v1/media/{text}/comments?sort={sort}&limit=50&cursor={page['next_cursor']}"
        times[f"list by {sort}, page 21"] = median(connection, "GET", path)
    token = mint.token()
    times["a comment"] = median(connection, "POST", f"/v1/media/{text}/comments", token)
    services.stop()
    return times


def median(connection, method, path, token=None):
    times = []
    for number in range(REQUESTS):
        began = time.perf_counter()
        status, answer = exchange(connection, method, path, {"body": f"{BODY} {number}"} if token else None, token)
        times.append((time.perf_counter() - began) * 1000)
        if status not in (200, 201):
            raise SystemExit(f"comment: {method} {path}: {status} {answer}")
    return statistics.median(times)
