-- By what runs are found: since version 3.

-- For each block of entries, which of its runs have what (block.rs, token.rs).
CREATE TABLE posting (
    key  INTEGER PRIMARY KEY,                                       -- the block and the token
    runs BLOB NOT NULL
) STRICT;

-- What there is to filter by.
CREATE TABLE choice (
    what  TEXT NOT NULL,                                            -- site, job, code
    value TEXT NOT NULL,
    PRIMARY KEY (what, value)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_started AFTER INSERT ON entry WHEN NEW.kind = 'started'
BEGIN
    INSERT INTO run (seq, outcome, at, writer, job, site, serial_number, thing_name, device)
    VALUES (NEW.seq, 'open', NEW.at, NEW.writer, NEW.job, NEW.site, NEW.serial_number, NEW.thing_name, NEW.device);
    INSERT INTO day (date, first, last) VALUES (substr(NEW.at, 1, 10), NEW.seq, NEW.seq)
    ON CONFLICT (date) DO UPDATE SET last = excluded.last;
    INSERT INTO choice (what, value) VALUES ('site', NEW.site), ('job', NEW.job) ON CONFLICT DO NOTHING;
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
    INSERT INTO choice (what, value) SELECT 'code', NEW.code WHERE NEW.code IS NOT NULL ON CONFLICT DO NOTHING;
END;
