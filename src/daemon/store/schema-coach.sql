-- SPDX-License-Identifier: MIT
-- What the coach needs: what a session was by its record, and what the runner says of a day.

-- By its record alone: hard, long, recovery or base; NULL until it is closed. `kind` stays what the runner said.
ALTER TABLE session ADD COLUMN record_kind TEXT;
-- Seconds whose smoothed heart rate was at or above 80 %, at or below 65 % of the reserve; NULL for a runner unknown.
ALTER TABLE session ADD COLUMN hard_s REAL;
ALTER TABLE session ADD COLUMN easy_s REAL;

-- What is stored of older sessions, credited as everywhere: the time until the next heart rate, at most two seconds.
UPDATE session
   SET (hard_s, easy_s) =
       (SELECT total(ms) FILTER (WHERE smoothed >= (80 * (max_hr - resting_hr) + 100 * resting_hr) / 100) / 1000,
               total(ms) FILTER (WHERE smoothed <= (65 * (max_hr - resting_hr) + 100 * resting_hr) / 100) / 1000
          FROM (SELECT smoothed, min(lead(t) OVER (ORDER BY t) - t, 2000) AS ms
                  FROM sample
                 WHERE session_id = session.id))
 WHERE resting_hr > 0 AND max_hr > resting_hr;

-- Those of which it is still to be told.
CREATE INDEX session_unjudged ON session (started_at) WHERE ended_at IS NOT NULL AND record_kind IS NULL;

-- The body scan. What is NULL was not said.
CREATE TABLE day (
  local_date     TEXT PRIMARY KEY CHECK (local_date IS date(local_date)),
  feel           INTEGER CHECK (feel BETWEEN 1 AND 5), -- 1 poor, 5 fresh
  mood           TEXT,
  soreness       TEXT,
  pain           TEXT,
  pain_worsening INTEGER NOT NULL DEFAULT 0 CHECK (pain_worsening IN (0, 1)),
  pain_gait      INTEGER NOT NULL DEFAULT 0 CHECK (pain_gait IN (0, 1)), -- 1: it changes how the runner moves
  note           TEXT
) STRICT;

CREATE INDEX resting_local_date ON resting (local_date);
CREATE INDEX race_local_date ON race (local_date);

-- A session's date on the runner's clock, and its kind as it counts: as said, else race if its date has one, else by the
-- record.
CREATE VIEW session_days (id, local_date, kind) AS
  SELECT id, local_date,
         coalesce(said, CASE WHEN EXISTS (SELECT 1 FROM race AS r WHERE r.local_date = d.local_date) THEN 'race' END,
                  record_kind)
    FROM (SELECT s.id, date(l.local_s, 'unixepoch') AS local_date, s.kind AS said, s.record_kind
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id) AS d;

-- The same as before, but for `kind`.
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
         strap
    FROM (SELECT s.id, d.local_date, d.kind, s.avg_hr, s.peak_hr, s.ceiling, s.breaches, l.local_s, l.duration_s,
                 l.over_s,
                 CAST(round(s.longest_breach_s) AS INTEGER) AS breach_s,
                 CASE WHEN s.ceiling IS NOT NULL AND s.live_s > 0 THEN 100 * (1 - s.over_s / s.live_s) END AS easy_percent,
                 coalesce(n.name, n.address) AS strap
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id
                 LEFT JOIN sensor AS n ON n.id = s.sensor_id);
