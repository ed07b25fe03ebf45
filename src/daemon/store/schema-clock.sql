-- SPDX-License-Identifier: MIT
-- Clocks that are set after something was recorded by them, as on machines without a battery for theirs.

-- The boot in which it was recorded last, NULL = not known; its t = 0 in ms of that boot's CLOCK_BOOTTIME; and 0 where nothing
-- said that the wall clock was right: then started_at follows whenever that clock is set in the same boot.
ALTER TABLE session ADD COLUMN boot_id TEXT;
ALTER TABLE session ADD COLUMN boot_ms INTEGER;
ALTER TABLE session ADD COLUMN clock_known INTEGER NOT NULL DEFAULT 1 CHECK (clock_known IN (0, 1));

-- The same of a morning that was measured; boot_ms is of taken_at.
ALTER TABLE resting ADD COLUMN boot_id TEXT;
ALTER TABLE resting ADD COLUMN boot_ms INTEGER;
ALTER TABLE resting ADD COLUMN clock_known INTEGER NOT NULL DEFAULT 1 CHECK (clock_known IN (0, 1));

-- What is to follow.
CREATE INDEX session_clock_unknown ON session (boot_id) WHERE clock_known = 0;
CREATE INDEX resting_clock_unknown ON resting (boot_id) WHERE clock_known = 0;

-- The boot in which a command has set it, and by how much the wall clock then was ahead of CLOCK_BOOTTIME, in ms.
ALTER TABLE command ADD COLUMN boot_id TEXT;
ALTER TABLE command ADD COLUMN clock_offset_ms INTEGER;
ALTER TABLE command ADD COLUMN clock_known INTEGER NOT NULL DEFAULT 1 CHECK (clock_known IN (0, 1));
