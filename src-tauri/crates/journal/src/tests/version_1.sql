-- A journal of version 1, as Fieldkey wrote it: what a migration begins with.

CREATE TABLE entry (
    seq            INTEGER PRIMARY KEY CHECK (seq > 0),
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

    -- of an end
    operator       TEXT,                                            -- NULL: failed before sign-in
    certificate_id TEXT,
    code           TEXT,                                            -- NULL: finished
    step           TEXT,                                            -- where it failed
    registered     INTEGER CHECK (registered IN (0, 1)),            -- NULL: nobody looked
    steps          TEXT CHECK (steps IS NULL OR json_valid(steps)), -- [{"step", "ms"}]

    UNIQUE (run, kind),
    CHECK (kind <> 'started' OR (writer IS NOT NULL AND job IS NOT NULL AND site IS NOT NULL
        AND serial_number IS NOT NULL AND thing_name IS NOT NULL AND target IS NOT NULL)),
    CHECK (kind <> 'ended' OR steps IS NOT NULL)
) STRICT;

CREATE INDEX entry_serial_number ON entry (serial_number) WHERE serial_number IS NOT NULL;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- INSERT OR REPLACE deletes without asking the trigger above. A row without a number comes as -1.
CREATE TRIGGER entry_no_replace BEFORE INSERT ON entry
WHEN NEW.seq <> -1 OR EXISTS (SELECT 1 FROM entry WHERE run = NEW.run AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
