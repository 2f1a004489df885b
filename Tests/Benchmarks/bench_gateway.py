"""The gateway against nginx: the same load to the same upstream, each proxy alone on one core."""

import json
import shutil
import socket
import subprocess
import urllib.request

import machine
import report
from tokens import Mint

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 64
IDLE = 2000
USERS = 100
PATH = "/v1/notifications/unread-count"

NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600;
  client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {http}
}}
"""
UPSTREAM = """
  server {{ listen 127.0.0.1:{port}; default_type application/json; location / {{ return 200 '{{"unread_count":3}}'; }} }}
"""
PROXY = """
  upstream behind {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 100000000; }}
  limit_req_zone $binary_remote_addr zone=address:10m rate=1000000r/s;
  limit_req_zone $http_authorization zone=user:10m rate=1000000r/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      {checks}
      proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Request-Id $request_id;
      proxy_set_header Via "1.1 nginx"; add_header X-Request-Id $request_id;
    }}
  }}
"""
CHECKS = "limit_req zone=address burst=100000 nodelay; limit_req zone=user burst=100000 nodelay; access_log {folder}/access.log;"

LOAD = """
local requests, next = {}, 0
init = function()
  for line in io.lines("%s") do
    requests[#requests + 1] = wrk.format("GET", "%s", { ["Authorization"] = "Bearer " .. line, ["Accept"] = "*/*" })
  end
end
request = function() next = next %% #requests + 1; return requests[next] end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests":%%d,"seconds":%%f,"p50":%%f,"p99":%%f,"errors":%%d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def run():
    if not all(shutil.which(tool) for tool in ("nginx", "wrk", "taskset")):
        return report.skip("gateway", "nginx and wrk are not installed")
    upstream = machine.free_port()
    nginx("upstream", UPSTREAM.format(port=upstream), upstream, machine.LOAD)
    gateway, mint = start_gateway(upstream)
    script = load_script(mint)
    proxies = {"gateway": gateway}
    for name, checks in (("nginx", ""), ("nginx, checks", CHECKS)):
        port, folder = machine.free_port(), machine.directory("nginx")
        http = PROXY.format(upstream=upstream, port=port, checks=checks.format(folder=folder))
        proxies[name] = (nginx("proxy", http, port, machine.MEASURED), port)
    for process, port in proxies.values():
        load(process, port, script, 1)
    runs = {name: [] for name in proxies}
    for _ in range(ROUNDS):
        for name, (process, port) in proxies.items():
            runs[name].append(load(process, port, script, SECONDS))
    compare(runs)
    memory(proxies)
    for process, _ in proxies.values():
        process.stop()


def nginx(name, http, port, core):
    folder = machine.directory(name)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, http=http))
    process = machine.Process(name, ["nginx", "-p", folder, "-c", folder / "nginx.conf"], core)
    process.wait_for_port(port)
    return process


def start_gateway(upstream):
    data, mint = machine.directory("data"), Mint()
    mint.trust(data, "gateway")
    kafka = machine.free_port()
    machine.service("broker", kafka, data / "broker", machine.LOAD, LOG_LEVEL="warning").wait_for_port(kafka)
    port = machine.free_port()
    process = machine.service(
        "gateway", port, data, machine.MEASURED, EVENT_LOOPS=1, KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{kafka}",
        NOTIFICATION_URL=f"http://127.0.0.1:{upstream}",
    )
    process.wait_until_ready(port)
    raise_limits(port, mint.token(roles=["admin"]))
    return (process, port), mint


def raise_limits(port, token):
    """The same rules with higher quotas: every request is judged, none refused."""
    def rule(name, scope):
        return {"name": name, "counts": "requests", "scope": scope, "quota": 10_000_000, "window_seconds": 1}

    body = json.dumps({"rules": [rule("address", "address"), rule("user", "user")]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/admin/rate-limits", body, method="PUT",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": '"0"'},
    )
    urllib.request.urlopen(request, timeout=10).read()


def load_script(mint):
    folder = machine.directory("load")
    (folder / "tokens").write_text("".join(mint.token() + "\n" for _ in range(USERS)))
    (folder / "load.lua").write_text(LOAD % (folder / "tokens", PATH))
    return folder / "load.lua"


def load(process, port, script, seconds):
    before = process.cpu()
    command = ["taskset", "-c", str(machine.LOAD), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s",
               str(script), f"http://127.0.0.1:{port}"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 20).stdout
    result = json.loads(next(text for text in output.splitlines() if text.startswith("RESULT"))[7:])
    if result["errors"]:
        raise SystemExit(f"{process.name}: {result['errors']} of {result['requests']} requests failed\n{output}")
    result["rate"] = result["requests"] / result["seconds"]
    result["cpu"] = (process.cpu() - before) / result["requests"] * 1e6
    return result


def compare(runs):
    def column(name, key):
        return [run[key] for run in runs[name]]

    for peer, goal in (("nginx", 1.0), ("nginx, checks", 1.2)):
        shown = "proxy_pass" if peer == "nginx" else "proxy_pass, limits, log"
        report.add("gateway", "requests/s on one core", column("gateway", "rate"), "/s", shown, column(peer, "rate"), goal)
        report.add("gateway", "CPU per request", column("gateway", "cpu"), "us", shown, column(peer, "cpu"), 1 / goal, True)
        report.add("gateway", "p99", column("gateway", "p99"), "ms", shown, column(peer, "p99"), 1.0, True)


def memory(proxies):
    """Connections that had one answer and wait for their next request."""
    sizes = {}
    for name in ("gateway", "nginx"):
        process, port = proxies[name]
        before = process.memory()
        connections = []
        for _ in range(IDLE):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            connection.recv(4096)
            connections.append(connection)
        sizes[name] = (process.memory() - before) / IDLE / 1024
        for connection in connections:
            connection.close()
    report.add("gateway", "memory per idle connection", sizes["gateway"], "KiB", goal=4, cost=True)
    report.add("gateway", "memory per idle connection", sizes["gateway"], "KiB", "proxy_pass", sizes["nginx"])
