//! A journal that begins, and one of an earlier version.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, TransactionBehavior};

use crate::entry::{COLUMNS, Values, WIDTH};
use crate::head::{self, Head};
use crate::{Error, chain};

const VERSION: u32 = 3;

const SCHEMA: &str = include_str!("schema.sql");
const FINDING: &str = include_str!("finding.sql");

/// Brings the database to the present version. Call it only while holding the opening lock.
///
/// `journal.head` is written before the commit: whoever dies between the two finds the old version again.
pub(crate) fn migrate(connection: &mut Connection, folder: &Path) -> Result<(), Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        VERSION => return Ok(()),
        0 => {
            transaction.execute_batch(SCHEMA)?;
            transaction.execute_batch(FINDING)?;
            // A file that is there already belonged to a database that is gone, and shows it.
            if head::read(folder)?.is_none() {
                head::begin(folder, &Head::EMPTY)?;
            }
        }
        1 => {
            transaction.execute_batch(
                "DROP TRIGGER entry_no_update; DROP TRIGGER entry_no_delete; DROP TRIGGER entry_no_replace;
                 ALTER TABLE entry RENAME TO entry_1;",
            )?;
            transaction.execute_batch(SCHEMA)?;
            transaction.execute_batch(FINDING)?;
            head::begin(folder, &chain_up(&transaction)?)?;
            transaction.execute_batch("DROP TABLE entry_1")?;
        }
        2 => {
            transaction.execute_batch("DROP TRIGGER entry_started; DROP TRIGGER entry_ended;")?;
            transaction.execute_batch(FINDING)?;
            // Its indexes answer this before they go. The entries and their runs stay where they are.
            transaction.execute_batch(
                "INSERT INTO choice (what, value) SELECT DISTINCT 'site', site FROM run;
                 INSERT INTO choice (what, value) SELECT DISTINCT 'job', job FROM run;
                 INSERT INTO choice (what, value) SELECT DISTINCT 'code', code FROM run WHERE code IS NOT NULL;
                 DROP TABLE run_text;
                 DROP INDEX run_outcome; DROP INDEX run_job; DROP INDEX run_site; DROP INDEX run_serial_number;
                 DROP INDEX run_thing_name; DROP INDEX run_operator; DROP INDEX run_certificate_id;
                 DROP INDEX run_code;",
            )?;
        }
        newer => return Err(Error::Newer(newer)),
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// Version 1 had no chain: its entries get theirs now, in the order written.
fn chain_up(transaction: &rusqlite::Transaction<'_>) -> Result<Head, Error> {
    let columns = COLUMNS.replace(" device,", " NULL AS device,");
    let mut statement = transaction.prepare(&format!("SELECT {columns} FROM entry_1 ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    let mut last = Head::EMPTY;
    while let Some(row) = rows.next()? {
        let mut values: Values<'_> = [ValueRef::Null; WIDTH];
        for (index, value) in values.iter_mut().enumerate() {
            *value = row.get_ref(index)?;
        }
        values[0] = ValueRef::Integer(last.seq + 1);
        last = chain::insert(transaction, &last, &values)?;
    }
    Ok(last)
}
