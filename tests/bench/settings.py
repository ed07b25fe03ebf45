# SPDX-License-Identifier: MIT
"""What SQLite is set to, against what else it could be: the daemon's store is built with each setting, records the same
runs with a commit each five seconds and a sync each minute, and is then read through.
"""

import os
import statistics
import subprocess
import tempfile
import time

from stage import BUILD, Failed
from stored import PATIENCE_S, figures_of

HEADING = (
    "| setting | MB written/h | fsyncs/h | bytes kept/s | CPU µs/heart rate | memory grown, kB | read through, ms |",
    "|---|---|---|---|---|---|---|",
)
RUNS = 8  # hours, nearly
TIMES = 3
SHIPPED = {"STORE_PAGE_SIZE": 1024, "STORE_CACHE_KB": 128, "STORE_CHECKPOINT_PAGES": 1000, "STORE_SYNCHRONOUS": "NORMAL"}
OTHERS = {
    "STORE_PAGE_SIZE": (512, 2048, 4096, 8192),
    "STORE_CACHE_KB": (32, 512, 2000),
    "STORE_CHECKPOINT_PAGES": (250, 4000),
    "STORE_SYNCHRONOUS": ("OFF", "FULL"),
}


def build(name, value):
    folder = f"{BUILD}/settings/{name}-{value}".lower()
    literal = value if name == "STORE_CHECKPOINT_PAGES" else f"'\"{value}\"'"
    done = subprocess.run(
        ["make", "-s", "-j2", f"BUILD={folder}", f"CPPFLAGS=-D{name}={literal}", f"{folder}/bench/history"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    if done.returncode != 0:
        raise Failed(done.stderr[-500:])
    return f"{folder}/bench/history"


def record(program, commit_s=5):
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        path, log = f"{folder}/runs.db", f"{folder}/strace"
        held = figures_of([program, "--runs", str(RUNS), "--commit", str(commit_s), path])
        held["bytes"] = os.path.getsize(path)
        begin = time.monotonic()
        subprocess.run(
            ["sqlite3", "-readonly", path, "SELECT sum(heart_rate), count(rr_json) FROM sample"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE_S,
        )
        held["read"] = time.monotonic() - begin
        os.remove(path)
        subprocess.run(
            ["strace", "-f", "-o", log, "-e", "trace=fsync,fdatasync", program]
            + ["--runs", str(RUNS), "--commit", str(commit_s), path],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE_S,
        )
        with open(log) as file:
            held["syncs"] = sum("sync(" in line for line in file)
    return held


def line(what, runs):
    def of(function):
        return statistics.median(function(run) for run in runs)

    hours = runs[0]["seconds"] / 3600
    text = (
        f"| {what} | {of(lambda r: r['written']) / 1e6 / hours:.2f} | {of(lambda r: r['syncs']) / hours:.0f} "
        f"| {of(lambda r: r['bytes'] / r['seconds']):.1f} | {of(lambda r: r['cpu'] / r['samples']):.1f} "
        f"| {of(lambda r: r['rss-last'] - r['rss-first']):.0f} | {of(lambda r: r['read']) * 1000:.0f} |"
    )
    print(text, flush=True)
    return text


def measure():
    """The lines of the table, which are also printed as they are measured."""
    lines = list(HEADING)
    print(*lines, sep="\n", flush=True)
    shipped = build("STORE_PAGE_SIZE", SHIPPED["STORE_PAGE_SIZE"])
    text = ", ".join(f"{name[6:].lower()} {value}" for name, value in SHIPPED.items())
    lines.append(line(f"as shipped: {text}, commit 5 s", [record(shipped) for _ in range(TIMES)]))
    for name, values in OTHERS.items():
        for value in values:
            program = build(name, value)
            lines.append(line(f"{name[6:].lower()} {value}", [record(program) for _ in range(TIMES)]))
    for commit_s in (1, 15, 60):
        lines.append(line(f"commit {commit_s} s", [record(shipped, commit_s) for _ in range(TIMES)]))
    return lines
