-- SPDX-License-Identifier: MIT
-- Sessions from files of other programs, and the pace that comes with them.

-- The SHA-256 of what was imported, by which the same is known when it comes again; the device that recorded it, and its sport,
-- as the file has them. NULL = not known, or not imported.
ALTER TABLE session ADD COLUMN content TEXT;
ALTER TABLE session ADD COLUMN device TEXT;
ALTER TABLE session ADD COLUMN sport TEXT;

CREATE UNIQUE INDEX session_content ON session (content) WHERE content IS NOT NULL;

-- m/s, steps per minute of both feet, m since the session's start, per cent; NULL = not known.
CREATE TABLE pace (
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t          INTEGER NOT NULL CHECK (t >= 0),
  speed      REAL,
  cadence    REAL,
  distance   REAL,
  incline    REAL,
  PRIMARY KEY (session_id, t)
) STRICT, WITHOUT ROWID;

-- As before, but for `strap`: of an imported session it is the device.
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
         source
    FROM (SELECT s.id, d.local_date, d.kind, s.avg_hr, s.peak_hr, s.ceiling, s.breaches, l.local_s, l.duration_s,
                 l.over_s,
                 CAST(round(s.longest_breach_s) AS INTEGER) AS breach_s,
                 CASE WHEN s.ceiling IS NOT NULL AND s.live_s > 0 THEN 100 * (1 - s.over_s / s.live_s) END AS easy_percent,
                 coalesce(n.name, n.address, s.device) AS strap,
                 s.trimp, s.verdict, s.talk_test, s.rpe, s.note, s.source
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id
                 LEFT JOIN sensor AS n ON n.id = s.sensor_id);
