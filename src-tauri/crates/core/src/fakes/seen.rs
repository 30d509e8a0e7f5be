use std::sync::Mutex;

use serde_json::{Map, Value};

use super::FakeCloud;
use crate::ports::Entry;
use crate::{Event, Journal, Ports, Progress, Status, Step, Why};

/// What a job told: its events and its lines in the journal.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Vec<Event>>, Mutex<Vec<Entry>>);

impl Progress for Seen {
    fn event(&self, event: &Event) {
        self.0.lock().expect("events").push(event.clone());
    }
}

impl Journal for Seen {
    fn append(&self, entry: &Entry) -> Result<(), Why> {
        self.1.lock().expect("entries").push(entry.clone());
        Ok(())
    }
}

impl Seen {
    pub(crate) fn ports<'a>(&'a self, cloud: &'a FakeCloud) -> Ports<'a> {
        Ports { operator: cloud, cloud, journal: self, progress: self }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.1.lock().expect("entries").clone()
    }

    /// `started`, `Target`, `Target done`, …, `finished` or `failed CODE at STEP`.
    pub(crate) fn words(&self) -> Vec<String> {
        let events = self.0.lock().expect("events");
        events
            .iter()
            .map(|event| match event {
                Event::Started { .. } => "started".into(),
                Event::Step { step, status: Status::Done, .. } => format!("{step:?} done"),
                Event::Step { step, .. } => format!("{step:?}"),
                Event::Finished { .. } => "finished".into(),
                Event::Failed { failure, .. } => format!("failed {} at {:?}", failure.code, failure.step),
            })
            .collect()
    }

    /// What was said of a step when it was done.
    pub(crate) fn details(&self, wanted: Step) -> Vec<Map<String, Value>> {
        let events = self.0.lock().expect("events");
        let of = |event: &Event| match event {
            Event::Step { step, status: Status::Done, detail, .. } if *step == wanted => Some(detail.clone()),
            _ => None,
        };
        events.iter().filter_map(of).collect()
    }

    /// Each check of `verify` with its verdict: `connect failed`.
    pub(crate) fn verdicts(&self) -> Vec<String> {
        let events = self.0.lock().expect("events");
        let of = |event: &Event| match event {
            Event::Step { step, status: Status::Done, detail, .. } => {
                let step = serde_json::to_value(step).expect("a word");
                Some(format!("{} {}", step.as_str()?, detail.get("verdict")?.as_str()?))
            }
            _ => None,
        };
        events.iter().filter_map(of).collect()
    }
}
