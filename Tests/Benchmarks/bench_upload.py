"""Uploads: bytes on their way through gateway and Media to disk, beside dd and nginx's DAV PUT; and a film of 1 GiB in spite of kills."""

import hashlib
import os
import shutil
import subprocess
import sys
import time

import machine
import report
from bench_gateway import nginx
from services import Services, Stack
from tokens import Mint

MIB = 1 << 20
SIZE, ROUNDS = 256 * MIB, 5
GOAL = 100  # MiB of any service
FILM = 1024 * MIB

# Bodies go as they come, and to the file's own disk, as in Media.
DAV = """
  server {{
    listen 127.0.0.1:{port}; client_max_body_size 0; root {folder}; client_body_temp_path {folder}/temp;
    location / {{ dav_methods PUT; }}
  }}
"""
PROXY = """
  server {{
    listen 127.0.0.1:{port}; client_max_body_size 0;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; proxy_request_buffering off; }}
  }}
"""


def run():
    if not all(shutil.which(tool) for tool in ("nginx", "curl", "ffmpeg")):
        return report.skip("upload", "nginx, curl or ffmpeg is missing")
    folder = machine.directory("upload")
    mint = Mint()
    services = Services("media", "gateway", mint=mint)
    token = mint.token()
    dav_port, proxy_port = machine.free_port(), machine.free_port()
    # nginx's workers are nobody in particular.
    (folder / "temp").mkdir()
    for path, mode in ((folder.parent, 0o711), (folder, 0o777), (folder / "temp", 0o777)):
        path.chmod(mode)
    dav = nginx("dav", DAV.format(port=dav_port, folder=folder), dav_port, None)
    proxy = nginx("proxy", PROXY.format(port=proxy_port, upstream=dav_port), proxy_port, None)
    ours = [services.processes["media"], services.processes["gateway"]]
    photo = Photo(folder)

    def post(service):
        url = f"http://127.0.0.1:{services.ports[service]}/v1/media"
        return ["-X", "POST", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type:", url]

    ways = {
        "dd": lambda: copy(photo.path, folder / "copy"),
        "media": lambda: curl(photo.path, *post("media")),
        "gateway": lambda: curl(photo.path, *post("gateway")),
        "dav": lambda: curl(photo.path, f"http://127.0.0.1:{dav_port}/a"),
        "proxy": lambda: curl(photo.path, f"http://127.0.0.1:{proxy_port}/a"),
    }
    runs = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, way in ways.items():
            photo.change()
            os.sync()
            runs[name].append(measure(way, ours if name in ("media", "gateway") else [dav, proxy]))
    for process in [dav, proxy]:
        process.stop()
    services.stop()
    compare({name: some[1:] for name, some in runs.items()})
    film()


class Photo:
    """A file that begins as a photo and is another each time: the same content would be stored once."""

    def __init__(self, folder):
        self.path = folder / "photo.jpg"
        with open(self.path, "wb") as file:
            file.write(bytes.fromhex("ffd8ffe000104a46494600010100000100010000"))
            for _ in range(SIZE // MIB - 1):
                file.write(os.urandom(MIB))

    def change(self):
        with open(self.path, "r+b") as file:
            file.seek(1000)
            file.write(os.urandom(16))


def copy(source, target):
    command = ["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"]
    subprocess.run(command, check=True)


def curl(path, *words):
    command = ["curl", "-sS", "-f", "-o", "/dev/null", "-H", "Expect:", "-T", path, *words]
    subprocess.run(command, check=True)


def measure(way, processes):
    """MiB a second, and seconds of processor time for a GiB."""
    before, began = sum(process.cpu() for process in processes), time.monotonic()
    way()
    seconds = time.monotonic() - began
    return {"rate": SIZE / MIB / seconds, "cpu": (sum(process.cpu() for process in processes) - before) * (1 << 30) / SIZE}


def compare(runs):
    def column(name, key):
        return [run[key] for run in runs[name]]

    through, alone = column("gateway", "rate"), column("media", "rate")
    report.add("upload", "gateway and Media, on disk when answered", through, "MiB/s", "dd conv=fsync", column("dd", "rate"))
    report.add("upload", "gateway and Media, on disk when answered", through, "MiB/s", "nginx, DAV PUT, unsynced",
               column("proxy", "rate"))
    report.add("upload", "Media, on disk when answered", alone, "MiB/s", "DAV PUT, unsynced", column("dav", "rate"))
    report.add("upload", "CPU per GiB, gateway and Media, SHA-256 included", column("gateway", "cpu"), "s", "nginx, DAV PUT",
               column("proxy", "cpu"), cost=True)
    report.add("upload", "CPU per GiB, Media, SHA-256 included", column("media", "cpu"), "s", "DAV PUT", column("dav", "cpu"),
               cost=True)
    began = time.process_time()
    digest, piece = hashlib.sha256(), bytes(MIB)
    for _ in range(256):
        digest.update(piece)
    report.add("upload", "of that SHA-256 alone", (time.process_time() - began) * 4, "s", cost=True)


def film():
    """The story of Tests/EndToEnd, of release programs."""
    sys.path.append(str(machine.REPOSITORY / "Tests/EndToEnd"))
    import large_upload

    with Stack() as stack:
        told = large_upload.run(stack.url, stack.data, FILM)
    report.add("upload", "1 GiB through three kills, by tuspy", told["seconds"], "s", cost=True)
    for name in ("gateway", "media", "media-worker", "broker"):
        report.add("upload", f"its largest memory of {name}", told["peak_mib"][name], "MiB", goal=GOAL, cost=True)
