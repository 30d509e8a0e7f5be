-- The journal. The record is `entry`: appended to, in the order written, each entry chained to
-- the one before. All else here and in `finding.sql` is found again from it, and is there to find things quickly.

CREATE TABLE entry (
    seq            INTEGER PRIMARY KEY CHECK (seq > 0),             -- 1, 2, 3 …, without a gap
    kind           TEXT NOT NULL CHECK (kind IN ('started', 'ended')),
    run            TEXT NOT NULL,
    at             TEXT NOT NULL,                                   -- RFC 3339, UTC, milliseconds: sorts as text

    -- of a start
    writer         TEXT,                                            -- whose lock tells whether the run goes on
    job            TEXT,
    site           TEXT,
    serial_number  TEXT,
    thing_name     TEXT,
    target         TEXT,
    device         TEXT,                                            -- VID:PID:serial; NULL: nobody knew

    -- of an end
    operator       TEXT,                                            -- NULL: failed before sign-in
    certificate_id TEXT,
    code           TEXT,                                            -- NULL: finished
    step           TEXT,                                            -- where it failed
    registered     INTEGER CHECK (registered IN (0, 1)),            -- NULL: nobody looked
    steps          TEXT CHECK (steps IS NULL OR json_valid(steps)), -- [{"step", "ms"}]

    -- SHA-256 over the hash before and all of the above (entry.rs)
    hash           BLOB NOT NULL CHECK (length(hash) = 32),

    UNIQUE (run, kind),
    CHECK (kind <> 'started' OR (writer IS NOT NULL AND job IS NOT NULL AND site IS NOT NULL
        AND serial_number IS NOT NULL AND thing_name IS NOT NULL AND target IS NOT NULL)),
    CHECK (kind <> 'ended' OR steps IS NOT NULL)
) STRICT;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER entry_no_replace BEFORE INSERT ON entry
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
    OR EXISTS (SELECT 1 FROM entry WHERE run = NEW.run AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- One row for each run, for finding it.
CREATE TABLE run (
    seq            INTEGER PRIMARY KEY,                             -- of its start
    ended          INTEGER,                                         -- of its end
    outcome        TEXT NOT NULL,                                   -- open, finished, failed, interrupted
    at             TEXT NOT NULL,
    writer         TEXT NOT NULL,
    job            TEXT NOT NULL,
    site           TEXT NOT NULL,
    serial_number  TEXT NOT NULL,
    thing_name     TEXT NOT NULL,
    device         TEXT,
    operator       TEXT,
    certificate_id TEXT,
    code           TEXT
) STRICT;

CREATE INDEX run_open ON run (writer) WHERE outcome = 'open';

-- Where the starts of a day (UTC) are. A clock that was put back makes them overlap, and none is lost.
CREATE TABLE day (
    date  TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
