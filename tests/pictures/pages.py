# SPDX-License-Identifier: MIT
"""The pictures of pages: a year of runs as tests/bench/history.c invents them, written by the real cardioctl, shown by Chromium."""

import os
import random
import shutil
import sqlite3
import subprocess

YEAR = 380  # runs, one a day
SHOWN = {"report": (960, 790), "trend": (960, 905)}  # pixels of each picture
DAY = 86400 * 1000


def make_year(database, history, today):
    """Runs up to that day, fewer of them in the beginning, with mornings and what a runner says of a run."""
    chance = random.Random(1)
    subprocess.run([history, "--runs", str(YEAR), database], check=True, capture_output=True)
    db = sqlite3.connect(database)
    last = db.execute("SELECT max(started_at) FROM session").fetchone()[0]
    shift = today * 1000 // DAY * DAY - last // DAY * DAY
    db.execute("UPDATE session SET started_at = started_at + ?1, ended_at = ended_at + ?1", (shift,))
    for (run,) in db.execute("SELECT id FROM session ORDER BY id").fetchall():
        rest = 0.55 - 0.4 * run / YEAR + (0.3 if run % 28 > 21 else 0)
        if run < YEAR - 1 and chance.random() < rest:
            db.execute("DELETE FROM session WHERE id = ?", (run,))
        elif chance.random() < 0.06:
            db.execute("UPDATE session SET kind = 'cross-training' WHERE id = ?", (run,))
        if chance.random() < 0.7:
            db.execute("INSERT INTO resting (taken_at, local_date, heart_rate, rmssd, source) VALUES (0, date(?, 'unixepoch'), ?, ?, 'strap')",
                       (today - 86400 * (YEAR - run), 53 - run / 90 + chance.gauss(0, 1.2), 48 + run / 30 + chance.gauss(0, 5)))
    db.execute("UPDATE session SET kind = 'race' WHERE id IN (SELECT id FROM session WHERE id > 200 AND id % 90 < 7 GROUP BY id / 90)")
    run = db.execute("SELECT id FROM session WHERE breaches BETWEEN 3 AND 12 AND id > 300 ORDER BY id DESC LIMIT 1").fetchone()[0]
    db.execute("UPDATE session SET kind = 'recovery', verdict = 'too-fast', talk_test = 'fail', rpe = 5, note = 'The hill by the bridge, again.'"
               " WHERE id = ?", (run,))
    db.commit()
    db.close()
    return run


def show(page, width, height, picture, env):
    """What the browser draws of the top of a page."""
    folder = os.path.dirname(page)
    subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
                    "--font-render-hinting=none", "--disable-lcd-text", f"--user-data-dir={folder}/chromium", f"--window-size={width},{height}",
                    f"--screenshot={folder}/page.png", f"file://{page}"], check=True, capture_output=True, env=env)
    subprocess.run(["pngquant", "--force", "--strip", "--output", picture, f"{folder}/page.png"], check=True)


def take(folder, build, here, env, today):
    """env: of a cardioctl that takes today for its day."""
    folder = f"{folder}/pages"
    os.mkdir(folder)
    run = make_year(f"{folder}/year.db", f"{build}/bench/history", today)
    for verb, argument in (("report", [str(run)]), ("trend", [])):
        page = f"{folder}/{verb}.html"
        subprocess.run([f"{build}/cardioctl", "--database", f"{folder}/year.db", verb, *argument, "-o", page], check=True, capture_output=True,
                       env=env)
        show(page, *SHOWN[verb], f"{here}/{verb}.png", {key: value for key, value in env.items() if key != "LD_PRELOAD"})
    shutil.rmtree(folder)
