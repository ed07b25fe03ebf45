-- SPDX-License-Identifier: MIT
-- Sessions that were trimmed, split or merged, and what they were before, kept for a week.

-- When it was edited last, Unix ms; NULL = it is as it came in.
ALTER TABLE session ADD COLUMN edited_at INTEGER;
-- The session of which it was a part until that was split; NULL = of none.
ALTER TABLE session ADD COLUMN split_from INTEGER;

-- Files whose sessions became a part of another one: they are known when they come again.
CREATE TABLE merged_content (
  content    TEXT PRIMARY KEY,                   -- as in table session
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX merged_content_session ON merged_content (session_id);

-- What can be taken back, the latest edit of a session first.
CREATE TABLE edit (
  id         INTEGER PRIMARY KEY,
  made_at    INTEGER NOT NULL,                   -- Unix ms
  what       TEXT NOT NULL CHECK (what IN ('trim', 'split', 'merge')),
  deleted_id INTEGER                             -- a session whose deletion took along what was kept here; NULL = none
) STRICT;

-- The sessions that an edit concerns. Of one that came of it: what was so right after it, to tell what changed since.
CREATE TABLE edit_session (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  session_id INTEGER NOT NULL,
  is_result  INTEGER NOT NULL CHECK (is_result IN (0, 1)), -- 0: it became a part of another session
  started_at INTEGER,
  kind       TEXT,
  talk_test  TEXT,
  rpe        INTEGER,
  note       TEXT,
  PRIMARY KEY (edit_id, session_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX edit_session_session ON edit_session (session_id);

-- What an edit took away: the rows of a table in kept_TABLE, column by column as they were. A table with a session_id, or a
-- column of one of these, that comes later comes to both.
CREATE TABLE kept_session (
  edit_id            INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  id                 INTEGER NOT NULL,
  sensor_id          INTEGER,
  source             TEXT NOT NULL,
  kind               TEXT,
  started_at         INTEGER NOT NULL,
  ended_at           INTEGER,
  utc_offset_s       INTEGER NOT NULL,
  resting_hr         REAL,
  max_hr             REAL,
  ceiling            REAL,
  ceiling_expression TEXT,
  tolerance          REAL,
  zone_model         TEXT,
  zone_bounds        TEXT,
  live_s             REAL NOT NULL,
  avg_hr             REAL,
  min_hr             REAL,
  peak_hr            REAL,
  over_s             REAL NOT NULL,
  breaches           INTEGER NOT NULL,
  longest_breach_s   REAL NOT NULL,
  trimp              REAL,
  talk_test          TEXT,
  rpe                INTEGER,
  note               TEXT,
  by_hand            INTEGER NOT NULL,
  resumable          INTEGER NOT NULL,
  sex                TEXT,
  record_kind        TEXT,
  hard_s             REAL,
  easy_s             REAL,
  day_kind           TEXT,
  workout            TEXT,
  record_long        INTEGER NOT NULL,
  verdict            TEXT,
  boot_id            TEXT,
  boot_ms            INTEGER,
  clock_known        INTEGER NOT NULL,
  content            TEXT,
  device             TEXT,
  sport              TEXT,
  edited_at          INTEGER,
  split_from         INTEGER,
  PRIMARY KEY (edit_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_sample (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  session_id INTEGER NOT NULL,
  t          INTEGER NOT NULL,
  heart_rate INTEGER NOT NULL,
  smoothed   REAL NOT NULL,
  zone       INTEGER NOT NULL,
  contact    INTEGER NOT NULL,
  rr_json    TEXT,
  settled    INTEGER NOT NULL,
  PRIMARY KEY (edit_id, session_id, t)
) STRICT, WITHOUT ROWID;

-- Their ids are not given to other events meanwhile.
CREATE TABLE kept_event (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  id         INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL,
  t          INTEGER NOT NULL,
  type       TEXT NOT NULL,
  value      REAL,
  detail     TEXT
) STRICT;

CREATE INDEX kept_event_edit ON kept_event (edit_id);

CREATE TABLE kept_zone_time (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  session_id INTEGER NOT NULL,
  zone       INTEGER NOT NULL,
  seconds    REAL NOT NULL,
  PRIMARY KEY (edit_id, session_id, zone)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_pace (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  session_id INTEGER NOT NULL,
  t          INTEGER NOT NULL,
  speed      REAL,
  cadence    REAL,
  distance   REAL,
  incline    REAL,
  PRIMARY KEY (edit_id, session_id, t)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_merged_content (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  content    TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  PRIMARY KEY (edit_id, content)
) STRICT, WITHOUT ROWID;
