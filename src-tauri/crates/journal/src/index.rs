//! What the journal is searched by, which says nothing that the entries do not say.

use rusqlite::{Connection, OptionalExtension};

use crate::Error;

/// The first run that is found otherwise than its entries say, or not at all, and when the entry before it was
/// written.
pub(crate) fn first_wrong(connection: &Connection) -> Result<Option<(i64, Option<String>)>, Error> {
    let wrong: Option<i64> = connection.query_row(
        "SELECT min(s.seq) FROM entry AS s
         LEFT JOIN run AS r ON r.seq = s.seq
         LEFT JOIN entry AS e ON e.seq = r.ended
         WHERE s.kind = 'started' AND (
             iif(r.ended IS NULL, EXISTS (SELECT 1 FROM entry WHERE run = s.run AND kind = 'ended'),
                 (e.run, e.kind) IS NOT (s.run, 'ended')) OR
             (r.at, r.writer, r.job, r.site, r.serial_number, r.thing_name)
                 IS NOT (s.at, s.writer, s.job, s.site, s.serial_number, s.thing_name)
             OR (r.device, r.ended, r.operator, r.certificate_id, r.code)
                 IS NOT (s.device, e.seq, e.operator, e.certificate_id, e.code)
             OR r.outcome IS NOT CASE WHEN e.seq IS NULL THEN 'open' WHEN e.code IS NULL THEN 'finished'
                 WHEN e.code = 'interrupted' THEN 'interrupted' ELSE 'failed' END)",
        [],
        |row| row.get(0),
    )?;
    // A run that nobody began.
    let invented =
        "SELECT min(r.seq) FROM run AS r LEFT JOIN entry AS s ON s.seq = r.seq WHERE s.kind IS NOT 'started'";
    let Some(wrong) = wrong.or(connection.query_row(invented, [], |row| row.get(0))?) else { return Ok(None) };
    let before = connection
        .query_row("SELECT at FROM entry WHERE seq < ? ORDER BY seq DESC LIMIT 1", [wrong], |row| row.get(0))
        .optional()?;
    Ok(Some((wrong, before)))
}
