-- SPDX-License-Identifier: MIT
-- What the beats of a session come to.

-- 0: they have not been looked at yet, as in sessions that are recorded, and in those of an older version at first.
ALTER TABLE session ADD COLUMN beats_known INTEGER NOT NULL DEFAULT 0 CHECK (beats_known IN (0, 1));
-- Of normal beats that follow on each other, in ms, ms and per cent; NULL = too few of them.
ALTER TABLE session ADD COLUMN rmssd REAL;
ALTER TABLE session ADD COLUMN sdnn REAL;
ALTER TABLE session ADD COLUMN pnn50 REAL;
-- Of all beats; NULL = there are none.
ALTER TABLE session ADD COLUMN artefact_percent REAL;
-- By how much the heart rate fell in the minute after the end of effort, bpm; NULL = not known.
ALTER TABLE session ADD COLUMN hrr60 REAL;
-- The highest heart rate that it stayed at or above for two minutes, as far as the beats bear it out, bpm; NULL = there is none.
ALTER TABLE session ADD COLUMN held_hr REAL;

-- Of mornings likewise; NULL = not known, as of those of an older version.
ALTER TABLE resting ADD COLUMN sdnn REAL;
ALTER TABLE resting ADD COLUMN pnn50 REAL;

CREATE INDEX session_beats_unknown ON session (started_at) WHERE ended_at IS NOT NULL AND beats_known = 0;

-- The beats that are none, or not to be gone by; all others are normal. Beats themselves are never changed.
CREATE TABLE artefact (
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t          INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  flag       INTEGER NOT NULL CHECK (flag BETWEEN 1 AND 5), -- ectopic, missed, extra, long or short, implausible
  PRIMARY KEY (session_id, t, seq)
) STRICT, WITHOUT ROWID;

-- DFA alpha 1 of the two minutes up to t; NULL = not available: the artefacts of these two minutes, in per cent, or too little of
-- them covered. No row where there were no R-R intervals.
CREATE TABLE alpha1 (
  session_id       INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t                INTEGER NOT NULL,
  alpha1           REAL,
  artefact_percent REAL,
  PRIMARY KEY (session_id, t)
) STRICT, WITHOUT ROWID;

-- What an edit took away has them, too.
ALTER TABLE kept_session ADD COLUMN beats_known INTEGER NOT NULL DEFAULT 0;
ALTER TABLE kept_session ADD COLUMN rmssd REAL;
ALTER TABLE kept_session ADD COLUMN sdnn REAL;
ALTER TABLE kept_session ADD COLUMN pnn50 REAL;
ALTER TABLE kept_session ADD COLUMN artefact_percent REAL;
ALTER TABLE kept_session ADD COLUMN hrr60 REAL;
ALTER TABLE kept_session ADD COLUMN held_hr REAL;

CREATE TABLE kept_artefact (
  edit_id    INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  session_id INTEGER NOT NULL,
  t          INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  flag       INTEGER NOT NULL,
  PRIMARY KEY (edit_id, session_id, t, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_alpha1 (
  edit_id          INTEGER NOT NULL REFERENCES edit (id) ON DELETE CASCADE,
  session_id       INTEGER NOT NULL,
  t                INTEGER NOT NULL,
  alpha1           REAL,
  artefact_percent REAL,
  PRIMARY KEY (edit_id, session_id, t)
) STRICT, WITHOUT ROWID;

-- flag: NULL = not looked at yet, 0 = normal, else as in artefact.
DROP VIEW rr;
CREATE VIEW rr (session_id, t, seq, rr, flag) AS
  SELECT s.session_id, s.t, j.key, j.value,
         CASE WHEN n.beats_known
              THEN coalesce((SELECT a.flag FROM artefact AS a
                              WHERE a.session_id = s.session_id AND a.t = s.t AND a.seq = j.key), 0) END
    FROM sample AS s JOIN session AS n ON n.id = s.session_id, json_each(s.rr_json) AS j
   WHERE s.rr_json IS NOT NULL;

-- The same as before, and rmssd.
DROP VIEW sessions;
CREATE VIEW sessions AS
  SELECT id,
         local_date AS date,
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
         strap,
         duration_s,
         over_s,
         round(trimp, 1) AS trimp,
         verdict,
         talk_test,
         rpe,
         note,
         source,
         round(rmssd, 1) AS rmssd
    FROM (SELECT s.id, d.local_date, d.kind, s.avg_hr, s.peak_hr, s.ceiling, s.breaches, l.local_s, l.duration_s,
                 l.over_s,
                 CAST(round(s.longest_breach_s) AS INTEGER) AS breach_s,
                 CASE WHEN s.ceiling IS NOT NULL AND s.live_s > 0 THEN 100 * (1 - s.over_s / s.live_s) END AS easy_percent,
                 coalesce(n.name, n.address, s.device) AS strap,
                 s.trimp, s.verdict, s.talk_test, s.rpe, s.note, s.source, s.rmssd
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id
                 LEFT JOIN sensor AS n ON n.id = s.sensor_id);
