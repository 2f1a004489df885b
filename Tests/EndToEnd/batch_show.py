"""A batch of many files, some of them bad, to a running stack whose services are killed at random all the while.

    batch_show.py URL DATA BROKER FILES KILLS SEED     DATA of the stack (its processes are in stack/state.json)

Ends with an error unless every good file is ready and every bad one has failed, the counts are those of the files, the log
has exactly one end of the batch, its owner is told of it once, and others see the ready ones. Prints figures as a line of JSON.
"""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from large_upload import PATIENCE, Stack, call, eventually, log_in

VICTIMS = ["batch-upload", "media", "media-worker"]
ENDS = {"batch.completed", "batch.failed", "batch.cancelled", "batch.expired"}
SENDERS = 4
SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def contents(count, seed):
    """Contents, and the places of the bad ones: one of twenty, and of each kind at least one."""
    with tempfile.TemporaryDirectory() as folder:
        source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25", "-frames:v", str(count)]
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *source, f"{folder}/%04d.jpg"], check=True)
        files = [path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())]
    program = pathlib.Path("/bin/true").read_bytes()
    kinds = [lambda photo: photo[: len(photo) // 2], lambda _: program, lambda _: b"", lambda _: SCRIPT]
    bad = random.Random(seed).sample(range(count), max(len(kinds), count // 20))
    for number, place in enumerate(bad):
        files[place] = kinds[number % len(kinds)](files[place])
    return files, set(bad)


class Killer(threading.Thread):
    """Kills one of the victims again and again until it is told to stop, or has done it often enough."""

    def __init__(self, stack, kills, seed):
        super().__init__()
        self.stack, self.left, self.random = stack, kills, random.Random(seed)
        self.killed, self.over = collections.Counter(), threading.Event()

    def run(self):
        while self.left and not self.over.wait(self.random.uniform(0.5, 2.5)):
            victim = self.random.choice(VICTIMS)
            with contextlib.suppress(KeyError, ProcessLookupError, json.JSONDecodeError):
                self.stack.kill(victim)
                self.killed[victim] += 1
                self.left -= 1


class Sender:
    """Sends files, each until it is taken."""

    def __init__(self, url, token, batch):
        self.address = urllib.parse.urlparse(url).netloc
        self.path, self.token, self.repeats = f"/v1/batches/{batch}/files", token, 0

    def send(self, place, content):
        deadline = time.monotonic() + PATIENCE
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/octet-stream"}
        status, text = 0, b""
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(self.address, timeout=30)
                connection.request("PUT", f"{self.path}/{place}", content, headers)
                answer = connection.getresponse()
                status, text = answer.status, answer.read()
                connection.close()
                if status == 204:
                    return
                if status < 500 and status not in (409, 423, 429):
                    break
            self.repeats += 1
            time.sleep(0.1)
        sys.exit(f"file {place}: {status} {text}")


def records(broker, topic):
    """Types and values of a topic."""
    command = ["kcat", "-b", broker, "-t", topic, "-C", "-e", "-q", "-o", "beginning", "-J"]
    read = subprocess.run(command, capture_output=True, check=True, text=True, timeout=PATIENCE)
    for line in read.stdout.splitlines():
        record = json.loads(line)
        headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
        yield record["key"], headers["ce_type"], headers["ce_id"], record["payload"]


def get(url, path, token, what):
    def look():
        status, _, answer = call(url, "GET", path, token=token)
        return answer if status == 200 else None

    return eventually(what, look)


def judge(url, token, broker, batch, bad):
    """The batch at its end, which must be what it should be."""

    def ended():
        view = get(url, f"/v1/batches/{batch}", token, "the batch")
        return view if view.get("ended_at") else None

    view = eventually("the batch has ended", ended)
    states = {file["index"]: file["state"] for file in view["files"]}
    wrong = {place: state for place, state in states.items() if state != ("failed" if place in bad else "ready")}
    if wrong:
        sys.exit(f"wrong: {wrong} {[view['files'][place] for place in wrong]}")
    counts = view["counts"]
    if (counts["total"], counts["ready"], counts["failed"]) != (len(states), len(states) - len(bad), len(bad)):
        sys.exit(f"wrong counts: {counts}")
    told = {}
    for key, kind, identifier, payload in records(broker, "batch-events"):
        if key == batch:
            told[identifier] = (kind, payload)
    ends = [kind for kind, _ in told.values() if kind in ENDS]
    if ends != ["batch.completed"]:
        sys.exit(f"ends: {ends}")
    finals = collections.Counter(
        json.loads(payload)["index"] for kind, payload in told.values() if kind in ("batch.progressed", "batch.item-failed")
    )
    if finals != collections.Counter(range(len(states))):
        sys.exit(f"told otherwise than once: {[place for place in states if finals[place] != 1]}")
    return view


def notified(url, token, batch):
    """How often the owner was told of the batch, after a moment in which a second time would have come."""

    def look():
        page = get(url, "/v1/notifications?limit=200", token, "notifications")
        return [item for item in page["items"] if item["data"].get("batch_id") == batch]

    eventually("the owner is told", look)
    time.sleep(2)
    return len(look())


def run(url, data, broker, count, kills, seed):
    stack, token, other = Stack(data), log_in(url), log_in(url)
    files, bad = contents(count, seed)
    manifest = [
        {"name": f"photo {place}.jpg", "size": len(content), "content_type": "image/jpeg"}
        for place, content in enumerate(files)
    ]
    began = time.monotonic()
    status, _, made = call(url, "POST", "/v1/batches", {"files": manifest}, token)
    if status != 201:
        sys.exit(f"not announced: {status} {made}")
    batch, owner = made["id"], None
    eventually("the batch is open", lambda: get(url, f"/v1/batches/{batch}", token, "it")["state"] == "open")
    killer, sender = Killer(stack, kills, seed), Sender(url, token, batch)
    killer.start()
    try:
        order = random.Random(seed).sample(range(count), count)
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            for sent in [pool.submit(sender.send, place, files[place]) for place in order]:
                sent.result()
        sent_after = time.monotonic() - began
        eventually("complete is taken", lambda: call(url, "POST", f"/v1/batches/{batch}/complete", token=token)[0] == 202)
        # Kills go on while the files are processed.
        eventually("the kills are done", lambda: not killer.left or get(url, f"/v1/batches/{batch}", token, "it").get("ended_at"))
    finally:
        killer.over.set()
        killer.join()
    view = judge(url, token, broker, batch, bad)
    ended_after = time.monotonic() - began
    owner = get(url, "/v1/users/me", token, "the owner")["id"]

    def seen():
        page = get(url, f"/v1/media?owner_id={owner}&limit=200", other, "the items")
        return page["items"] or None

    ready = {file["media_id"] for file in view["files"] if file["state"] == "ready"}
    shown = {item["id"] for item in eventually("others see the items", seen)}
    if not shown <= ready or len(shown) != min(200, len(ready)):
        sys.exit(f"{len(shown)} of {len(ready)} are seen by others")
    if (times := notified(url, token, batch)) != 1:
        sys.exit(f"the owner was told {times} times")
    stack.look()
    return {
        "files": count, "bad": len(bad), "reasons": collections.Counter(
            file["failure"]["reason"] for file in view["files"] if file["state"] == "failed"
        ),
        "kills": killer.killed, "repeated_requests": sender.repeats, "sent_after_s": round(sent_after, 1),
        "ended_after_s": round(ended_after, 1), "peak_mib": {name: round(peak) for name, peak in stack.peaks.items()},
    }


if __name__ == "__main__":
    url, data, broker, *numbers = sys.argv[1:]
    print(json.dumps(run(url, data, broker, *map(int, numbers))))
