//! Runs as the window shows them: with what is said about a failure.

use fieldkey_core::{Code, Failure, FailureView, Step};
use serde::Deserialize;
use serde::Serialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoWord, StrDeserializer};
use ts_rs::TS;

use crate::{Page, RunRecord};

/// A page of runs for the window.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "RunPage")]
pub struct PageView {
    pub runs: Vec<RunView>,
    /// Where the next page begins; `null` on the last one.
    #[ts(type = "number | null")]
    pub next: Option<i64>,
}

#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RunView {
    #[serde(flatten)]
    #[ts(flatten)]
    pub record: RunRecord,
    /// What to do about it. Its messages are empty where they would have to name what the journal does not hold;
    /// `null` for a code of a newer Fieldkey, and for a run that did not fail.
    pub failure: Option<FailureView>,
}

impl From<Page> for PageView {
    fn from(page: Page) -> Self {
        Self { runs: page.runs.into_iter().map(RunView::from).collect(), next: page.next }
    }
}

impl From<RunRecord> for RunView {
    fn from(record: RunRecord) -> Self {
        let failure = record.code.as_deref().and_then(known::<Code>).map(|code| failure(code, &record));
        Self { record, failure }
    }
}

fn failure(code: Code, record: &RunRecord) -> FailureView {
    let step = record.step.as_deref().and_then(known::<Step>);
    let about = about(code, record);
    let failure = Failure { step, ..Failure::new(code).about(about.unwrap_or(UNKNOWN)) };
    let mut view = failure.view();
    for words in [&mut view.en, &mut view.ja] {
        for text in [&mut words.message, &mut words.help] {
            if text.contains(UNKNOWN) {
                text.clear();
            }
        }
    }
    view
}

/// In no name.
const UNKNOWN: &str = "\0";

/// What such a failure names, if the journal holds it.
fn about(code: Code, record: &RunRecord) -> Option<&str> {
    let about = match code {
        Code::SerialNumberInvalid => &record.serial_number,
        Code::ThingNameInvalid | Code::ThingNotFound | Code::NotRegistered | Code::RegistrationRefused => {
            &record.thing_name
        }
        Code::TargetGone
        | Code::TargetFull
        | Code::TargetReadOnly
        | Code::TargetDamaged
        | Code::TargetPermission
        | Code::TargetRefused
        | Code::IdentityPresent
        | Code::PortBusy
        | Code::PortPermission
        | Code::DeviceSilent => &record.target,
        _ => return None,
    };
    Some(about.as_str()).filter(|about| !about.is_empty())
}

fn known<'a, T: Deserialize<'a>>(word: &'a str) -> Option<T> {
    let word: StrDeserializer<'a, NoWord> = word.into_deserializer();
    T::deserialize(word).ok()
}
