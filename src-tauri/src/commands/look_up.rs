//! The help desk looks things up.

use std::collections::BTreeSet;

use fieldkey_core::ports::Thing;
use fieldkey_core::{Inspect, Ports};
use fieldkey_journal::{Error, Filter, SqliteJournal};
use tauri::State;

use super::journal::with;
use super::{Answered, view};
use crate::progress::Unseen;
use crate::record::Record;
use crate::state::Window;
use crate::views::{DeviceRun, KnownDevice, LookUp};

/// So many things of the journal's are offered at most, out of so many pages of so many runs: the words may be somewhere
/// else in most of them.
const KNOWN: usize = 50;
const PAGES: usize = 10;
const RUNS: usize = 200;

/// Of one thing.
const HISTORY: usize = 100;

/// What the registry refuses stands in the answer: the journal answers all the same.
#[tauri::command]
pub(crate) async fn find_devices(query: String, window: State<'_, Window>) -> Answered<LookUp> {
    let site = window.site().map_err(view)?;
    let (name, prefix, text) = (site.site().name.clone(), site.site().thing_name_prefix.clone(), query.clone());
    let journal = with(window.runs(), move |journal| known(journal, &text, &name, &prefix));
    let registry = fieldkey_core::find(&query, site.site(), site.operator(), site.cloud());
    let (registry, journal) = tokio::join!(registry, journal);
    let (registry, failure) = match registry {
        Ok(found) => (Some(found), None),
        Err(failure) => (None, Some(failure.view())),
    };
    Ok(LookUp { registry, failure, journal: journal.unwrap_or_default() })
}

/// Things whose name, serial number or certificate ID begins so; a thing's name may be given without what all of the
/// site's begin with.
fn known(journal: &SqliteJournal, text: &str, site: &str, prefix: &str) -> Result<Vec<KnownDevice>, Error> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Ok(vec![]);
    }
    let begins = |word: &str| word.to_lowercase().starts_with(&text);
    let of_site = || Filter { site: Some(site.to_owned()), ..Filter::default() };
    let ways = [Filter { certificate_id: Some(text.clone()), ..of_site() }, Filter { text: text.clone(), ..of_site() }];
    let (mut seen, mut found) = (BTreeSet::new(), vec![]);
    for filter in ways {
        let mut before = None;
        for _ in 0..PAGES {
            let page = journal.page(&filter, before, RUNS)?;
            for run in page.runs {
                let fits = begins(&run.thing_name)
                    || begins(&run.serial_number)
                    || begins(run.thing_name.strip_prefix(prefix).unwrap_or_default())
                    || run.certificate_id.as_deref().is_some_and(begins);
                if fits && !run.thing_name.is_empty() && seen.insert(run.thing_name.clone()) && found.len() < KNOWN {
                    let (thing_name, serial_number) = (run.thing_name.clone(), run.serial_number.clone());
                    found.push(KnownDevice { thing_name, serial_number, last_run: DeviceRun::from(run) });
                }
            }
            before = page.next;
            if before.is_none() || found.len() == KNOWN {
                break;
            }
        }
    }
    Ok(found)
}

#[tauri::command]
pub(crate) async fn inspect_thing(thing_name: String, window: State<'_, Window>) -> Answered<Thing> {
    let site = window.site().map_err(view)?;
    let record = Record::new(&site.journal);
    let ports = Ports { operator: site.operator(), cloud: site.cloud(), journal: &record, progress: &Unseen };
    let request = Inspect { run: fieldkey_journal::new_run(), thing_name };
    fieldkey_core::inspect(&request, site.site(), ports).await.map_err(view)
}

/// Newest first.
#[tauri::command]
pub(crate) async fn device_history(thing_name: String, window: State<'_, Window>) -> Answered<Vec<DeviceRun>> {
    let site = window.site().map_err(view)?.site().name.clone();
    with(window.runs(), move |journal| {
        let filter = Filter { thing_name: Some(thing_name), site: Some(site), ..Filter::default() };
        Ok(journal.page(&filter, None, HISTORY)?.runs.into_iter().map(DeviceRun::from).collect())
    })
    .await
}
