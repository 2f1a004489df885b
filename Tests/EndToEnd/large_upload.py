"""A film of many MiB to a running stack by a tus client that is not ours (tuspy), interrupted three times: the client is
killed, the gateway, and Media.

    large_upload.py URL DATA MIB     URL of the gateway, DATA of the stack (its processes are in stack/state.json)

Ends with an error unless each resumption goes on behind where the one before began, the film is made ready, and a download
has the SHA-256 of what was sent. Prints, as one line of JSON, where it went on, and each service's largest memory.
"""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

MIB = 1 << 20
PATCH_SIZE = 32 * MIB
PATIENCE = 120  # seconds for anything
PASSWORD = "correct horse battery staple nine"


def call(url, method, path, body=None, token=None, **headers):
    """Status, fields and JSON of an answer."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        answer = error
    text = answer.read()
    return answer.status, answer.headers, json.loads(text) if text.startswith((b"{", b"[")) else None


def eventually(what, look):
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException, StopIteration):
            if found := look():
                return found
        if time.monotonic() > deadline:
            sys.exit(f"not within {PATIENCE} s: {what}")
        time.sleep(0.01)


def log_in(url):
    email = f"film-{uuid.uuid4()}@example.com"
    account = {"email": email, "password": PASSWORD, "display_name": "Film"}
    if (status := call(url, "POST", "/v1/users", account)[0]) != 201:
        sys.exit(f"no account: {status}")

    def session():
        status, _, answer = call(url, "POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
        return answer["access_token"] if status == 200 else None

    return eventually("the account can log in", session)


def film(path, size):
    """A film of two seconds, and a box of bytes behind it that players pass over (ISO 14496-12, 8.1.2)."""
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "2", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *source, path], check=True)
    digest = hashlib.sha256(pathlib.Path(path).read_bytes())
    rest = size - os.path.getsize(path)
    with open(path, "ab") as file:
        piece = rest.to_bytes(4, "big") + b"free"
        while rest > 0:
            piece += os.urandom(min(MIB, rest) - len(piece))
            file.write(piece)
            digest.update(piece)
            rest, piece = rest - len(piece), b""
    return digest.hexdigest()


class Stack:
    """The processes, and the most memory that any of a service's has had."""

    def __init__(self, data):
        self.data = pathlib.Path(data)
        self.peaks = {}

    def processes(self):
        rows = json.loads((self.data / "stack/state.json").read_text())["rows"]
        return {row["name"]: row["process"] for row in rows if row.get("process")}

    def look(self):
        for name, process in self.processes().items():
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        self.peaks[name] = max(self.peaks.get(name, 0), int(line.split()[1]) / 1024)

    def kill(self, name):
        self.look()
        os.kill(self.processes()[name], signal.SIGKILL)

    def received(self, upload):
        """Bytes of an upload that have come, durable or not."""
        return next(self.data.rglob(f"uploads/{upload}")).stat().st_size


def send(url, token, path, address):
    """The client's program: uploads at once, or goes on with what the server has."""
    from tusclient import client

    tus = client.TusClient(f"{url}/v1/media/uploads", headers={"Authorization": f"Bearer {token}"})
    names = {"filename": "film.mp4", "visibility": "private"}
    uploader = tus.uploader(path, url=address or None, chunk_size=PATCH_SIZE, metadata=names)
    if not address:
        uploader.set_url(uploader.create_url())
        print(uploader.url, flush=True)
    uploader.upload()


def start(*words):
    command = [sys.executable, __file__, "send", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def upload(url, token, path, stack, size):
    """Address of the upload, and the offsets at which it went on."""
    child = start(url, token, path, "")
    address = child.stdout.readline().strip()
    if not address:
        sys.exit(f"the client failed: {child.communicate()}")
    identifier = address.rpartition("/")[2]
    head = {"Tus-Resumable": "1.0.0"}
    place = urllib.parse.urlparse(address).path
    offsets = []
    for part, victim in enumerate(["client", "gateway", "media"], start=1):
        # In the middle of a request: what has come by then is more than what is durable.
        eventually(f"a {part}. part has come", lambda: stack.received(identifier) > size * part // 4 + MIB // 2)
        if victim == "client":
            child.kill()
        else:
            stack.kill(victim)
        child.communicate()
        if child.returncode == 0:
            sys.exit(f"the client did not notice that {victim} was killed")

        def offset():
            status, fields, _ = call(url, "HEAD", place, token=token, **head)
            return int(fields["Upload-Offset"]) if status == 200 else None

        offsets.append(eventually(f"{victim} is there again", offset))
        child = start(url, token, path, address)
    words = child.communicate(timeout=PATIENCE)
    if child.returncode:
        sys.exit(f"the client failed: {words}")
    if offsets != sorted(offsets) or offsets[0] < size // 8:
        sys.exit(f"work was lost: it went on at {offsets}")
    return identifier, offsets


def download(url, token, identifier):
    request = urllib.request.Request(f"{url}/v1/media/{identifier}/content", headers={"Authorization": f"Bearer {token}"})
    digest = hashlib.sha256()
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        while piece := answer.read(MIB):
            digest.update(piece)
    return digest.hexdigest()


def run(url, data, size):
    """The whole story; what there is to say of it."""
    stack, token = Stack(data), log_in(url)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/film.mp4"
        digest = film(path, size)
        began = time.monotonic()
        identifier, offsets = upload(url, token, path, stack, size)
        seconds = time.monotonic() - began

    def state():
        item = call(url, "GET", f"/v1/media/{identifier}", token=token)[2]
        return item if item["state"] in ("ready", "failed") else None

    item = eventually("the film is processed", state)
    if item["state"] != "ready" or item["sha256"] != digest or item["size"] != size:
        sys.exit(f"another film than was sent: {item}")
    if download(url, token, identifier) != digest:
        sys.exit("another SHA-256 came back")
    stack.look()
    status, _, _ = call(url, "DELETE", f"/v1/media/{identifier}", token=token)
    if status != 204:
        sys.exit(f"it cannot be deleted: {status}")
    return {"seconds": round(seconds, 1), "resumed_at": offsets, "peak_mib": stack.peaks}


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(*sys.argv[2:])
    else:
        print(json.dumps(run(sys.argv[1], sys.argv[2], int(sys.argv[3]) * MIB)))
