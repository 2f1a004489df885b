"""What was measured: a table for people, `.marquee/bench.json` for programs."""

import json
import os
import platform
import statistics
import time
from pathlib import Path

from machine import REPOSITORY

figures = []


def add(area, measure, ours, unit, peer=None, theirs=None, goal=None, cost=False, ratios=None):
    """One figure. `ours` and `theirs` may be lists of runs taken in turn: medians are shown, and the ratio is the median of
    the ratios run by run. `goal` is on the ratio, or on the figure when there is no peer; `cost`: less is better."""
    runs = ours if isinstance(ours, list) else [ours]
    others = theirs if isinstance(theirs, list) else [theirs]
    ratio = None
    if theirs is not None:
        ratio = statistics.median(our / their for our, their in zip(runs, others) if their)
    figure = {
        "area": area, "measure": measure, "unit": unit, "ours": statistics.median(runs), "runs": runs, "peer": peer,
        "theirs": statistics.median(others) if theirs is not None else None,
        "peer_runs": others if theirs is not None else None, "ratio": ratio, "goal": goal, "less_is_better": cost,
    }
    figures.append(figure)
    print(line(figure), flush=True)


def skip(area, why):
    print(f"{area}: skipped, {why}", flush=True)


def verdict(figure):
    goal = figure["goal"]
    if goal is None:
        return ""
    value = figure["ours"] if figure["ratio"] is None else figure["ratio"]
    if figure["less_is_better"]:
        return "reached" if value <= goal else "near" if value <= 1.25 * goal else "MISSED"
    return "reached" if value >= goal else "near" if value >= 0.8 * goal else "MISSED"


def line(figure):
    text = f"{figure['area']:<11} {figure['measure']:<52} {number(figure['ours']):>9} {figure['unit']:<10}"
    if figure["ratio"] is not None:
        text += f" {number(figure['theirs']):>9} {figure['peer']:<24} {figure['ratio']:>7.3g}x"
    else:
        text += " " * 43
    if figure["goal"] is not None:
        text += f"  goal {'<=' if figure['less_is_better'] else '>='} {figure['goal']:g}  {verdict(figure)}"
    return text


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write():
    """Adds to what an earlier run of other areas left."""
    path = Path(os.environ.get("MARQUEE_DATA", REPOSITORY / ".marquee")) / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    areas = {figure["area"] for figure in figures}
    kept = []
    if path.exists():
        kept = [figure for figure in json.loads(path.read_text())["figures"] if figure["area"] not in areas]
    machine = {"cores": os.cpu_count(), "processor": processor(), "kernel": platform.release(),
               "load_average": os.getloadavg()}
    document = {"measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine,
                "figures": kept + figures}
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(f"\n{len(figures)} figures in {path}")


def processor():
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return text.partition(":")[2].strip()
    return platform.machine()
