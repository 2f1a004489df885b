"""Decisions about seats of one hot showtime, beside the same transaction in PostgreSQL."""

import glob
import os
import shutil
import subprocess
import time

import machine
import report
from services import Services, wrk
from tokens import Mint

CLIENTS = 32
ROWS = SEATS = 60
# Four seats each: what one may have in one showtime is eight.
USERS = 900
SECONDS = 6
ROUNDS = 2

SCHEMA = """
CREATE TABLE seats (showtime int, seat int, state text NOT NULL, booking uuid, expires_at timestamptz,
  PRIMARY KEY (showtime, seat));
INSERT INTO seats SELECT 1, n, 'available' FROM generate_series(1, 1000000) n;
CREATE TABLE bookings (id uuid PRIMARY KEY, user_id uuid NOT NULL, showtime int NOT NULL, seat int NOT NULL,
  state text NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON bookings (user_id, created_at);
CREATE TABLE outbox (id bigserial PRIMARY KEY, topic text NOT NULL, key text NOT NULL, payload jsonb NOT NULL);
VACUUM ANALYZE;
"""

TRANSACTION = r"""
\set seat random(1, 1000000)
BEGIN;
WITH made AS (INSERT INTO bookings VALUES (gen_random_uuid(), gen_random_uuid(), 1, :seat, 'locked', now()) RETURNING id)
UPDATE seats SET state = 'locked', booking = made.id, expires_at = now() + interval '5 minutes' FROM made
WHERE showtime = 1 AND seat = :seat AND state = 'available';
INSERT INTO outbox (topic, key, payload) VALUES ('seat-locked', '1', jsonb_build_object('seat', :seat::int, 'state', 'locked'));
COMMIT;
"""


def run():
    ours = [decisions() for _ in range(ROUNDS)]
    report.add("booking", "decisions: seats sold", [run["sold"] for run in ours], "")
    report.add("booking", "decisions: requests refused", [run["refused"] for run in ours], "")
    report.add("booking", "CPU per decision, all processes", [run["cpu"] for run in ours], "us")
    report.add("booking", "request to durable decision, p99", [run["p99"] for run in ours], "ms")
    theirs = pgbench(SCHEMA, TRANSACTION, CLIENTS, SECONDS)
    if theirs is None:
        return report.skip("booking", "PostgreSQL 15 is not installed or this is not root")
    report.add("booking", "CPU per transaction of PostgreSQL", theirs["cpu"], "us")
    report.add("booking", "decisions/s, 32 clients, over HTTP", [run["rate"] for run in ours], "/s", "PostgreSQL, pgbench", [theirs["rate"]] * ROUNDS, 1.0)


def decisions():
    mint = Mint()
    services = Services("booking", mint=mint)
    showtime = make_showtime(services, mint.token(roles=["admin"]))
    script = load_script(mint, showtime)
    # A ready service may still wait for its place in a group of a broker that has just begun.
    status, answer = services.call("booking", "POST", "/v1/bookings", {"showtime_id": showtime, "seats": ["AA1"]},
                                   mint.token(), Prefer="wait=10")
    if status != 201:
        raise SystemExit(f"booking: {status} {answer}")
    before = services.cpu()
    result = wrk(services.ports["booking"], script, CLIENTS, SECONDS)
    cpu = services.cpu() - before
    services.stop()
    if result["other"] or not result["sold"]:
        raise SystemExit(f"booking: unexpected answers: {result}")
    count = result["sold"] + result["refused"]
    return {"sold": result["sold"], "refused": result["refused"], "rate": count / result["seconds"],
            "cpu": cpu / count * 1e6, "p99": result["p99"]}


def make_showtime(services, token):
    def make(path, body):
        status, answer = services.call("booking", "POST", path, body, token)
        if status != 201:
            raise SystemExit(f"booking: POST {path}: {status} {answer}")
        return answer["id"]

    movie = make("/v1/movies", {"title": "Load", "duration_minutes": 90})
    rows = [{"row": row_name(row), "seats": SEATS, "category": "standard"} for row in range(ROWS)]
    hall = make("/v1/halls", {"name": "Hall", "rows": rows})
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
    return make("/v1/showtimes", {"movie_id": movie, "hall_id": hall, "starts_at": start,
                                  "prices": {"standard": 90000}, "currency": "VND"})


def row_name(row):
    return chr(65 + row // 26) + chr(65 + row % 26)


def load_script(mint, showtime):
    folder = machine.directory("load")
    (folder / "tokens").write_text("".join(mint.token() + "\n" for _ in range(USERS)))
    names = ",".join(f'"{row_name(row)}"' for row in range(ROWS))
    (folder / "load.lua").write_text(f"""
local tokens, names, number = {{}}, {{{names}}}, 0
sold, refused, other, unexpected = 0, 0, 0, ""
local threads = {{}}
setup = function(thread) threads[#threads + 1] = thread end
init = function()
  for line in io.lines("{folder}/tokens") do tokens[#tokens + 1] = line end
end
request = function()
  local seat = number % {ROWS * SEATS}
  number = number + 1
  local body = string.format('{{"showtime_id":"{showtime}","seats":["%s%d"]}}', names[math.floor(seat / {SEATS}) + 1],
    seat % {SEATS} + 1)
  return wrk.format("POST", "/v1/bookings", {{ ["Authorization"] = "Bearer " .. tokens[seat % #tokens + 1],
    ["Content-Type"] = "application/json", ["Prefer"] = "wait=10" }}, body)
end
response = function(status, headers, body)
  if status == 201 then sold = sold + 1
  elseif status == 409 then refused = refused + 1
  else other = other + 1; unexpected = status end
end
done = function(summary, latency)
  local thread = threads[1]
  io.write(string.format('RESULT {{"sold":%d,"refused":%d,"other":%d,"unexpected":"%s","seconds":%f,"p99":%f}}\\n',
    thread:get("sold"), thread:get("refused"), thread:get("other"), thread:get("unexpected"), summary.duration / 1e6,
    latency:percentile(99) / 1e3))
end
""")
    return folder / "load.lua"


def pgbench(schema, transaction, clients, seconds):
    """Transactions a second of a PostgreSQL of its own, synchronous, and its CPU for one, in us; None where it cannot run."""
    found = glob.glob("/usr/lib/postgresql/*/bin")
    if not found or not shutil.which("pgbench") or os.geteuid() != 0:
        return None
    binaries, folder = sorted(found)[-1], machine.directory("postgres")
    shutil.chown(folder, "postgres")
    folder.parent.chmod(0o755)
    port = machine.free_port()
    user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]
    subprocess.run([*user, f"{binaries}/initdb", "-D", folder / "data", "-A", "trust"], check=True, capture_output=True)
    server = machine.Process("postgres", [*user, f"{binaries}/postgres", "-D", folder / "data", "-p", port, "-h",
                                          "127.0.0.1", "-k", folder])
    server.wait_for_port(port)
    address = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
    (folder / "schema.sql").write_text(schema)
    (folder / "transaction.sql").write_text(transaction)
    subprocess.run(["psql", *address, "-q", "-f", folder / "schema.sql"], check=True, capture_output=True, timeout=120)
    before = server.cpu()
    output = subprocess.run(
        ["pgbench", *address, "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f",
         folder / "transaction.sql", "postgres"], check=True, capture_output=True, text=True, timeout=120).stdout
    rate = float(next(text for text in output.splitlines() if text.startswith("tps")).split()[2])
    cpu = (server.cpu() - before) / (rate * seconds) * 1e6
    server.stop()
    return {"rate": rate, "cpu": cpu}
