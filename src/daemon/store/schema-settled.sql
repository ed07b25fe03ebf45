-- SPDX-License-Identifier: MIT
-- Heart rates that are not to be gone by, and figures that go by what is stored alone.

-- 0: too few heart rates were known, they did not agree, or the strap sent the same value on and on. Such a one is stored
-- and its time counts, but it is no peak and no minimum, and neither begins nor ends anything.
ALTER TABLE sample ADD COLUMN settled INTEGER NOT NULL DEFAULT 1 CHECK (settled IN (0, 1));

-- The figures of older sessions are computed anew, so what they were by their record is to be told anew as well.
UPDATE session SET record_kind = NULL WHERE source = 'strap';
