"""The services beside each other on free ports, each as its own process, and HTTP to them; and the whole stack."""

import http.client
import json
import subprocess
import time

import machine

PORTS = [
    "BROKER", "BROKER_HEALTH", "GATEWAY", "USER", "AUTH", "MEDIA", "MEDIA_WORKER", "BATCH_UPLOAD", "NOTIFICATION", "BOOKING", "COMMENT",
    "LIKE", "ANALYTICS", "CHAT",
]
PASSWORD = "correct horse battery staple nine"


class Services:
    """A broker and the named services; what is not named is not there."""

    def __init__(self, *names, mint=None, **environment):
        self.data = machine.directory("data")
        self.ports = {name: machine.free_port() for name in ("broker", *names)}
        variables = {f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        variables.update(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{self.ports['broker']}", LOG_LEVEL="warning", **environment)
        self.variables = variables
        broker = machine.service("broker", self.ports["broker"], self.data / "broker", LOG_LEVEL="warning")
        self.processes = {"broker": broker}
        broker.wait_for_port(self.ports["broker"])
        for name in names:
            if mint:
                mint.trust(self.data, name)
            self.processes[name] = machine.service(name, self.ports[name], self.data, **variables)
        for name in names:
            self.processes[name].wait_until_ready(self.ports[name])

    def restart(self, name):
        """Starts a service again that was stopped."""
        self.processes[name] = machine.service(name, self.ports[name], self.data, **self.variables)
        self.processes[name].wait_until_ready(self.ports[name])

    def call(self, service, method, path, body=None, token=None, **headers):
        """Status and JSON of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=20)
        return exchange(connection, method, path, body, token, **headers)

    def cpu(self):
        return sum(process.cpu() for process in self.processes.values())

    def stop(self):
        for process in reversed(list(self.processes.values())):
            process.stop()


class Stack:
    """All programs under the supervisor, on free ports and empty data, while the block lasts."""

    def __init__(self):
        self.data = machine.directory("stack")
        self.ports = {name: machine.free_port() for name in PORTS}
        self.url = f"http://127.0.0.1:{self.ports['GATEWAY']}"
        self.environment = {
            **machine.BARE, "MARQUEE_DATA": str(self.data), "SWIFT_BACKTRACE": "enable=no",
            **{f"{name}_PORT": str(port) for name, port in self.ports.items()},
        }

    def command(self, *words):
        command = [machine.PRODUCTS / "stack", "-f", machine.REPOSITORY / "deploy/compose.yaml", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=90)

    def __enter__(self):
        began = time.monotonic()
        up = self.command("up", "--timeout", "60")
        self.seconds = time.monotonic() - began
        if up.returncode:
            raise SystemExit(f"stack up: {up.stdout}{up.stderr}")
        return self

    def __exit__(self, *_):
        self.command("down")

    def processes(self):
        """Process ids by service."""
        rows = json.loads((self.data / "stack/state.json").read_text())["rows"]
        return {row["name"]: row["process"] for row in rows}


def exchange(connection, method, path, body=None, token=None, **headers):
    if body is not None:
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else None


def wrk(port, script, connections, seconds):
    """Runs wrk with a Lua script that prints a line `RESULT {…}` when it is done."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(script),
               f"http://127.0.0.1:{port}"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 40).stdout
    lines = [text for text in output.splitlines() if text.startswith("RESULT")]
    if not lines:
        raise SystemExit(f"wrk has failed:\n{output}")
    return json.loads(lines[0][7:])
