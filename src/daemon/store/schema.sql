-- SPDX-License-Identifier: MIT
-- The database of cardiod, version 1. Times are Unix milliseconds UTC; t is milliseconds since started_at on
-- CLOCK_BOOTTIME. Heart rates are bpm. A column that is NULL was not known.

CREATE TABLE sensor (
  id            INTEGER PRIMARY KEY,
  address       TEXT NOT NULL UNIQUE,
  name          TEXT,
  body_location TEXT,
  battery       INTEGER,
  last_seen_at  INTEGER
) STRICT;

CREATE TABLE session (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  sensor_id          INTEGER REFERENCES sensor (id),
  source             TEXT NOT NULL CHECK (source IN ('strap', 'import', 'manual')),
  kind               TEXT,
  started_at         INTEGER NOT NULL,
  ended_at           INTEGER,                    -- NULL while recording
  utc_offset_s       INTEGER NOT NULL DEFAULT 0,
  resting_hr         REAL,                       -- these seven, and sex, as they were at the start
  max_hr             REAL,
  ceiling            REAL,                       -- NULL = none
  ceiling_expression TEXT,
  tolerance          REAL,
  zone_model         TEXT,
  zone_bounds        TEXT,                       -- as configured: in per cent of the model, or bpm for custom
  live_s             REAL NOT NULL DEFAULT 0,
  avg_hr             REAL,
  min_hr             REAL,                       -- of the smoothed heart rate, as is the peak
  peak_hr            REAL,
  over_s             REAL NOT NULL DEFAULT 0,
  breaches           INTEGER NOT NULL DEFAULT 0,
  longest_breach_s   REAL NOT NULL DEFAULT 0,
  trimp              REAL,
  talk_test          TEXT,
  rpe                INTEGER,
  note               TEXT,
  by_hand            INTEGER NOT NULL DEFAULT 0, -- 1: begun by command, so never trimmed or discarded
  resumable          INTEGER NOT NULL DEFAULT 0, -- 1: closed because the daemon stopped, may go on
  sex                TEXT                        -- for trimp: female, male, unspecified
) STRICT;

CREATE INDEX session_started_at ON session (started_at);

CREATE TABLE sample (
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t          INTEGER NOT NULL CHECK (t >= 0),
  heart_rate INTEGER NOT NULL CHECK (heart_rate BETWEEN 25 AND 250),
  smoothed   REAL NOT NULL,
  zone       INTEGER NOT NULL CHECK (zone BETWEEN 0 AND 7),
  contact    INTEGER NOT NULL CHECK (contact BETWEEN 0 AND 2), -- unsupported, yes, no
  rr_json    TEXT,                               -- the packet's R-R intervals as [a,b,…] in 1/1024 s
  PRIMARY KEY (session_id, t)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  id         INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t          INTEGER NOT NULL,
  type       TEXT NOT NULL CHECK (type IN ('over-limit', 'back-in-range', 'gap', 'contact-lost', 'stale', 'zone',
                                           'ceiling', 'snooze', 'battery', 'clock', 'strap')),
  value      REAL,                               -- bpm, seconds or per cent, whichever the type is about
  detail     TEXT
) STRICT;

CREATE INDEX event_session ON event (session_id, t);

CREATE TABLE zone_time (
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  zone       INTEGER NOT NULL,                   -- 0 is below zone 1
  seconds    REAL NOT NULL,
  PRIMARY KEY (session_id, zone)
) STRICT, WITHOUT ROWID;

CREATE TABLE resting (
  id         INTEGER PRIMARY KEY,
  taken_at   INTEGER NOT NULL,
  local_date TEXT NOT NULL,
  heart_rate REAL NOT NULL,
  rmssd      REAL,
  seconds    INTEGER,
  source     TEXT NOT NULL
) STRICT;

CREATE TABLE race (
  id         INTEGER PRIMARY KEY,
  local_date TEXT NOT NULL,
  distance   TEXT NOT NULL CHECK (distance IN ('5k', '10k', 'half', 'marathon')),
  note       TEXT
) STRICT;

-- The R-R intervals one a row; they are kept a packet a row, which is a quarter of the size. flag: NULL = not classified.
CREATE VIEW rr (session_id, t, seq, rr, flag) AS
  SELECT s.session_id, s.t, j.key, j.value, NULL
    FROM sample AS s, json_each(s.rr_json) AS j
   WHERE s.rr_json IS NOT NULL;

-- What the views below share, in whole seconds. A session being recorded lasts until its last heart rate. local_s is
-- its start as the runner's clock showed it.
CREATE VIEW session_lengths (id, local_s, duration_s, over_s) AS
  SELECT id,
         started_at / 1000 + utc_offset_s,
         CAST(round((coalesce(ended_at,
                              started_at + (SELECT max(t) FROM sample WHERE session_id = session.id),
                              started_at) - started_at) / 1000.0) AS INTEGER),
         CAST(round(over_s) AS INTEGER)
    FROM session;

-- What a person asks for: local time, lengths as H:MM:SS.
CREATE VIEW sessions AS
  SELECT id,
         date(local_s, 'unixepoch') AS date,
         strftime('%H:%M', local_s, 'unixepoch') AS start,
         printf('%d:%02d:%02d', duration_s / 3600, duration_s / 60 % 60, duration_s % 60) AS duration,
         kind,
         round(avg_hr, 1) AS avg_bpm,
         round(peak_hr, 1) AS peak_bpm,
         round(ceiling, 2) AS ceiling,
         printf('%d:%02d:%02d', over_s / 3600, over_s / 60 % 60, over_s % 60) AS over,
         breaches,
         printf('%d:%02d:%02d', breach_s / 3600, breach_s / 60 % 60, breach_s % 60) AS longest_breach,
         round(easy_percent, 1) AS easy_percent,
         strap
    FROM (SELECT s.id, s.kind, s.avg_hr, s.peak_hr, s.ceiling, s.breaches, l.local_s, l.duration_s, l.over_s,
                 CAST(round(s.longest_breach_s) AS INTEGER) AS breach_s,
                 CASE WHEN s.ceiling IS NOT NULL AND s.live_s > 0 THEN 100 * (1 - s.over_s / s.live_s) END AS easy_percent,
                 coalesce(n.name, n.address) AS strap
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id LEFT JOIN sensor AS n ON n.id = s.sensor_id);

CREATE VIEW session_zones (session_id, zone, seconds, percent) AS
  SELECT session_id, zone, seconds,
         round(100 * seconds / (SELECT live_s FROM session WHERE id = session_id AND live_s > 0), 1)
    FROM zone_time;

-- A week begins on its Monday. easy_percent is of the time that had a ceiling.
CREATE VIEW weeks AS
  SELECT date(l.local_s, 'unixepoch', '-6 days', 'weekday 1') AS week,
         count(*) AS sessions,
         printf('%d:%02d:%02d', sum(l.duration_s) / 3600, sum(l.duration_s) / 60 % 60, sum(l.duration_s) % 60) AS duration,
         round(100 * (1 - sum(s.over_s) FILTER (WHERE s.ceiling IS NOT NULL)
                          / nullif(sum(s.live_s) FILTER (WHERE s.ceiling IS NOT NULL), 0)), 1) AS easy_percent,
         round(sum(s.trimp), 1) AS trimp
    FROM session AS s JOIN session_lengths AS l ON l.id = s.id
   GROUP BY week;
