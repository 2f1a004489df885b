"""Measures Marquee beside its peers on this machine: `make bench`, or `make bench ONLY=gateway,broker`."""

import importlib
import os
import sys
import time

import machine
import report

AREAS = [
    "gateway", "broker", "booking", "like", "comment", "chat", "analytics", "auth", "revocation", "media", "upload", "stack",
    "idle",
]


def main():
    chosen = [area for area in os.environ.get("ONLY", "").replace(",", " ").split()] or AREAS
    unknown = set(chosen) - set(AREAS)
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join(AREAS)}")
    print(f"load average before: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
    failed = []
    for area in chosen:
        start = time.monotonic()
        try:
            importlib.import_module(f"bench_{area}").run()
        except (Exception, SystemExit) as error:
            # What was measured so far counts, and so do the other areas.
            print(f"{area} failed: {error!r}", flush=True)
            failed.append(area)
        machine.end_all()
        print(f"-- {area}: {time.monotonic() - start:.0f} s", flush=True)
    report.write()
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


main()
