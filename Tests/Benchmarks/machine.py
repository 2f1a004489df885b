"""Processes under measurement: started, pinned, asked for CPU time and memory, and ended with the program."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCTS = REPOSITORY / ".build/release"
TICK = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
# What is measured has the last core to itself; what loads it and what is behind it share the first.
LOAD, MEASURED = CORES[0], CORES[-1]
# Without KAFKA_HOME: services take every KAFKA_… for a setting of librdkafka.
BARE = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}

_directory = None
_processes = []


def directory(name):
    """A new folder, removed at the end."""
    global _directory
    if _directory is None:
        _directory = tempfile.mkdtemp(prefix="marquee-bench-")
        atexit.register(shutil.rmtree, _directory, ignore_errors=True)
        atexit.register(end_all)
    path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=_directory))
    path.chmod(0o755)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program in a session of its own; its output goes to a file."""

    def __init__(self, name, command, core=None, environment=None, cwd=None):
        self.name = name
        self.log = directory(name) / "log"
        if core is not None:
            command = ["taskset", "-c", str(core), *command]
        with open(self.log, "wb") as output:
            self.child = subprocess.Popen(
                [str(word) for word in command], stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                start_new_session=True, cwd=cwd, env={**BARE, **(environment or {})},
            )
        _processes.append(self)

    def pids(self):
        """The process and its descendants."""
        found, queue = [], [self.child.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    children = Path(f"/proc/{pid}/task/{task}/children").read_text()
                    queue += [int(child) for child in children.split()]
            except OSError:
                pass
        return found

    def cpu(self):
        """Seconds of processor time so far, user and system, of descendants that have ended too."""
        total = 0
        for pid in self.pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += sum(int(field) for field in fields[11:15])
            except OSError:
                pass
        return total / TICK

    def memory(self):
        """Bytes of memory, shared pages counted in part (PSS)."""
        total = 0
        for pid in self.pids():
            try:
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
            except OSError:
                pass
        return total

    def kill(self):
        """Ends it at once, as a crash would."""
        for pid in reversed(self.pids()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.child.wait()

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def wait_for_port(self, port, seconds=30):
        """Until it accepts connections."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                self._check(deadline)
            time.sleep(0.001)

    def wait_until_ready(self, port, seconds=60):
        """Until /readyz answers 200."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                self._check(deadline)
            time.sleep(0.005)

    def _check(self, deadline):
        if self.child.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{self.name} does not come up:\n{self.log.read_text(errors='replace')[-2000:]}")


def service(name, port, data, core=None, **environment):
    """One of our programs, of the release build."""
    variables = {"HOST": "127.0.0.1", "PORT": str(port), "DATA_DIR": str(data), "SWIFT_BACKTRACE": "enable=no"}
    variables.update({key: str(value) for key, value in environment.items()})
    return Process(name, [PRODUCTS / name], core, variables)


def end_all():
    for process in reversed(_processes):
        if process.child.poll() is None:
            process.kill()
