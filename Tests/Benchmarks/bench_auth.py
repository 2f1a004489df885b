"""Refreshes and log-ins a second; log-ins beside what Argon2id alone allows."""

import os
import subprocess
import sys

import machine
import report
from services import PASSWORD, Services, wrk

SESSIONS = 64
SECONDS = 4
ROUNDS = 3
# As User hashes passwords.
HASH = """
import sys, time
from argon2.low_level import Type, hash_secret_raw
end, count = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < end:
    hash_secret_raw(b"correct horse battery staple nine", b"0123456789abcdef", 2, 19456, 1, 32, Type.ID)
    count += 1
print(count)
"""

DONE = """
local threads = {}
good, bad = 0, 0
setup = function(thread) threads[#threads + 1] = thread end
done = function(summary, latency)
  io.write(string.format('RESULT {"good":%d,"bad":%d,"seconds":%f,"p99":%f}\\n', threads[1]:get("good"),
    threads[1]:get("bad"), summary.duration / 1e6, latency:percentile(99) / 1e3))
end
"""

# Each answer's token is the next request's: a queue of more sessions than connections.
REFRESH = DONE + """
local queue, head, tail = {}, 1, 0
init = function()
  for line in io.lines("TOKENS") do tail = tail + 1; queue[tail] = line end
end
request = function()
  local token = queue[head]
  queue[head] = nil
  head = head + 1
  return wrk.format("POST", "/v1/auth/token", { ["Content-Type"] = "application/json" },
    '{"refresh_token":"' .. token .. '"}')
end
response = function(status, headers, body)
  local token = body:match('"refresh_token" ?: ?"([^"]+)"')
  if status == 200 and token then
    good = good + 1
    tail = tail + 1
    queue[tail] = token
  else bad = bad + 1 end
end
"""

LOGIN = DONE + """
local number = 0
request = function()
  number = number + 1
  return wrk.format("POST", "/v1/auth/login", { ["Content-Type"] = "application/json" },
    string.format('{"email":"load%d@example.com","password":"PASSWORD"}', number % PEOPLE))
end
response = function(status) if status == 200 then good = good + 1 else bad = bad + 1 end end
"""


def run():
    services = Services("user", "auth")
    folder = machine.directory("load")
    for number in range(SESSIONS * 2):
        body = {"email": f"load{number}@example.com", "password": PASSWORD, "display_name": "Load"}
        status, answer = services.call("user", "POST", "/v1/users", body)
        if status != 201:
            raise SystemExit(f"sign-up: {status} {answer}")
    tokens = []
    for number in range(SESSIONS * 2):
        body = {"email": f"load{number}@example.com", "password": PASSWORD}
        status, answer = services.call("auth", "POST", "/v1/auth/login", body)
        if status != 200:
            raise SystemExit(f"log-in: {status} {answer}")
        tokens.append(answer["refresh_token"])
    (folder / "tokens").write_text("".join(token + "\n" for token in tokens))
    refreshes(services, folder)
    logins(services, folder)
    services.stop()


def refreshes(services, folder):
    script = folder / "refresh.lua"
    script.write_text(REFRESH.replace("TOKENS", str(folder / "tokens")))
    before = services.processes["auth"].cpu()
    result = wrk(services.ports["auth"], script, SESSIONS, SECONDS)
    if result["bad"]:
        raise SystemExit(f"auth: {result['bad']} refreshes were refused")
    cpu = (services.processes["auth"].cpu() - before) / result["good"] * 1e6
    report.add("auth", "token refreshes/s, durable", result["good"] / result["seconds"], "/s", goal=10_000)
    report.add("auth", "CPU per refresh", cpu, "us")


def logins(services, folder):
    script = folder / "login.lua"
    script.write_text(LOGIN.replace("PASSWORD", PASSWORD).replace("PEOPLE", str(SESSIONS * 2)))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        result = wrk(services.ports["auth"], script, 8, SECONDS)
        # On a machine that others keep busy, some wait longer than a log-in may: they are not counted.
        if result["bad"] > result["good"]:
            raise SystemExit(f"auth: {result['bad']} log-ins were refused")
        ours.append(result["good"] / result["seconds"])
        theirs.append(hashes())
    report.add("auth", "log-ins/s", ours, "/s", "Argon2id alone", theirs, 0.9)


def hashes():
    """Hashes a second with every core at it."""
    command = [sys.executable, "-c", HASH, str(SECONDS)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(os.cpu_count())]
    return sum(int(worker.communicate()[0]) for worker in workers) / SECONDS
