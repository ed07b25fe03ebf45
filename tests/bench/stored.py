# SPDX-License-Identifier: MIT
"""The rows about ten years of runs, and about the core alone. tests/bench/history has made the database, so it is as
cardiod would have left it; nothing here changes it.
"""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import time

from stage import BUILD, Failed, Stage, real_time, wait_until

SESSIONS = "SELECT * FROM sessions ORDER BY id DESC LIMIT 20"
WEEKS = "SELECT * FROM weeks"
ALL = "SELECT * FROM sessions ORDER BY id DESC"
HEART_RATES = 20000
PATIENCE_S = 600


def figures_of(argv):
    """What a program prints as `name value` lines."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode != 0:
        raise Failed(f"{' '.join(argv)}: {done.stderr[-500:]}")
    return {name: int(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def make_history(runs, path):
    """Makes the database, unless it is there and newer than the program that makes it. Returns what it holds."""
    program = f"{BUILD}/bench/history"
    if not os.path.exists(path + ".txt") or os.path.getmtime(path + ".txt") < os.path.getmtime(program):
        for name in os.listdir(os.path.dirname(path)):
            if name.startswith(os.path.basename(path)):
                os.remove(f"{os.path.dirname(path)}/{name}")
        held = figures_of([program, "--runs", str(runs), path])
        with open(path + ".txt", "w") as file:
            file.writelines(f"{name} {value}\n" for name, value in held.items())
    with open(path + ".txt") as file:
        held = {name: int(value) for name, value in (line.split() for line in file)}
    held["bytes"] = os.path.getsize(path)
    return held


@contextlib.contextmanager
def undisturbed():
    """Programs started here are not kept waiting by other work on the machine."""
    real_time()
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def run_ms(argv):
    """How long a program takes from its start to its end, ms."""
    begin = time.monotonic_ns()
    pid = os.posix_spawnp(
        argv[0],
        argv,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        ],
    )
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    end = time.monotonic_ns()
    if status != 0:
        raise Failed(f"{' '.join(argv)}: status {status}")
    return (end - begin) / 1e6


def ask(path, times):
    """ms of each question, asked in turns: lists by name."""
    ctl = [f"{BUILD}/cardioctl", "--database", path]
    sql = ["sqlite3", "-readonly", path]
    questions = {
        "sqlite3 20": sql + [SESSIONS],
        "sqlite3 -column 20": sql + ["-column", SESSIONS],
        "cardioctl 20": ctl + ["sessions", "--limit", "20"],
        "sqlite3 all": sql + [ALL],
        "sqlite3 -column all": sql + ["-column", ALL],
        "cardioctl all": ctl + ["sessions"],
        "sqlite3 weeks": sql + [WEEKS],
        "cardioctl show last": ctl + ["show", "last"],
        "sqlite3 nothing": sql + ["SELECT 1"],
    }
    took = {name: [] for name in questions}
    with undisturbed():
        for _ in range(times):
            for name, argv in questions.items():
                took[name].append(run_ms(argv))
    return took


FORMATS = ("fit", "tcx", "csv", "rr", "json")


def export(path, times):
    """The hours of the longest session, and ms of `sqlite3` that reads its rows and of `export` in each format, in turns."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        longest = "SELECT id, (ended_at - started_at) / 3600e3 FROM session ORDER BY ended_at - started_at DESC LIMIT 1"
        session, hours = database.execute(longest).fetchone()
    rows = (
        f"SELECT t, heart_rate, smoothed, zone, contact, rr_json FROM sample WHERE session_id = {session} ORDER BY t;"
        f"SELECT t, type, value, detail FROM event WHERE session_id = {session} ORDER BY t, id"
    )
    took = {name: [] for name in ("sqlite3", *FORMATS)}
    with undisturbed():
        for _ in range(times):
            took["sqlite3"].append(run_ms(["sqlite3", "-readonly", path, rows]))
            for name in FORMATS:
                took[name].append(
                    run_ms([f"{BUILD}/cardioctl", "--database", path, "export", str(session), "--format", name])
                )
    return hours, took


COPY = """ATTACH '{}' AS history;
CREATE TABLE session AS SELECT * FROM history.session;
CREATE TABLE sample (session_id INTEGER, t INTEGER, heart_rate INTEGER, smoothed REAL, zone INTEGER, contact INTEGER, rr_json TEXT,
  PRIMARY KEY (session_id, t)) STRICT, WITHOUT ROWID;
INSERT INTO sample SELECT session_id, t, heart_rate, smoothed, zone, contact, rr_json FROM history.sample
  ORDER BY session_id, t;"""


def import_files(path, runs):
    """Seconds of `cardioctl import` that brings all sessions, as FIT files, into a daemon without any, and of a bare `sqlite3` that
    copies their rows, afterwards; MB of the files."""
    with Stage() as stage:
        folder, config = f"{stage.folder}/files", f"{stage.folder}/cardiod.conf"
        subprocess.run(
            [f"{BUILD}/cardioctl", "--database", path, "export", "--until", "today", "--format", "fit", "-o", f"{folder}/"],
            check=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )
        size = sum(os.path.getsize(f"{folder}/{name}") for name in os.listdir(folder))
        with open(config, "w") as file:
            file.write("[runner]\nage = 23\nresting-heart-rate = 50\n")
        stage.start(f"{BUILD}/cardiod", "--config", config, "--database", stage.database)
        env = dict(stage.env, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
        is_there = [f"{BUILD}/cardioctl", "status"]
        wait_until(lambda: subprocess.run(is_there, env=env, capture_output=True).returncode == 0, 20, "the start of cardiod")
        with undisturbed():
            begin = time.monotonic()
            done = subprocess.run(
                [f"{BUILD}/cardioctl", "import", "--json", folder],
                env=env,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
            )
            took = time.monotonic() - begin
        taken = len(json.loads(done.stdout)["taken"]) if done.returncode == 0 else 0
        if taken != runs:
            raise Failed(f"import took {taken} of {runs} files: {done.stderr[-500:]}")
        floor = run_ms(["sqlite3", f"{stage.folder}/copy.db", COPY.format(os.path.abspath(path))]) / 1e3
        return took, floor, size / 1e6


def start_up(path, times):
    """ms until cardiod owns its name, with no database yet and with this one, in turns: two lists."""
    took = {"empty": [], "ten years": []}
    with Stage() as stage:
        rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.cardiod1'"
        listener = stage.start(f"{BUILD}/bench/listen", rule)

        def stamps():
            with open(listener.log) as file:
                return [int(line) for line in file.read().split() if line.isdigit()]

        with open(f"{stage.folder}/cardiod.conf", "w") as file:
            file.write("[runner]\nage = 23\n")
        time.sleep(0.5)
        for n in range(times):
            for name in took:
                database = path if name == "ten years" else f"{stage.folder}/empty-{n}.db"
                seen, begin = len(stamps()), time.monotonic_ns()
                daemon = stage.start(
                    f"{BUILD}/cardiod", "--config", f"{stage.folder}/cardiod.conf", "--database", database
                )
                wait_until(lambda k=seen: len(stamps()) > k, 20, "the start of cardiod")
                took[name].append((stamps()[seen] - begin) / 1e6)
                daemon.end()
                wait_until(lambda k=seen: len(stamps()) > k + 1, 20, "the end of cardiod")
    return took


def replay(path):
    """Heart rates a second through the core, of every session."""
    figures = figures_of([f"{BUILD}/bench/core", "replay", path])
    return figures["samples"] / figures["ns"] * 1e9


def core_ns():
    figures = figures_of([f"{BUILD}/bench/core", "invented", "1000000"])
    return figures["ns"] / figures["samples"]


def beats():
    """What R-R intervals cost: ms of CPU, but for alpha1_ns."""
    path = f"{BUILD}/bench/beats.db"
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)
    done = subprocess.run([f"{BUILD}/bench/beats", path], capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode != 0:
        raise Failed(f"beats: {done.stderr[-500:]}")
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def core_instructions():
    if not shutil.which("valgrind"):
        raise Failed("valgrind is not installed")
    done = subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--toggle-collect=engine_handle",
            f"{BUILD}/bench/core",
            "invented",
            str(HEART_RATES),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if not found:
        raise Failed(f"callgrind: {done.stderr[-500:]}")
    return int(found[1]) / HEART_RATES
