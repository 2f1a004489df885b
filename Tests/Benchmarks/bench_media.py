"""Processor time and memory of making a thumbnail, confined and all included, beside a bare process of vipsthumbnail an image."""

import ctypes
import os
import resource
import shutil
import subprocess

import report
from machine import PRODUCTS, directory

IMAGES, RUNS, SIDE = 40, 5, 500
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
