"""The whole stack: from `stack up` on empty data to ready, and its memory when nobody asks anything."""

import time
from pathlib import Path

import report
from services import Stack

ROUNDS = 3
SETTLE = 5


def run():
    starts, sizes = [], []
    for _ in range(ROUNDS):
        with Stack() as stack:
            starts.append(stack.seconds)
            time.sleep(SETTLE)
            sizes.append({name: memory(process) for name, process in stack.processes().items()})
    report.add("stack", "start on empty data to all ready", starts, "s", goal=1.0, cost=True)
    report.add("stack", "memory of all services, idle (PSS)", [sum(size.values()) for size in sizes], "MiB", goal=200, cost=True)
    for name in sizes[0]:
        report.add("stack", f"memory of {name}, idle (PSS)", [size[name] for size in sizes], "MiB")


def memory(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0
