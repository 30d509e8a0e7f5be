-- A journal of version 2, as Fieldkey wrote it: what a migration begins with.

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

-- One row for each run, for finding it. Every index ends with `seq`, so that the newest come first by themselves.
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

CREATE INDEX run_outcome ON run (outcome);
CREATE INDEX run_open ON run (writer) WHERE outcome = 'open';
CREATE INDEX run_job ON run (job);
CREATE INDEX run_site ON run (site);
CREATE INDEX run_serial_number ON run (serial_number);
CREATE INDEX run_thing_name ON run (thing_name);
CREATE INDEX run_operator ON run (operator) WHERE operator IS NOT NULL;
CREATE INDEX run_certificate_id ON run (certificate_id) WHERE certificate_id IS NOT NULL;
CREATE INDEX run_code ON run (code) WHERE code IS NOT NULL;

-- The words of each run that has ended, by `run.seq`. Their text itself is not kept a second time.
CREATE VIRTUAL TABLE run_text USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');

-- Where the starts of a day (UTC) are. A clock that was put back makes them overlap, and none is lost.
CREATE TABLE day (
    date  TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_started AFTER INSERT ON entry WHEN NEW.kind = 'started'
BEGIN
    INSERT INTO run (seq, outcome, at, writer, job, site, serial_number, thing_name, device)
    VALUES (NEW.seq, 'open', NEW.at, NEW.writer, NEW.job, NEW.site, NEW.serial_number, NEW.thing_name, NEW.device);
    INSERT INTO day (date, first, last) VALUES (substr(NEW.at, 1, 10), NEW.seq, NEW.seq)
    ON CONFLICT (date) DO UPDATE SET last = excluded.last;
END;

CREATE TRIGGER entry_ended AFTER INSERT ON entry WHEN NEW.kind = 'ended'
BEGIN
    UPDATE run SET
        ended = NEW.seq,
        outcome = CASE NEW.code WHEN 'interrupted' THEN 'interrupted' ELSE iif(NEW.code IS NULL, 'finished', 'failed') END,
        operator = NEW.operator,
        certificate_id = NEW.certificate_id,
        code = NEW.code
    WHERE seq = (SELECT seq FROM entry WHERE run = NEW.run AND kind = 'started');
    -- Most things are called after their serial number: it need not be there twice.
    INSERT INTO run_text (rowid, text)
    SELECT seq, concat_ws(char(10), thing_name, iif(instr(thing_name, serial_number), NULL, serial_number), operator, site, device)
    FROM run WHERE seq = (SELECT seq FROM entry WHERE run = NEW.run AND kind = 'started');
END;
