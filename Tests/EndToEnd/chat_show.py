"""Rooms full of talk on a running stack with two chat processes, of which one, the broker and the gateway are killed at random.

    chat_show.py URL DATA SECOND ROOMS SOCKETS KILLS SEED    DATA of the stack; SECOND: the port of the second chat process

This program starts the second process, as the first was started, and starts it again when it has been killed. Ends with an
error unless every acknowledged message has come to every socket of every member exactly once and in order, nothing else has
come, edits, deletions and receipts have come to all, and the history that each process has is the same. Prints figures as a
line of JSON.
"""

import asyncio
import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import uuid

import websockets
from large_upload import PASSWORD, PATIENCE, Stack, call, eventually
from websockets.asyncio.client import connect

VICTIMS = ["chat", "chat-2", "broker", "gateway"]
ROOMS_PER_USER = 5
MESSAGES_PER_ROOM = 30
# One message of so many goes by HTTP, is edited, is deleted.
BY_HTTP, EDITED, DELETED = 8, 10, 20
QUOTA = 10_000_000
CLOSED = (OSError, websockets.exceptions.WebSocketException, asyncio.TimeoutError)


class SecondChat:
    """The second chat process: the program, the environment and the supervision of the first."""

    def __init__(self, stack, port):
        first = pathlib.Path(f"/proc/{stack.processes()['chat']}")
        words = first.joinpath("environ").read_bytes().decode().split("\0")
        self.environment = dict(word.split("=", 1) for word in words if "=" in word)
        self.environment |= {"PORT": port, "DATA_DIR": str(stack.data / "second")}
        self.program, self.url, self.log = os.readlink(first / "exe"), f"http://127.0.0.1:{port}", stack.data / "chat-2.log"
        self.child, self.is_over = None, False

    def start(self):
        pathlib.Path(self.environment["DATA_DIR"]).mkdir(exist_ok=True)
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen([self.program], env=self.environment, stdout=log, stderr=log)

    async def supervise(self):
        while not self.is_over:
            if self.child.poll() is not None:
                self.start()
            await asyncio.sleep(0.05)

    def stop(self):
        self.is_over = True
        self.child.terminate()
        if status := self.child.wait(20):
            sys.exit(f"the second chat process ended with {status}")


class Room:
    """What was asked of a room, and what was answered."""

    def __init__(self, identifier, members):
        self.id, self.members = identifier, members
        self.sent, self.acknowledged = {}, {}
        self.edited, self.deleted, self.read = {}, set(), collections.Counter()


class View:
    """A room as one socket has it."""

    def __init__(self):
        self.change, self.messages, self.bodies, self.read = 0, [], {}, collections.Counter()


class Socket:
    """A client that stays connected: it resumes behind what it has, and sends again what was not acknowledged."""

    def __init__(self, show, user, token, rooms):
        self.show, self.user, self.token = show, user, token
        self.views = {room.id: View() for room in rooms}
        self.pending, self.connection, self.connections = {}, None, 0

    async def run(self):
        address = self.show.url.replace("http", "ws", 1) + "/v1/chat/ws"
        while not self.show.is_over:
            with contextlib.suppress(*CLOSED):
                async with connect(address, subprotocols=["chat.v1"], open_timeout=5, compression=None) as connection:
                    await self.talk(connection)
            self.connection = None
            await asyncio.sleep(self.show.random.uniform(0.05, 0.4))

    async def talk(self, connection):
        # All in the first frame, so that nothing new comes before what was missed.
        resume = {room: {"change": view.change} for room, view in self.views.items()}
        await connection.send(json.dumps({"type": "hello", "access_token": self.token, "resume": resume}))
        self.connections += 1
        async for text in connection:
            frame = json.loads(text)
            self.take(frame)
            if frame["type"] == "ready":
                self.connection = connection
                for client_id in list(self.pending):
                    await self.post(client_id)

    def take(self, frame):
        kind = frame["type"]
        if kind == "ack":
            self.acknowledge(frame["client_message_id"], frame["seq"])
        elif kind == "error" and "client_message_id" in frame:
            asyncio.get_running_loop().call_later(0.2, lambda: asyncio.ensure_future(self.post(frame["client_message_id"])))
        elif view := self.views.get(frame.get("room_id")):
            self.see(view, frame)

    def see(self, view, frame):
        kind = frame["type"]
        if kind == "message":
            view.messages.append((frame["seq"], frame["client_message_id"]))
            view.bodies[frame["seq"]] = frame.get("body")
            # Who writes has read what was there.
            view.read[frame["author_id"]] = frame["seq"]
        elif kind == "edited":
            view.bodies[frame["seq"]] = frame.get("body")
        elif kind == "deleted":
            view.bodies[frame["seq"]] = None
        elif kind == "read":
            view.read[frame["user_id"]] = frame["seq"]
        if "change" in frame:
            if frame["change"] != view.change + 1:
                self.show.faults.append(f"{kind} is change {frame['change']} after {view.change}")
            view.change = frame["change"]

    def acknowledge(self, client_id, seq):
        if sent := self.pending.pop(client_id, None):
            room, _ = sent
            if room.acknowledged.setdefault(client_id, seq) != seq:
                self.show.faults.append(f"{client_id} was acknowledged as {room.acknowledged[client_id]} and as {seq}")

    async def send(self, room, body):
        client_id = str(uuid.uuid4())
        room.sent[client_id] = body
        self.pending[client_id] = (room, body)
        await self.post(client_id)

    async def post(self, client_id):
        if self.connection and (sent := self.pending.get(client_id)):
            room, body = sent
            frame = {"type": "send", "room_id": room.id, "client_message_id": client_id, "body": body}
            with contextlib.suppress(*CLOSED):
                await self.connection.send(json.dumps(frame))


class Show:
    def __init__(self, url, data, second, rooms, sockets, kills, seed):
        self.url, self.stack, self.random = url, Stack(data), random.Random(seed)
        self.second = SecondChat(self.stack, second)
        self.room_count, self.socket_count, self.kills = rooms, sockets, kills
        self.pool = concurrent.futures.ThreadPoolExecutor(16)
        self.killed, self.faults, self.is_over, self.repeats = collections.Counter(), [], False, 0

    # Before

    def raise_limits(self):
        account = json.loads((self.stack.data / "admin.json").read_text())
        _, _, session = call(self.url, "POST", "/v1/auth/login", account)
        token = session["access_token"]
        rules = [{"name": name, "scope": name, "quota": QUOTA, "window_seconds": 60} for name in ("address", "user")]
        fields = call(self.url, "GET", "/v1/admin/rate-limits", token=token)[1]
        status, _, answer = call(self.url, "PUT", "/v1/admin/rate-limits", {"rules": rules}, token, **{"If-Match": fields["ETag"]})
        if status != 200:
            sys.exit(f"limits: {status} {answer}")

    def sign_up(self, number):
        email = f"chat-{number}-{uuid.uuid4()}@example.com"
        account = {"email": email, "password": PASSWORD, "display_name": f"Chat {number}"}

        def user():
            return (answer := call(self.url, "POST", "/v1/users", account))[0] == 201 and answer[2]["id"]

        def session():
            answer = call(self.url, "POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
            return answer[0] == 200 and answer[2]["access_token"]

        return eventually("an account", user), eventually("a session", session)

    def open_room(self, members):
        owner, *others = members

        def made():
            body = {"type": "group", "title": "Show", "member_ids": others}
            status, _, answer = call(self.url, "POST", "/v1/chat/rooms", body, self.tokens[owner])
            return status == 201 and answer["id"]

        return Room(eventually("a room", made), members)

    def prepare(self):
        self.raise_limits()
        self.second.start()
        eventually("the second process is ready", lambda: call(self.second.url, "GET", "/readyz")[0] == 200)
        users = max(ROOMS_PER_USER, self.socket_count // 5)
        self.tokens = dict(self.pool.map(self.sign_up, range(users)))
        names, size = list(self.tokens), max(2, users * ROOMS_PER_USER // self.room_count)
        turn = itertools.cycle(names)
        chosen = [[next(turn) for _ in range(min(size, users))] for _ in range(self.room_count)]
        self.rooms = list(self.pool.map(self.open_room, chosen))
        places = itertools.islice(itertools.cycle(names), self.socket_count)
        self.sockets = [
            Socket(self, user, self.tokens[user], [room for room in self.rooms if user in room.members]) for user in places
        ]
        self.by_user = collections.defaultdict(list)
        for socket in self.sockets:
            self.by_user[socket.user].append(socket)

    # Meanwhile

    async def ask(self, method, path, user, body=None, good=(200, 201, 204)):
        """An answer, however often it takes."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError, json.JSONDecodeError):
                asked = asyncio.get_running_loop().run_in_executor(
                    self.pool, lambda: call(self.url, method, path, body, self.tokens[user]))
                status, _, answer = await asked
                if status in good:
                    return answer
                if status < 500 and status not in (404, 409, 429):
                    sys.exit(f"{method} {path}: {status} {answer}")
            if time.monotonic() > deadline:
                sys.exit(f"{method} {path}: never answered")
            self.repeats += 1
            await asyncio.sleep(0.2)

    async def converse(self, room):
        for number in range(MESSAGES_PER_ROOM):
            user, body = self.random.choice(room.members), f"message {number} of {room.id}"
            if number % BY_HTTP == BY_HTTP - 1:
                await self.put(room, user, body)
            else:
                await self.random.choice(self.by_user[user]).send(room, body)
            if number % EDITED == EDITED - 1 or number % DELETED == DELETED - 1:
                await self.change(room, number % DELETED == DELETED - 1)
            if number % 5 == 4 and room.acknowledged:
                await self.mark_read(room, self.random.choice(room.members))
            await asyncio.sleep(self.random.uniform(0, 2 * self.pause))

    async def put(self, room, user, body):
        client_id = str(uuid.uuid4())
        room.sent[client_id] = body
        path = f"/v1/chat/rooms/{room.id}/messages/{client_id}"
        room.acknowledged[client_id] = (await self.ask("PUT", path, user, {"body": body}))["seq"]
        return room.acknowledged[client_id]

    async def change(self, room, is_deletion):
        """A message by HTTP, which is then edited or deleted by its author."""
        user = self.random.choice(room.members)
        seq = await self.put(room, user, "to be changed")
        path = f"/v1/chat/rooms/{room.id}/messages/{seq}"
        if is_deletion:
            room.deleted.add(seq)
            await self.ask("DELETE", path, user, good=(204, 409))
        else:
            room.edited[seq] = f"edited {seq}"
            await self.ask("PATCH", path, user, {"body": room.edited[seq]})

    async def mark_read(self, room, user):
        seq = max(room.acknowledged.values())
        await self.ask("PUT", f"/v1/chat/rooms/{room.id}/read", user, {"seq": seq})
        room.read[user] = max(room.read[user], seq)

    async def kill(self):
        while sum(self.killed.values()) < self.kills:
            await asyncio.sleep(self.random.uniform(0.5, 2.5))
            victim = self.random.choice(VICTIMS)
            with contextlib.suppress(KeyError, ProcessLookupError, json.JSONDecodeError):
                if victim == "chat-2":
                    self.second.child.kill()
                else:
                    self.stack.kill(victim)
                self.killed[victim] += 1

    # After

    async def until(self, what, look):
        deadline = time.monotonic() + PATIENCE
        while rest := look():
            if time.monotonic() > deadline:
                sys.exit(f"not within {PATIENCE} s: {what}: {rest}; {self.faults[:5]}")
            await asyncio.sleep(0.1)

    def behind(self):
        """How many views have less than was acknowledged."""
        ends = {room.id: len(room.sent) for room in self.rooms}
        return sum(
            len(view.messages) < ends[room] for socket in self.sockets for room, view in socket.views.items()
        ) + sum(self.lacks(room, socket.views[room.id]) for room in self.rooms for socket in self.sockets_of(room))

    def sockets_of(self, room):
        return [socket for member in set(room.members) for socket in self.by_user[member]]

    def lacks(self, room, view):
        """Whether an edit, a deletion or a receipt has not come."""
        return (
            any(view.bodies.get(seq) != body for seq, body in room.edited.items())
            or any(view.bodies.get(seq, "") is not None for seq in room.deleted)
            or any(view.read[user] < seq for user, seq in room.read.items())
        )

    def judge(self, room):
        """What is wrong with a room."""
        if set(room.acknowledged) != set(room.sent):
            yield f"{len(room.sent) - len(room.acknowledged)} messages were never acknowledged"
        order = sorted((seq, client_id) for client_id, seq in room.acknowledged.items())
        if [seq for seq, _ in order] != list(range(1, len(order) + 1)):
            yield f"the numbers are {[seq for seq, _ in order]}"
        bodies = {seq: room.sent[client_id] for seq, client_id in order} | room.edited | dict.fromkeys(room.deleted)
        for socket in self.sockets_of(room):
            view = socket.views[room.id]
            if view.messages != order:
                yield f"a socket has {[seq for seq, _ in view.messages]} instead of 1 to {len(order)}"
            if view.bodies != bodies:
                yield f"a socket has other texts: {[seq for seq in bodies if view.bodies.get(seq) != bodies[seq]]}"
        for url in (self.url, self.second.url):
            items = self.history(url, room)
            if [(item["seq"], item.get("body")) for item in items] != sorted(bodies.items()):
                yield f"{url} has another history"

    def history(self, url, room):
        items, after = [], 0
        while True:
            path = f"/v1/chat/rooms/{room.id}/messages?after_seq={after}&limit=200"
            status, _, page = call(url, "GET", path, token=self.tokens[room.members[0]])
            if status != 200:
                sys.exit(f"no history: {status} {page}")
            items += page["items"]
            if not page["items"] or len(page["items"]) < 200:
                return sorted(items, key=lambda item: item["seq"])
            after = max(item["seq"] for item in items)

    async def run(self):
        began = time.monotonic()
        tasks = [asyncio.ensure_future(socket.run()) for socket in self.sockets]
        tasks.append(asyncio.ensure_future(self.second.supervise()))
        await self.until("all are connected", lambda: sum(socket.connection is None for socket in self.sockets))
        opened = time.monotonic() - began
        self.pause = self.kills * 1.5 / MESSAGES_PER_ROOM
        await asyncio.gather(self.kill(), *(self.converse(room) for room in self.rooms))
        await self.until("all is acknowledged", lambda: sum(len(socket.pending) for socket in self.sockets))
        await self.until("all have it all", self.behind)
        # A moment in which what is too much would come.
        await asyncio.sleep(1)
        took = time.monotonic() - began
        faults = self.faults + [f"{room.id}: {fault}" for room in self.rooms for fault in self.judge(room)]
        if faults:
            sys.exit(f"{len(faults)} faults: " + "\n".join(faults[:20]))
        self.is_over = self.second.is_over = True
        self.stack.look()
        for task in tasks:
            task.cancel()
        return {
            "rooms": len(self.rooms), "sockets": len(self.sockets), "kills": self.killed, "opened_after_s": round(opened, 1),
            "took_s": round(took, 1), "messages": sum(len(room.sent) for room in self.rooms),
            "deliveries": sum(len(view.messages) for socket in self.sockets for view in socket.views.values()),
            "connections": sum(socket.connections for socket in self.sockets), "repeated_requests": self.repeats,
            "peak_mib": {name: round(self.stack.peaks[name]) for name in ("chat", "gateway", "broker")},
        }


if __name__ == "__main__":
    url, data, second, *numbers = sys.argv[1:]
    show = Show(url, data, second, *map(int, numbers))
    try:
        show.prepare()
        print(json.dumps(asyncio.run(show.run())))
    finally:
        show.second.stop()
