"""Durable messages to rooms and their deliveries, one room of a thousand, and what an idle socket costs; load by chat_load.c.

No peer runs here. Published: Centrifugo with PostgreSQL, 17,000 durable messages/s and 2 ms on an Apple M4, 27 KB an idle
socket on 16 EPYC vCPU; OpenIM with Kafka, 1,700 messages/s in 202 ms on average, 9 of 16 cores.
"""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import confluent_kafka
import machine
import report
from services import Services
from tokens import Mint, identifier

ROOMS, MEMBERS = 100, 10
# Messages on their way, a room.
WINDOW = 16
SECONDS = 8
ROUNDS = 2
PEOPLE_OF_LARGE_ROOM = 1000
LARGE_ROOM_RATE = 25
IDLE_SOCKETS = 2000
UNLIMITED = 10_000_000
GOAL = 5000  # messages/s


def run():
    rates, deliveries, costs, late = [], [], [], []
    for _ in range(ROUNDS):
        with Chat() as chat:
            members = chat.rooms(ROOMS, MEMBERS)
            found = chat.load(members, "flood", SECONDS, WINDOW)
            rates.append(found["acknowledged"] / found["seconds"])
            deliveries.append(found["delivered"] / (found["seconds"] + found["drained"]))
            costs.append(found["cpu"] / found["delivered"] * 1e6)
            late.append(chat.load(members, "pace", SECONDS, GOAL / 2))
    report.add("chat", f"durable messages/s to {MEMBERS} members each", rates, "/s", goal=GOAL)
    report.add("chat", "deliveries/s", deliveries, "/s", goal=50_000)
    report.add("chat", "CPU per delivery, chat and broker", costs, "us", cost=True)
    report.add("chat", f"due to delivered at {GOAL // 2:,}/s, p50", [found["p50"] for found in late], "ms", cost=True)
    report.add("chat", f"due to delivered at {GOAL // 2:,}/s, p99", [found["p99"] for found in late], "ms", goal=20, cost=True)
    through_gateway()
    large_room()
    idle_sockets()


def through_gateway():
    with Chat("gateway") as chat:
        found = chat.load(chat.rooms(ROOMS, MEMBERS), "flood", SECONDS, WINDOW, port="gateway")
    report.add("chat", "durable messages/s through the gateway", found["acknowledged"] / found["seconds"], "/s")
    report.add("chat", "CPU per delivery through the gateway, all", found["cpu"] / found["delivered"] * 1e6, "us", cost=True)


def large_room():
    with Chat() as chat:
        members = chat.rooms(1, PEOPLE_OF_LARGE_ROOM)
        found = chat.load(members, "pace", SECONDS, LARGE_ROOM_RATE)
        flood = chat.load(members, "flood", SECONDS, WINDOW)
    name = f"one room of {PEOPLE_OF_LARGE_ROOM:,}"
    report.add("chat", f"{name}: due to delivered to each, p50", found["p50"], "ms", cost=True)
    report.add("chat", f"{name}: due to delivered to each, p99", found["p99"], "ms", cost=True)
    report.add("chat", f"{name}: deliveries/s", flood["delivered"] / (flood["seconds"] + flood["drained"]), "/s")
    report.add("chat", f"{name}: CPU per delivery", flood["cpu"] / flood["delivered"] * 1e6, "us", cost=True)


def idle_sockets():
    with Chat() as chat:
        members = chat.rooms(IDLE_SOCKETS // MEMBERS, MEMBERS)
        process = chat.services.processes["chat"]
        # What is taken once, such as the rooms in the page cache of the store, is not the price of a socket.
        with chat.hold(members[:50]):
            before = process.memory()
            with chat.hold(members[50:]):
                cost = (process.memory() - before) / (len(members) - 50) / 1024
    report.add("chat", "memory per idle socket", cost, "KiB", goal=10, cost=True)


class Chat:
    """A chat service and a broker, and rooms of people whom nobody has signed up."""

    def __init__(self, *more):
        self.mint = Mint()
        limits = {"CHAT_FRAMES_PER_MINUTE": UNLIMITED}
        self.services = Services("chat", *more, mint=self.mint, **limits)
        if "gateway" in more:
            self.raise_limits()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.services.stop()

    def raise_limits(self):
        rules = [{"name": name, "scope": name, "quota": UNLIMITED, "window_seconds": 60} for name in ("address", "user")]
        status, answer = self.services.call("gateway", "PUT", "/v1/admin/rate-limits", {"rules": rules},
                                            self.mint.token(roles=["admin"]), **{"If-Match": '"0"'})
        if status != 200:
            raise SystemExit(f"chat: limits: {status} {answer}")

    def rooms(self, count, size):
        """Makes rooms; (room, token) of each member."""
        people = [[identifier() for _ in range(size)] for _ in range(count)]
        self.register([user for room in people for user in room])
        with ThreadPoolExecutor(8) as pool:
            rooms = list(pool.map(self.room, people))
        return [(room, self.mint.token(user=user)) for room, members in zip(rooms, people) for user in members]

    def register(self, users):
        producer = confluent_kafka.Producer({"bootstrap.servers": f"127.0.0.1:{self.services.ports['broker']}",
                                             "partitioner": "murmur2_random"})
        for user in users:
            payload = {"user_id": user, "locale": "vi", "role": "user", "timestamp": "2025-03-19T10:00:00.000Z"}
            producer.produce("user-events", json.dumps(payload).encode(), user, headers={
                "ce_specversion": "1.0", "ce_id": identifier(), "ce_source": "/user", "ce_type": "user.registered",
                "ce_time": "2025-03-19T10:00:00.000Z", "ce_subject": user, "content-type": "application/json",
                "ce_sequence": "1"})
            producer.poll(0)
        producer.flush()

    def room(self, members):
        deadline = time.monotonic() + 30
        while True:
            body = {"type": "group", "title": "Load", "member_ids": members[1:]}
            status, answer = self.services.call("chat", "POST", "/v1/chat/rooms", body, self.mint.token(user=members[0]))
            if status == 201:
                return answer["id"]
            if time.monotonic() > deadline:
                raise SystemExit(f"chat: no room: {status} {answer}")
            time.sleep(0.1)

    def command(self, mode, members, *words, port="chat"):
        path = machine.directory("members") / "members"
        path.write_text("".join(f"{room} {token}\n" for room, token in members))
        return [client(), mode, str(self.services.ports[port]), path, *map(str, words)]

    def load(self, members, mode, *words, port="chat"):
        """What chat_load found, and the processor time of all processes meanwhile."""
        child = subprocess.Popen(self.command(mode, members, *words, port=port), stdout=subprocess.PIPE, text=True)
        child.stdout.readline()
        before = self.services.cpu()
        line = child.stdout.readline()
        cpu = self.services.cpu() - before
        if child.wait() or not line:
            raise SystemExit("chat: chat_load has failed")
        found = json.loads(line)
        if found["refused"]:
            raise SystemExit(f"chat: {found}")
        return found | {"cpu": cpu}

    def hold(self, members):
        return Held(self.command("hold", members))


class Held:
    """Open sockets while the block lasts."""

    def __init__(self, command):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        if self.child.stdout.readline() != "open\n":
            raise SystemExit("chat: the sockets were not opened")
        # What was said at the start, presence among it, has come.
        time.sleep(3)
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()


_client = None


def client():
    """chat_load, built."""
    global _client
    if _client is None:
        _client = machine.directory("client") / "chat_load"
        subprocess.run(["cc", "-O2", Path(__file__).with_name("chat_load.c"), "-o", _client], check=True)
    return _client
