-- SPDX-License-Identifier: MIT
-- The pace of foot pods and treadmills, recorded along with the heart rate, and what it comes to.

-- m since the session's start, by the machine's own counter; NULL = it has none.
ALTER TABLE pace ADD COLUMN ascent REAL;
ALTER TABLE kept_pace ADD COLUMN ascent REAL;

-- m, m/s over the time that moved, and m; NULL = not known, as without pace.
ALTER TABLE session ADD COLUMN distance_m REAL;
ALTER TABLE session ADD COLUMN avg_speed REAL;
ALTER TABLE session ADD COLUMN ascent_m REAL;
ALTER TABLE kept_session ADD COLUMN distance_m REAL;
ALTER TABLE kept_session ADD COLUMN avg_speed REAL;
ALTER TABLE kept_session ADD COLUMN ascent_m REAL;

-- SQLite cannot change what a column accepts: the table is made anew. What shows it is left as it is.
CREATE TABLE event_before AS SELECT id, session_id, t, type, value, detail FROM event;
DROP TABLE event;

CREATE TABLE event (
  id         INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t          INTEGER NOT NULL,
  type       TEXT NOT NULL CHECK (type IN ('over-limit', 'back-in-range', 'gap', 'contact-lost', 'stale', 'zone',
                                           'ceiling', 'snooze', 'battery', 'clock', 'strap', 'mark', 'step', 'trouble',
                                           'over-pace', 'pace-in-range')),
  value      REAL,                               -- bpm, m/s, seconds, per cent or a number, whichever the type is about
  detail     TEXT
) STRICT;

INSERT INTO event (id, session_id, t, type, value, detail)
  SELECT id, session_id, t, type, value, detail FROM event_before ORDER BY id;
DROP TABLE event_before;

CREATE INDEX event_session ON event (session_id, t);

DROP VIEW drift;
DROP VIEW sessions;
DROP VIEW weeks;
DROP VIEW months;
DROP VIEW session_days;

-- As before, but that an easy session on a day without running is a run if its pace was one's: of 400 m and more, faster than a
-- brisk walk, and no faster than anybody runs.
CREATE VIEW session_days (id, local_date, kind, seen_running) AS
  SELECT id, local_date,
         coalesce(said,
                  CASE WHEN length_ms >= (SELECT min(CASE distance WHEN '5k' THEN 720000 WHEN '10k' THEN 1500000
                                                                   WHEN 'half' THEN 3600000 ELSE 7200000 END)
                                            FROM race AS r WHERE r.local_date = d.local_date)
                            AND id = (SELECT c.id
                                        FROM session AS c JOIN race AS r ON r.local_date = d.local_date
                                       WHERE c.started_at BETWEEN strftime('%s', d.local_date, '-1 day') * 1000
                                                              AND strftime('%s', d.local_date, '+2 days') * 1000
                                         AND date(c.started_at / 1000 + c.utc_offset_s, 'unixepoch') = d.local_date
                                         AND c.kind IS NULL
                                         AND c.ended_at - c.started_at
                                             >= CASE r.distance WHEN '5k' THEN 720000 WHEN '10k' THEN 1500000
                                                                WHEN 'half' THEN 3600000 ELSE 7200000 END
                                       ORDER BY (c.avg_hr - c.resting_hr) / (c.max_hr - c.resting_hr) DESC,
                                                c.ended_at - c.started_at DESC, c.id
                                       LIMIT 1)
                            AND NOT EXISTS (SELECT 1 FROM session AS c
                                             WHERE c.started_at BETWEEN strftime('%s', d.local_date, '-1 day') * 1000
                                                                    AND strftime('%s', d.local_date, '+2 days') * 1000
                                               AND date(c.started_at / 1000 + c.utc_offset_s, 'unixepoch') = d.local_date
                                               AND c.kind = 'race')
                       THEN 'race' END,
                  CASE WHEN record_kind IS NOT NULL
                            AND ((day_kind = 'cross-training' AND workout IS NOT NULL)
                                 OR (day_kind IN ('rest', 'cross-training') AND percent < 50 AND NOT seen_running))
                       THEN 'cross-training' END,
                  record_kind),
         seen_running
    FROM (SELECT id, date(started_at / 1000 + utc_offset_s, 'unixepoch') AS local_date, kind AS said, day_kind, workout,
                 100 * (avg_hr - resting_hr) / (max_hr - resting_hr) AS percent, ended_at - started_at AS length_ms,
                 record_kind, coalesce(distance_m >= 400 AND avg_speed BETWEEN 1.8 AND 7, 0) AS seen_running
            FROM session) AS d;

-- As before, with the distance, the pace per km as M:SS, and the ascent.
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
         round(rmssd, 1) AS rmssd,
         round(distance_m / 1000, 2) AS distance_km,
         CASE WHEN km_s IS NOT NULL THEN printf('%d:%02d', km_s / 60, km_s % 60) END AS pace,
         round(ascent_m) AS ascent_m
    FROM (SELECT s.id, d.local_date, d.kind, s.avg_hr, s.peak_hr, s.ceiling, s.breaches, l.local_s, l.duration_s,
                 l.over_s,
                 CAST(round(s.longest_breach_s) AS INTEGER) AS breach_s,
                 CASE WHEN s.ceiling IS NOT NULL AND s.live_s > 0 THEN 100 * (1 - s.over_s / s.live_s) END AS easy_percent,
                 coalesce(n.name, n.address, s.device) AS strap,
                 s.trimp, s.verdict, s.talk_test, s.rpe, s.note, s.source, s.rmssd, s.distance_m, s.ascent_m,
                 CASE WHEN s.avg_speed > 0 THEN CAST(round(1000 / s.avg_speed) AS INTEGER) END AS km_s
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id
                 LEFT JOIN sensor AS n ON n.id = s.sensor_id);

-- As before, with distance and ascent of all sessions that have one.
CREATE VIEW weeks AS
  SELECT week,
         count(*) AS sessions,
         printf('%d:%02d:%02d', sum(duration_s) / 3600, sum(duration_s) / 60 % 60, sum(duration_s) % 60) AS duration,
         sum(duration_s) AS duration_s,
         round(100 * (1 - sum(over_s) FILTER (WHERE ceiling IS NOT NULL)
                          / nullif(sum(live_s) FILTER (WHERE ceiling IS NOT NULL), 0)), 1) AS easy_percent,
         round(100 * (1 - sum(over_s) FILTER (WHERE ceiling IS NOT NULL AND kind IN ('recovery', 'base', 'long'))
                          / nullif(sum(live_s) FILTER (WHERE ceiling IS NOT NULL
                                                       AND kind IN ('recovery', 'base', 'long')), 0)), 1) AS easy_runs_percent,
         printf('%d:%02d:%02d', max(duration_s) / 3600, max(duration_s) / 60 % 60, max(duration_s) % 60) AS longest,
         round(sum(trimp), 1) AS trimp,
         round(sum(distance_m) / 1000, 2) AS distance_km,
         round(sum(ascent_m)) AS ascent_m
    FROM (SELECT date(d.local_date, '-6 days', 'weekday 1') AS week, d.kind, l.duration_s, s.ceiling, s.over_s, s.live_s,
                 s.trimp, s.distance_m, s.ascent_m
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id)
   GROUP BY week;

CREATE VIEW months AS
  SELECT month,
         count(*) AS sessions,
         printf('%d:%02d:%02d', sum(duration_s) / 3600, sum(duration_s) / 60 % 60, sum(duration_s) % 60) AS duration,
         sum(duration_s) AS duration_s,
         round(100 * (1 - sum(over_s) FILTER (WHERE ceiling IS NOT NULL)
                          / nullif(sum(live_s) FILTER (WHERE ceiling IS NOT NULL), 0)), 1) AS easy_percent,
         round(100 * (1 - sum(over_s) FILTER (WHERE ceiling IS NOT NULL AND kind IN ('recovery', 'base', 'long'))
                          / nullif(sum(live_s) FILTER (WHERE ceiling IS NOT NULL
                                                       AND kind IN ('recovery', 'base', 'long')), 0)), 1) AS easy_runs_percent,
         printf('%d:%02d:%02d', max(duration_s) / 3600, max(duration_s) / 60 % 60, max(duration_s) % 60) AS longest,
         round(sum(trimp), 1) AS trimp,
         round(sum(distance_m) / 1000, 2) AS distance_km,
         round(sum(ascent_m)) AS ascent_m
    FROM (SELECT substr(d.local_date, 1, 7) AS month, d.kind, l.duration_s, s.ceiling, s.over_s, s.live_s, s.trimp,
                 s.distance_m, s.ascent_m
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id)
   GROUP BY month;

-- By how much the heart rate rose in a run of 30 minutes and more, and the heart rate over the speed, where that is known: after
-- the first ten, the mean of the second half against that of the first. Each heart rate is worth the time until the next one,
-- at most two seconds; each speed that moves likewise, at most ten, and where only distances are known it is from one to the
-- next, ten seconds apart at most. Of each half as much as half has to be known.
CREATE VIEW drift (session_id, percent, decoupling) AS
  SELECT id, round(100 * (late / early - 1), 1), round(100 * (late / early * nullif(early_speed, 0) / late_speed - 1), 1)
    FROM (SELECT s.id,
                 (SELECT sum(ms * smoothed) / sum(ms)
                    FROM (SELECT t, smoothed, min(coalesce(lead(t) OVER (ORDER BY t) - t, 0), 2000) AS ms
                            FROM sample WHERE session_id = s.id)
                   WHERE t >= 600000 AND 2 * t < 600000 + s.ended_at - s.started_at) AS early,
                 (SELECT sum(ms * smoothed) / sum(ms)
                    FROM (SELECT t, smoothed, min(coalesce(lead(t) OVER (ORDER BY t) - t, 0), 2000) AS ms
                            FROM sample WHERE session_id = s.id)
                   WHERE 2 * t >= 600000 + s.ended_at - s.started_at) AS late,
                 (SELECT CASE WHEN 4 * sum(min(ms, 10000)) >= s.ended_at - s.started_at - 600000
                             THEN sum(CASE WHEN speed > 0.3 THEN speed * min(ms, 10000) ELSE 1000 * metres END)
                                  / sum(min(ms, 10000)) END
                    FROM (SELECT t, speed, lead(t) OVER (ORDER BY t) - t AS ms,
                                 lead(distance) OVER (ORDER BY t) - distance AS metres
                            FROM pace WHERE session_id = s.id)
                   WHERE t >= 600000 AND 2 * t < 600000 + s.ended_at - s.started_at
                     AND (speed > 0.3 OR (speed IS NULL AND metres >= 0 AND ms <= 10000))) AS early_speed,
                 (SELECT CASE WHEN 4 * sum(min(ms, 10000)) >= s.ended_at - s.started_at - 600000
                             THEN sum(CASE WHEN speed > 0.3 THEN speed * min(ms, 10000) ELSE 1000 * metres END)
                                  / sum(min(ms, 10000)) END
                    FROM (SELECT t, speed, lead(t) OVER (ORDER BY t) - t AS ms,
                                 lead(distance) OVER (ORDER BY t) - distance AS metres
                            FROM pace WHERE session_id = s.id)
                   WHERE 2 * t >= 600000 + s.ended_at - s.started_at
                     AND (speed > 0.3 OR (speed IS NULL AND metres >= 0 AND ms <= 10000))) AS late_speed
            FROM session AS s JOIN session_days AS d ON d.id = s.id
           WHERE s.ended_at - s.started_at >= 1800000 AND d.kind NOT IN ('rest', 'cross-training'))
   WHERE early > 0;
