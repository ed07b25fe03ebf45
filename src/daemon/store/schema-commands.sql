-- SPDX-License-Identifier: MIT
-- What a command has set and is in force until something happens, so that it outlives the daemon. One row at
-- most.

CREATE TABLE command (
  id                 INTEGER PRIMARY KEY CHECK (id = 1),
  ceiling_expression TEXT,                       -- NULL = the configuration's
  snoozed_until      INTEGER,                    -- Unix ms, NULL = not snoozed
  effort_at          INTEGER                     -- Unix ms of the last effort seen since a session was stopped by command;
                                                 -- NULL = none was
) STRICT;
