# SPDX-License-Identifier: MIT
"""The rows about a daemon that is running: each a function that measures once and returns figures by name."""

import contextlib
import random
import subprocess
import time

from stage import BUILD, Failed, Stage, wait_until

RUNNER = "[runner]\nage = 23\nresting-heart-rate = 50\n"
# A session from the first heart rate on; else it takes start-after until one is recorded.
RECORDING = RUNNER + "[session]\nstart-above = contact\n"


def heart_rates(seconds, rate=1.0, seed=1, low=120, high=140):
    """Rows for Stage.play(), rate a second. R-R intervals are those that a strap sends each second at that heart rate."""
    draw = random.Random(seed)
    rows, bpm, debt, last = [], (low + high) / 2, 0.0, None
    for n in range(int(seconds * rate)):
        bpm = min(high, max(low, bpm + draw.uniform(-2, 2)))
        debt += bpm / 60
        rr = [round(60000 / bpm * draw.uniform(0.97, 1.03)) for _ in range(int(debt))]
        debt -= int(debt)
        if rr and rr == last:
            rr[0] += 1  # the same intervals again at once would be taken for the same packet, sent twice
        last = rr or last
        rows.append((n / rate, round(bpm), rr))
    return rows


def scattered(rows, rate, seed):
    """Each row at some moment of its own 1/rate of a second."""
    draw = random.Random(seed)
    return [((n + draw.random()) / rate, bpm, rr) for n, (_, bpm, rr) in enumerate(rows)]


def cpu(seconds, turn=0, rate=100, peers=("peer-bleak", "peer-dbus")):
    """CPU per notification in µs, of all programs in the same seconds. Each gets its notifications at moments of its own:
    at an even pace who comes after whom, and finds the caches as that one left them, would be the same a whole run long.
    The kernel is kinder to the program that was started first, or last, so each turn begins with another one."""
    warm_up_s = 2
    rows = heart_rates(seconds + warm_up_s + 3, rate)
    names = ["floor", "cardiod", *peers]
    first = turn % len(names)
    figures = {}
    with contextlib.ExitStack() as stack:
        stages = {name: stack.enter_context(Stage()) for name in names[first:] + names[:first]}
        programs = {}
        for name, stage in stages.items():
            if name == "floor":
                programs[name] = stage.floor()
            elif name == "cardiod":
                programs[name] = stage.cardiod(RECORDING)
            else:
                programs[name] = stage.peer(name)
        for seed, stage in enumerate(stages.values()):
            stage.tell("set stamps yes")
            stage.play(scattered(rows, rate, seed))
        time.sleep(warm_up_s)
        before = {name: (p.cpu_ns(), len(stages[name].stamps)) for name, p in programs.items()}
        time.sleep(seconds)
        for name, program in programs.items():
            cpu_ns, sent = program.cpu_ns(), len(stages[name].stamps)
            figures[name] = (cpu_ns - before[name][0]) / (sent - before[name][1]) / 1000
        wait_until(lambda: len(stages["cardiod"].stamps) >= len(rows), 60, "the last notification")
        stages["cardiod"].tell("wait 500ms")
        programs["cardiod"].end()
        stored = stages["cardiod"].count("SELECT count(*) FROM sample")
        intervals = stages["cardiod"].count("SELECT count(*) FROM rr")
        expected = sum(len(row[2]) for row in rows)
        if stored != len(rows) or intervals != expected:
            raise Failed(f"cardiod kept {stored} of {len(rows)} heart rates, {intervals} of {expected} intervals")
    return figures


def latency(seconds):
    """µs from the sending of a notification to the arrival of what it causes: (cardiod's, floor's), a list each."""
    rows, n = [], int(seconds / 0.125)
    for i in range(n):  # three heart rates that agree are one to go by: the third of four is over the limit
        rows.append((i * 0.125, 80 if i // 4 % 2 else 180, [400 + i % 7]))
    config = RECORDING + "[ceiling]\nhold = 0s\nclear = 0s\nrepeat = 0s\n[smoothing]\nwindow = 100ms\n"
    figures = {}
    with contextlib.ExitStack() as stack:
        stages = {name: stack.enter_context(Stage()) for name in ("cardiod", "floor")}
        listeners = {}
        for name, stage in stages.items():
            interface = "org.cardiod1.Manager" if name == "cardiod" else "org.cardiod1.Floor"
            member = "OverLimit" if name == "cardiod" else "Echo"
            listeners[name] = stage.start(
                f"{BUILD}/bench/listen", f"type='signal',interface='{interface}',member='{member}'"
            )
            if name == "cardiod":
                stage.cardiod(config)
            else:
                stage.floor("--echo")
            stage.tell("set stamps yes")
        for stage in stages.values():
            stage.play(rows)
        for name, stage in stages.items():
            wait_until(lambda s=stage: len(s.stamps) >= n, seconds + 20, "the last notification")
        time.sleep(0.5)
        for name, stage in stages.items():
            listeners[name].end()
            with open(listeners[name].log) as file:
                arrivals = [int(line) for line in file.read().split() if line.isdigit()]
            # Each signal belongs to the newest notification before it; what came before the first is about other things.
            sent, i, waits = stage.stamps, 0, []
            for at in (at for at in arrivals if at >= sent[0]):
                while i + 1 < len(sent) and sent[i + 1] < at:
                    i += 1
                waits.append((at - sent[i]) / 1000)
            if len(waits) < n * (0.1 if name == "cardiod" else 0.95):
                raise Failed(f"{name} answered {len(waits)} of {n} notifications")
            figures[name] = waits
    return figures


def pace(seconds, counts=(1, 8, 64)):
    """At life's own pace, all at once: nobody's strap, and 1, 8, 64 straps at a packet a second."""
    figures = {}
    with contextlib.ExitStack() as stack:
        idle = stack.enter_context(Stage()).cardiod(RECORDING, worn=False)
        stages = {n: stack.enter_context(Stage(straps=n)) for n in counts}
        programs = {n: stage.cardiod(RECORDING) for n, stage in stages.items()}
        for n, stage in stages.items():
            for strap in range(1, n + 1):
                stage.play(heart_rates(seconds + 15, seed=strap), strap)
        time.sleep(5)
        before = {n: (p.cpu_ns(), p.wake_ups()) for n, p in programs.items()}
        idle_before, begin = idle.wake_ups(), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begin
        figures["idle wake-ups a minute"] = (idle.wake_ups() - idle_before) * 60 / took
        for n, program in programs.items():
            figures[f"cpu {n}"] = (program.cpu_ns() - before[n][0]) / took / n / 1000
            if n == 1:
                figures["wake-ups a second"] = (program.wake_ups() - before[n][1]) / took
    return figures


def resident(seconds, pairs):
    """Resident memory in kB, of as many cardiods and floors at once: a list of figures. Which pages of a library the kernel
    maps besides those asked for depends on where it has put the library, so each start comes to something else."""
    with contextlib.ExitStack() as stack:
        started = []
        for _ in range(pairs):
            stages = {name: stack.enter_context(Stage()) for name in ("floor", "cardiod")}
            started.append({"floor": stages["floor"].floor(), "cardiod": stages["cardiod"].cardiod(RECORDING)})
            for stage in stages.values():
                stage.play(heart_rates(seconds + 60))
        time.sleep(seconds)
        return [{name: program.rss_kb() for name, program in pair.items()} for pair in started]


def hour(seconds=3600, speed=50):
    """What an hour of recording gives to the disk: the hour is played 50 times as fast, and the intervals between commits
    and syncs are 1/50 of the shipped ones, so that as many fall in the hour and each has as much to write."""
    config = RECORDING + f"[storage]\ncommit-interval = {5000 // speed}ms\nsync-interval = {60000 // speed}ms\n"
    with Stage() as stage:
        daemon = stage.cardiod(config)
        stage.tell("set stamps yes")
        strace_log = f"{stage.folder}/strace"
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(daemon.pid), "-e", "trace=fsync,fdatasync", "-o", strace_log],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(0.5)
            before = daemon.written()
            rows = [(n / speed, bpm, rr) for n, (_, bpm, rr) in enumerate(heart_rates(seconds))]
            stage.play(rows)
            wait_until(lambda: len(stage.stamps) >= len(rows), seconds / speed + 60, "the end of the hour")
            time.sleep(0.5)
            after = daemon.written()
        finally:
            tracer.terminate()
            tracer.wait(20)
        with open(strace_log) as file:
            syncs = sum("sync(" in line for line in file)
    scale = 3600 / seconds
    return {
        "write_bytes MB": (after[0] - before[0]) * scale / 1e6,
        "wchar MB": (after[1] - before[1]) * scale / 1e6,
        "fsyncs": syncs * scale,
    }


def memory(hours=8, rate=400):
    """Resident memory in kB at the end of each recorded hour: an hour's 3,600 heart rates sent in nine seconds. Commits come
    each 100 ms, so that no more waits for the disk than in life."""
    config = RUNNER + (
        "[smoothing]\nwindow = 100ms\n[session]\nstart-above = contact\n[storage]\ncommit-interval = 100ms\n"
    )
    rows = [(n / rate, bpm, rr) for n, (_, bpm, rr) in enumerate(heart_rates(hours * 3600))]
    sizes = []
    with Stage() as stage:
        daemon = stage.cardiod(config)
        stage.tell("set stamps yes")
        stage.play(rows)
        for n in range(1, hours + 1):
            wait_until(lambda k=n: len(stage.stamps) >= k * 3600, 120, f"recorded hour {n}")
            sizes.append(daemon.rss_kb())
        time.sleep(0.5)
        daemon.end()
        if stage.count("SELECT count(*) FROM sample") != len(rows):
            raise Failed("cardiod has not kept all heart rates")
    return sizes
