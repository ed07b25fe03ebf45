# SPDX-License-Identifier: MIT
"""A stage for a measurement: a private bus, the stand-in for bluetoothd with straps on it, and one program that listens to
them. Each program has a stage of its own, so that several can be measured side by side, in the same seconds. What a
program costs is read from /proc; a program that ends by itself fails the measurement.
"""

import glob
import os
import queue
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

BUILD = os.environ.get("BUILD", "build")
HERE = os.path.dirname(os.path.abspath(__file__))
ANSWER_S = 60

BUS_CONFIG = """<busconfig>
<type>system</type><auth>EXTERNAL</auth><listen>unix:path={}</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""


def real_time():
    """Before the programs of a stage begin: other work on the machine shall not get between them. Root may do that."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        return False
    return True


class Failed(Exception):
    """A row that could not be measured."""


def address(n):
    return f"C0:FF:EE:00:00:{n:02X}"


def characteristic(n):
    return f"/org/bluez/hci0/dev_{address(n).replace(':', '_')}/service0020/char0021"


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"{what} did not happen within {seconds} s")
        time.sleep(0.01)


class Process:
    """A program and what the kernel has counted of it."""

    def __init__(self, argv, env, log):
        with open(log, "wb") as file:
            self.popen = subprocess.Popen(
                argv, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, preexec_fn=real_time
            )
        self.name, self.log, self.pid = os.path.basename(argv[0]), log, self.popen.pid

    def _read(self, name):
        if self.popen.poll() is not None:
            with open(self.log, errors="replace") as file:
                raise Failed(f"{self.name} has ended: {file.read()[-500:]}")
        with open(f"/proc/{self.pid}/{name}") as file:
            return file.read()

    def _field(self, name, field):
        for line in self._read(name).splitlines():
            key, _, value = line.partition(":")
            if key == field:
                return int(value.split()[0])
        raise Failed(f"/proc/PID/{name} has no {field}")

    def cpu_ns(self):
        """CPU time of all its threads, user and system, as the scheduler has it."""
        self._read("stat")
        total = 0
        for path in glob.glob(f"/proc/{self.pid}/task/*/schedstat"):
            with open(path) as file:
                total += int(file.read().split()[0])
        return total

    def wake_ups(self):
        return self._field("status", "voluntary_ctxt_switches")

    def rss_kb(self):
        return self._field("status", "VmRSS")

    def written(self):
        """(bytes it dirtied on the file system, bytes it gave to write())"""
        return self._field("io", "write_bytes"), self._field("io", "wchar")

    def end(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(20)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


class Stage:
    """with Stage() as s: a bus and straps; then one of the programs."""

    def __init__(self, straps=1):
        self.straps = straps

    def __enter__(self):
        self.children = []
        self.folder = tempfile.mkdtemp(prefix="cardio-bench-", dir=BUILD)
        self.database = f"{self.folder}/cardiod.db"
        self.env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={os.path.abspath(self.folder)}/bus")
        try:
            self._start_bus()
            self._start_standin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.end()
        shutil.rmtree(self.folder)

    def start(self, *argv):
        child = Process(argv, self.env, f"{self.folder}/{len(self.children)}.log")
        self.children.append(child)
        return child

    # -- The bus and bluetoothd --

    def _start_bus(self):
        config, path = f"{self.folder}/bus.conf", f"{os.path.abspath(self.folder)}/bus"
        with open(config, "w") as file:
            file.write(BUS_CONFIG.format(path))
        self.start("dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}")
        wait_until(lambda: os.path.exists(path), 10, "the start of the bus")

    def _start_standin(self):
        standin = subprocess.Popen(
            [f"{BUILD}/bluez-standin"],
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            preexec_fn=real_time,
        )
        self.standin, self.answers, self.stamps = standin, queue.Queue(), []
        threading.Thread(target=self._read_standin, daemon=True).start()
        self.children.append(self)
        self.tell("adapter add hci0 powered")
        for n in range(1, self.straps + 1):
            self.tell(f'strap add hci0 {address(n)} "Strap {n}" trusted')
        self.tell("expect ready hci0 10s")

    def _read_standin(self):
        for line in self.standin.stdout:
            words = line.split()
            if line.startswith("note sent "):
                self.stamps.append(int(words[2]))
            elif words and (words[0] == "ok" or words[0] == "error:"):
                self.answers.put(line.strip())

    def end(self):
        """Of the stand-in, which is one of the children."""
        try:
            self.standin.stdin.close()
            self.standin.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.standin.kill()
            self.standin.wait()

    def tell(self, command):
        self.standin.stdin.write(command + "\n")
        try:
            answer = self.answers.get(timeout=ANSWER_S)
        except queue.Empty:
            answer = f"no answer within {ANSWER_S} s"
        if answer != "ok":
            raise Failed(f"{command}: {answer}")

    def each(self, command):
        for n in range(1, self.straps + 1):
            self.tell(command.format(address(n)))

    # -- Programs that listen --

    def subscribed(self):
        self.each("expect notifying {} 20s")

    def floor(self, *options):
        self.each("advertise {}")
        self.each("connect {}")
        self.each("resolve {}")
        paths = [characteristic(n) for n in range(1, self.straps + 1)]
        program = self.start(f"{BUILD}/bench/floor", *options, *paths)
        self.subscribed()
        return program

    def cardiod(self, config, worn=True):
        """Recording begins with the first heart rate if config says so. Not worn: the straps stay silent."""
        with open(f"{self.folder}/cardiod.conf", "w") as file:
            file.write(config)
        program = self.start(
            f"{BUILD}/cardiod", "--config", f"{self.folder}/cardiod.conf", "--database", self.database
        )
        self.tell("expect registered hci0 20s")
        if not worn:
            return program
        self.each("advertise {}")
        self.subscribed()
        return program

    def peer(self, name):
        self.each("advertise {}")
        program = self.start(f"{HERE}/{name}", address(1), self.database)
        self.subscribed()
        return program

    # -- What the straps send --

    def play(self, rows, strap=1):
        """rows: (seconds, bpm, R-R intervals in ms). Returns at once."""
        records, intervals = f"{self.folder}/records-{strap}.csv", f"{self.folder}/intervals-{strap}.csv"
        with open(records, "w") as r, open(intervals, "w") as i:
            r.write("t_s,hr_bpm\n")
            i.write("after_record_index,rr_ms\n")
            for n, (seconds, bpm, rr) in enumerate(rows):
                r.write(f"{seconds:.4f},{bpm}\n")
                i.writelines(f"{n},{ms}\n" for ms in rr)
        self.tell(f"play {address(strap)} {records} rr {intervals} background")

    def count(self, sql):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchone()[0]
