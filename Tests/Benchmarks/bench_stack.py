"""The whole stack: from `stack up` on empty data to ready, and its memory when nobody asks anything."""

import json
import subprocess
import time
from pathlib import Path

import machine
import report

SERVICES = [
    "BROKER", "BROKER_HEALTH", "GATEWAY", "USER", "AUTH", "MEDIA", "MEDIA_WORKER", "NOTIFICATION", "BOOKING",
]
ROUNDS = 3
SETTLE = 5


def run():
    starts, sizes = [], []
    for _ in range(ROUNDS):
        environment = {**machine.BARE, "MARQUEE_DATA": str(machine.directory("stack")), "SWIFT_BACKTRACE": "enable=no"}
        environment.update({f"{name}_PORT": str(machine.free_port()) for name in SERVICES})
        command = [machine.PRODUCTS / "stack", "-f", machine.REPOSITORY / "deploy/compose.yaml"]
        began = time.monotonic()
        up = subprocess.run([*command, "up", "--timeout", "60"], env=environment, capture_output=True, text=True)
        starts.append(time.monotonic() - began)
        if up.returncode:
            raise SystemExit(f"stack up: {up.stdout}{up.stderr}")
        time.sleep(SETTLE)
        state = json.loads((Path(environment["MARQUEE_DATA"]) / "stack/state.json").read_text())
        sizes.append({row["name"]: memory(row["process"]) for row in state["rows"]})
        subprocess.run([*command, "down"], env=environment, capture_output=True, timeout=60)
    report.add("stack", "start on empty data to all ready", starts, "s", goal=1.0, cost=True)
    report.add("stack", "memory of all services, idle (PSS)", [sum(size.values()) for size in sizes], "MiB", goal=200, cost=True)
    for name in sizes[0]:
        report.add("stack", f"memory of {name}, idle (PSS)", [size[name] for size in sizes], "MiB")


def memory(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0
