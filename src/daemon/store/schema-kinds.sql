-- SPDX-License-Identifier: MIT
-- Kinds as they count, verdicts, pains that last until they are taken back, and views for the questions that people ask.

-- What the day was for when the session began, and the workout that it was begun with; NULL = not known, none.
ALTER TABLE session ADD COLUMN day_kind TEXT;
ALTER TABLE session ADD COLUMN workout TEXT;
-- 1: by its record it was long, whatever else it was.
ALTER TABLE session ADD COLUMN record_long INTEGER NOT NULL DEFAULT 0 CHECK (record_long IN (0, 1));
-- How it went: rest-was-due, unknown, too-fast, too-long or good; NULL = nothing is to be judged.
ALTER TABLE session ADD COLUMN verdict TEXT;

-- Other runs than before are looked at to tell a long one, so what sessions were by their record is told anew.
UPDATE session SET record_kind = NULL WHERE ended_at IS NOT NULL;

-- 1: its climb makes it as hard as a longer one.
ALTER TABLE race ADD COLUMN hilly INTEGER NOT NULL DEFAULT 0 CHECK (hilly IN (0, 1));

-- The local dates on which the ceiling was set by command, on which advice was given in the first minutes of a session, and of
-- the race after which it was.
ALTER TABLE command ADD COLUMN ceiling_date TEXT;
ALTER TABLE command ADD COLUMN advised_date TEXT;
ALTER TABLE command ADD COLUMN raced_date TEXT;

-- A pain stands from its date until it is taken back: on every date from local_date on, and before ended_date. One that
-- worsens or changes how the runner moves stops running as long; any other one is asked about after three days, and lapses.
CREATE TABLE pain (
  id         INTEGER PRIMARY KEY,
  local_date TEXT NOT NULL CHECK (local_date IS date(local_date)),
  text       TEXT NOT NULL,
  worsening  INTEGER NOT NULL DEFAULT 0 CHECK (worsening IN (0, 1)),
  gait       INTEGER NOT NULL DEFAULT 0 CHECK (gait IN (0, 1)), -- 1: it changes how the runner moves
  ended_date TEXT CHECK (ended_date IS date(ended_date))        -- NULL = it was not taken back
) STRICT;

-- What was said before: up to the first day on which it was taken back. One that stopped the runner was over where runs came
-- more than a week later.
INSERT INTO pain (local_date, text, worsening, gait, ended_date)
  SELECT d.local_date, d.pain, d.pain_worsening, d.pain_gait,
         coalesce((SELECT min(n.local_date) FROM day AS n
                    WHERE n.local_date > d.local_date
                      AND lower(trim(n.pain)) IN ('no', 'none', 'no pain', 'nothing', 'gone', 'fine', 'ok', '0', 'n', '-')),
                  CASE WHEN d.pain_worsening + d.pain_gait > 0
                            AND EXISTS (SELECT 1 FROM session
                                         WHERE started_at / 1000 + utc_offset_s
                                               > CAST(strftime('%s', d.local_date, '+8 days') AS INTEGER))
                       THEN date(d.local_date, '+7 days') END)
    FROM day AS d
   WHERE trim(d.pain) <> ''
     AND lower(trim(d.pain)) NOT IN ('no', 'none', 'no pain', 'nothing', 'gone', 'fine', 'ok', '0', 'n', '-');

DROP VIEW sessions;
DROP VIEW weeks;
DROP VIEW session_days;

-- A session's date on the runner's clock, and its kind as it counts. What the runner said; else race for the hardest session of
-- a race's date that lasts long enough to be it, if none was said to be it; else cross-training for a workout on a day for
-- that, and for an easy one on a day without running; else by the record.
CREATE VIEW session_days (id, local_date, kind) AS
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
                                 OR (day_kind IN ('rest', 'cross-training') AND percent < 50))
                       THEN 'cross-training' END,
                  record_kind)
    FROM (SELECT id, date(started_at / 1000 + utc_offset_s, 'unixepoch') AS local_date, kind AS said, day_kind, workout,
                 100 * (avg_hr - resting_hr) / (max_hr - resting_hr) AS percent, ended_at - started_at AS length_ms,
                 record_kind
            FROM session) AS d;

-- What a person asks for: local time, lengths as H:MM:SS, and in whole seconds to reckon with.
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
                 coalesce(n.name, n.address) AS strap,
                 s.trimp, s.verdict, s.talk_test, s.rpe, s.note, s.source
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id
                 LEFT JOIN sensor AS n ON n.id = s.sensor_id);

-- A week begins on its Monday. easy_percent is of the time of all sessions that had a ceiling, easy_runs_percent of that of
-- recovery, base and long runs; longest is that of the longest session.
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
         round(sum(trimp), 1) AS trimp
    FROM (SELECT date(d.local_date, '-6 days', 'weekday 1') AS week, d.kind, l.duration_s, s.ceiling, s.over_s, s.live_s,
                 s.trimp
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id)
   GROUP BY week;

-- The same by the month.
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
         round(sum(trimp), 1) AS trimp
    FROM (SELECT substr(d.local_date, 1, 7) AS month, d.kind, l.duration_s, s.ceiling, s.over_s, s.live_s, s.trimp
            FROM session AS s JOIN session_lengths AS l ON l.id = s.id JOIN session_days AS d ON d.id = s.id)
   GROUP BY month;

-- From the first to the last heart rate above; seconds of these that were over. The ends of one that is open are NULL.
CREATE VIEW breach (session_id, began_t, ended_t, seconds, peak_bpm) AS
  SELECT b.session_id, b.t, e.t, e.value,
         (SELECT max(p.smoothed) FROM sample AS p
           WHERE p.session_id = b.session_id AND p.settled = 1 AND p.t >= b.t AND (e.t IS NULL OR p.t <= e.t))
    FROM event AS b
         LEFT JOIN event AS e ON e.id = (SELECT min(n.id) FROM event AS n
                                          WHERE n.session_id = b.session_id AND n.type = 'back-in-range' AND n.id > b.id)
   WHERE b.type = 'over-limit';

-- The mornings of a date together, and the mean of the last seven dates measured within 28 days.
CREATE VIEW resting_days (date, heart_rate, rmssd, mean7) AS
  WITH mornings (date, heart_rate, rmssd) AS
       (SELECT local_date, avg(heart_rate), avg(rmssd) FROM resting GROUP BY local_date)
  SELECT m.date, round(m.heart_rate, 1), round(m.rmssd, 1),
         (SELECT round(avg(last.heart_rate), 1)
            FROM (SELECT b.heart_rate FROM mornings AS b
                   WHERE b.date <= m.date AND b.date > date(m.date, '-28 days')
                   ORDER BY b.date DESC LIMIT 7) AS last)
    FROM mornings AS m
   ORDER BY m.date;

-- By how much the heart rate rose in a run of 30 minutes and more: after the first ten, the mean of the second half against
-- that of the first. Each heart rate is worth the time until the next one, at most two seconds.
CREATE VIEW drift (session_id, percent) AS
  SELECT id, round(100 * (late / early - 1), 1)
    FROM (SELECT s.id,
                 (SELECT sum(ms * smoothed) / sum(ms)
                    FROM (SELECT t, smoothed, min(coalesce(lead(t) OVER (ORDER BY t) - t, 0), 2000) AS ms
                            FROM sample WHERE session_id = s.id)
                   WHERE t >= 600000 AND 2 * t < 600000 + s.ended_at - s.started_at) AS early,
                 (SELECT sum(ms * smoothed) / sum(ms)
                    FROM (SELECT t, smoothed, min(coalesce(lead(t) OVER (ORDER BY t) - t, 0), 2000) AS ms
                            FROM sample WHERE session_id = s.id)
                   WHERE 2 * t >= 600000 + s.ended_at - s.started_at) AS late
            FROM session AS s JOIN session_days AS d ON d.id = s.id
           WHERE s.ended_at - s.started_at >= 1800000 AND d.kind NOT IN ('rest', 'cross-training'))
   WHERE early > 0;
