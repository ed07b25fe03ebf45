-- SPDX-License-Identifier: MIT
-- More that happens in a session: what the runner marks, a workout's steps, and troubles; and which strap's battery is known to
-- be low.

-- SQLite cannot change what a column accepts: the table is made anew. What shows it is left as it is.
CREATE TABLE event_before AS SELECT id, session_id, t, type, value, detail FROM event;
DROP TABLE event;

CREATE TABLE event (
  id         INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  t          INTEGER NOT NULL,
  type       TEXT NOT NULL CHECK (type IN ('over-limit', 'back-in-range', 'gap', 'contact-lost', 'stale', 'zone',
                                           'ceiling', 'snooze', 'battery', 'clock', 'strap', 'mark', 'step', 'trouble')),
  value      REAL,                               -- bpm, seconds, per cent or a number, whichever the type is about
  detail     TEXT
) STRICT;

INSERT INTO event (id, session_id, t, type, value, detail)
  SELECT id, session_id, t, type, value, detail FROM event_before ORDER BY id;
DROP TABLE event_before;

CREATE INDEX event_session ON event (session_id, t);

-- 1: the runner was told that it is low, and it has not risen since.
ALTER TABLE sensor ADD COLUMN battery_low INTEGER NOT NULL DEFAULT 0 CHECK (battery_low IN (0, 1));
