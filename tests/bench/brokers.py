# SPDX-License-Identifier: MIT
"""The rows about many machines at one broker: the bridge's own publisher, two hundred times, at one mosquitto."""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import time

from live import RECORDING, heart_rates
from stage import BUILD, Failed, Stage, wait_until

PASSWORD = "a long walk"
CONNECTIONS = 200
WARM_UP_S = 5


def openssl(*argv):
    subprocess.run(["openssl", *argv], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificates(folder):
    """An authority, and a certificate of it for localhost."""
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new_key, "-subj", "/CN=bench", "-days", "2", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem")
    openssl("req", *new_key, "-subj", "/CN=localhost", "-keyout", f"{folder}/broker.key", "-out", f"{folder}/request.pem")
    with open(f"{folder}/names", "w") as file:
        file.write("subjectAltName=DNS:localhost\n")
    openssl(
        "x509", "-req", "-in", f"{folder}/request.pem", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/names", "-out", f"{folder}/broker.pem",
    )  # fmt: skip


def start_broker(stage, port):
    folder = stage.folder
    certificates(folder)
    with open(f"{folder}/users", "w") as file:
        file.write(f"bench:{PASSWORD}\n")
    os.chmod(f"{folder}/users", 0o600)
    subprocess.run(["mosquitto_passwd", "-U", f"{folder}/users"], check=True)
    with open(f"{folder}/mosquitto.conf", "w") as file:
        file.write(
            f"user root\nlistener {port} localhost\ncertfile {folder}/broker.pem\nkeyfile {folder}/broker.key\n"
            f"allow_anonymous false\npassword_file {folder}/users\npersistence false\nsys_interval 0\n"
            "log_dest stderr\nlog_type error\nlog_type information\n"
        )
    broker = stage.start("mosquitto", "-c", f"{folder}/mosquitto.conf")
    wait_until(lambda: "running" in read(broker.log), 10, "the start of mosquitto")
    return broker


def read(path):
    with open(path, errors="replace") as file:
        return file.read()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def delays(log):
    """µs from handing a message over to its arrival at the subscriber, of each line "TIME PAYLOAD"."""
    found = []
    for line in read(log).splitlines():
        at, _, payload = line.partition(" ")
        if payload.endswith("}"):
            found.append(float(at) * 1e6 - json.loads(payload)["sent"] / 1000)
    return found


class Machines:
    """with Machines(options) as m: that many connections to a broker of their own, a strap, a cardiod, a subscriber."""

    def __init__(self, options, connections):
        self.options, self.connections, self.stage = options, connections, Stage()

    def __enter__(self):
        self.stage.__enter__()
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stage.__exit__()

    def _start(self):
        stage, port = self.stage, free_port()
        self.broker = start_broker(stage, port)
        stage.cardiod(RECORDING)
        self.subscriber = stage.start(
            "mosquitto_sub", "-h", "localhost", "-p", str(port), "-u", "bench", "-P", PASSWORD,
            "--cafile", f"{stage.folder}/ca.pem", "-t", "bench/+/state", "-F", "%U %p",
        )  # fmt: skip
        self.idle_kb = self.broker.rss_kb()
        self.publishers = stage.start(
            f"{BUILD}/bench/brokers", *self.options, str(port), f"{stage.folder}/ca.pem", str(self.connections)
        )
        wait_until(lambda: "connected" in read(self.publishers.log), 60, f"{self.connections} connections")

    def counted(self):
        return self.publishers.cpu_ns(), self.broker.cpu_ns(), len(read(self.subscriber.log).splitlines())

    def figures(self, before, after, seconds):
        """By name, and all delays. Ends the publishers: each message has to have come."""
        memory = self.publishers.rss_kb(), self.broker.rss_kb()
        self.publishers.end()
        said = read(self.publishers.log).split()
        handed_over, refused = int(said[-4].rstrip(",")), int(said[-1])
        wait_until(lambda: len(delays(self.subscriber.log)) >= handed_over - refused, 20, "the last message")
        came = delays(self.subscriber.log)
        messages = after[2] - before[2]
        if refused or len(came) != handed_over or messages < 0.9 * seconds * self.connections:
            raise Failed(f"{handed_over} handed over, {refused} not taken, {len(came)} have come, {messages} in time")
        return {
            "publisher": (after[0] - before[0]) / messages / 1000,
            "broker": (after[1] - before[1]) / messages / 1000,
            "publisher kB": memory[0] / self.connections,
            "broker kB": (memory[1] - self.idle_kb) / self.connections,
            "delays": came,
        }


def side_by_side(kinds, seconds, connections):
    """One measurement of each kind of publisher, in the same seconds."""
    with contextlib.ExitStack() as stack:
        all_of_them = {name: stack.enter_context(Machines(options, connections)) for name, options in kinds.items()}
        for n, machines in enumerate(all_of_them.values()):  # no two of them at the same moment
            rows = heart_rates(WARM_UP_S + seconds + 5)
            machines.stage.play([(t + n / len(all_of_them), bpm, rr) for t, bpm, rr in rows])
        time.sleep(WARM_UP_S)
        before = {name: machines.counted() for name, machines in all_of_them.items()}
        time.sleep(seconds)
        after = {name: machines.counted() for name, machines in all_of_them.items()}
        return {name: m.figures(before[name], after[name], seconds) for name, m in all_of_them.items()}


KINDS = {
    "each at a moment of its own": {"floor": ("--bare",), "bridge": ()},
    "all at once": {"floor": ("--bare", "--together"), "bridge": ("--together",)},
}
ROWS = (
    ("CPU of the publishers a message, µs", lambda run: run["publisher"], 0),
    ("CPU of mosquitto a message, µs", lambda run: run["broker"], 0),
    ("resident memory of the publishers, a connection, kB", lambda run: run["publisher kB"], 0),
    ("mosquitto's growth in memory, a connection, kB", lambda run: run["broker kB"], 0),
    ("handed over → at a subscriber, median, µs", lambda run: statistics.median(run["delays"]), 0),
    ("handed over → at a subscriber, p99, µs", lambda run: statistics.quantiles(run["delays"], n=100)[98], 0),
)
HEADING = (
    "| 200 connections, TLS, a message a second each | libmosquitto alone | the bridge's publisher | of libmosquitto's |",
    "|---|---|---|---|",
)


def middle(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def measure(seconds=30, runs=5):
    """The lines of the table."""
    lines = [*HEADING]
    for when, kinds in KINDS.items():
        taken = [side_by_side(kinds, seconds, CONNECTIONS) for _ in range(runs)]
        for what, figure, digits in ROWS:
            floor, bridge = ([figure(run[name]) for run in taken] for name in ("floor", "bridge"))
            ratios = [b / f for b, f in zip(bridge, floor)]
            lines.append(f"| {when}: {what} | {middle(floor, digits)} | {middle(bridge, digits)} | {middle(ratios, 2)} |")
            print(lines[-1], flush=True)
    return lines
