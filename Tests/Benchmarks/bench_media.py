"""Processor time and memory of making a thumbnail, confined and all included, beside a bare process of vipsthumbnail an image;
and photos on their whole way from Media through one worker and two."""

import ctypes
import http.client
import os
import resource
import shutil
import signal
import subprocess
import time

import machine
import report
from machine import PRODUCTS, directory
from services import Services, exchange
from tokens import Mint, identifier

IMAGES, RUNS, SIDE = 40, 5, 500
UPLOADS, SCALING_RUNS = 80, 3
PR_SET_CHILD_SUBREAPER = 36


def run():
    if not shutil.which("vipsthumbnail") or not shutil.which("ffmpeg") or not shutil.which("bwrap"):
        return report.skip("media", "libvips-tools, ffmpeg or bubblewrap is missing")
    # The sandbox's first process is nobody's child any more when the tool has ended: then it is ours, with its time.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.environ["VIPS_CONCURRENCY"] = "1"
    folder = directory("media")
    photos = [f"{folder}/{index}.jpg" for index in range(IMAGES)]
    source = ["-f", "lavfi", "-i", "testsrc2=s=2000x1333:d=0.04", "-vf", "noise=alls=12", "-frames:v", "1", "-q:v", "3"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, photos[0]], check=True)
    for photo in photos[1:]:
        shutil.copy(photos[0], photo)
    ours, theirs = [], []
    for _ in range(RUNS):
        theirs.append(milliseconds(bare, photos, folder))
        ours.append(milliseconds(confined, photos, folder))
    report.add("media", f"CPU, JPEG of 2000x1333 to {SIDE} px, confined", ours, "ms", "vipsthumbnail, bare", theirs,
               goal=0.6, cost=True)
    report.add("media", "peak memory of a process of it", memory(confined, photos, folder), "MB", goal=100, cost=True)
    scaling(photos[0])


def bare(photos, folder):
    for photo in photos:
        size = f"{SIDE}x{SIDE}"
        subprocess.run(["vipsthumbnail", photo, "--size", size, "-o", f"{folder}/bare-%s.jpg"], check=True)


def confined(photos, folder):
    subprocess.run([str(PRODUCTS / "media-worker"), "--thumbnail", str(SIDE), f"{folder}/made", *photos], check=True)


def milliseconds(work, photos, folder):
    """Processor time an image, of all processes that it took."""
    before = used()
    work(photos, folder)
    return (used() - before) * 1000 / len(photos)


def used():
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def memory(work, photos, folder):
    """The largest process in a run of its own, in MB."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        work(photos, folder)
        used()
        os.write(writer, str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(reader, 64)) / 1024


def scaling(photo):
    """Workers of one job at a time; what is made of a photo is six files."""
    one, two = [], []
    for _ in range(SCALING_RUNS):
        one.append(photos_through(1, photo))
        two.append(photos_through(2, photo))
    report.add("media", "photos/s through two workers of one job each", [run["rate"] for run in two], "/s", "one worker",
               [run["rate"] for run in one])
    report.add("media", "CPU of a worker a photo, six files", [run["cpu"] for run in one], "ms", cost=True)
    report.add("media", "memory of a worker at work, tools included (PSS)", [run["memory"] for run in one], "MiB", goal=100,
               cost=True)


def photos_through(count, photo):
    mint = Mint()
    services = Services("media", mint=mint)
    workers = [worker(services) for _ in range(count)]
    user = identifier()
    token, content = mint.token(user=user), open(photo, "rb").read()
    # They wait until all is there; the group does not miss them so soon.
    signal_all(workers, signal.SIGSTOP)
    connection = http.client.HTTPConnection("127.0.0.1", services.ports["media"], timeout=20)
    for number in range(UPLOADS):
        connection.request("POST", "/v1/media", content + str(number).encode(), {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            raise SystemExit(f"an upload was answered {answer.status}")
    before, began, memory = sum(process.cpu() for process in workers), time.monotonic(), 0
    signal_all(workers, signal.SIGCONT)
    while True:
        items = exchange(connection, "GET", f"/v1/media?owner_id={user}&limit=200", token=token)[1]["items"]
        memory = max(memory, *(process.memory() for process in workers))
        if sum(item["state"] == "ready" for item in items) == UPLOADS:
            break
        time.sleep(0.1)
    seconds, cpu = time.monotonic() - began, sum(process.cpu() for process in workers) - before
    for process in workers:
        process.stop()
    services.stop()
    return {"rate": UPLOADS / seconds, "cpu": cpu * 1000 / UPLOADS, "memory": memory / (1 << 20)}


def worker(services):
    port = machine.free_port()
    process = machine.service("media-worker", port, services.data, MEDIA_JOBS=1, LOG_LEVEL="warning",
                              BLOB_STORE=f"file:{services.data}/blobs",
                              KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{services.ports['broker']}")
    process.wait_until_ready(port)
    return process


def signal_all(processes, number):
    for process in processes:
        os.kill(process.child.pid, number)
