//! One entry: what it holds, and its hash.

use fieldkey_core::ports::{RunEnd, RunStart};
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use crate::Error;
use crate::record::StepTime;
use crate::words::{date, word};

pub(crate) type Hash = [u8; 32];

/// What the first entry is chained to.
pub(crate) const GENESIS: Hash = [0; 32];

/// What an entry's hash covers, in this order.
pub(crate) const COLUMNS: &str = "seq, kind, run, at, writer, job, site, serial_number, thing_name, target, device,
    operator, certificate_id, code, step, registered, steps";
pub(crate) const WIDTH: usize = 17;

/// Where `at` is among them.
pub(crate) const AT: usize = 3;

/// The values of [`COLUMNS`].
pub(crate) type Values<'a> = [ValueRef<'a>; WIDTH];

/// The hash of an entry that follows the one with this hash.
///
/// SHA-256 over the hash before (32 bytes), then each of [`COLUMNS`]: a byte that says what it is, and its
/// value. 0: nothing. 1: a whole number, 8 bytes, big-endian. 2: a text, its length in bytes as such a number,
/// then its UTF-8. Lengths come first so that no two entries are the same bytes.
pub(crate) fn hash(before: &Hash, values: &Values<'_>) -> Hash {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(before);
    for value in values {
        match *value {
            ValueRef::Null => bytes.push(0),
            ValueRef::Integer(number) => {
                bytes.push(1);
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            ValueRef::Text(text) => append(&mut bytes, 2, text),
            // The table takes none of these: whoever got one in is found out.
            ValueRef::Blob(blob) => append(&mut bytes, 3, blob),
            ValueRef::Real(number) => append(&mut bytes, 4, &number.to_be_bytes()),
        }
    }
    Sha256::digest(&bytes).into()
}

fn append(bytes: &mut Vec<u8>, what: u8, value: &[u8]) {
    bytes.push(what);
    bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
    bytes.extend_from_slice(value);
}

/// An entry that is about to be appended.
#[derive(Default)]
pub(crate) struct Draft {
    kind: &'static str,
    run: String,
    at: String,
    writer: Option<String>,
    job: Option<String>,
    site: Option<String>,
    serial_number: Option<String>,
    thing_name: Option<String>,
    target: Option<String>,
    device: Option<String>,
    operator: Option<String>,
    certificate_id: Option<String>,
    code: Option<String>,
    step: Option<String>,
    registered: Option<bool>,
    steps: Option<String>,
}

impl Draft {
    pub(crate) fn started(start: &RunStart, writer: &str) -> Result<Self, Error> {
        Ok(Self {
            kind: "started",
            run: start.run.clone(),
            at: date(start.at)?,
            writer: Some(writer.to_owned()),
            job: Some(word(start.job)?),
            site: Some(start.site.clone()),
            serial_number: Some(start.serial_number.clone()),
            thing_name: Some(start.thing_name.clone()),
            target: Some(start.target.clone()),
            device: start.device.clone(),
            ..Self::default()
        })
    }

    pub(crate) fn ended(end: &RunEnd) -> Result<Self, Error> {
        let steps: Result<Vec<StepTime>, Error> =
            end.steps.iter().map(|&(step, ms)| Ok(StepTime { step: word(step)?, ms })).collect();
        Ok(Self {
            kind: "ended",
            run: end.run.clone(),
            at: date(end.at)?,
            operator: Some(end.operator.clone()).filter(|name| !name.is_empty()),
            certificate_id: end.certificate_id.clone(),
            code: end.failed.map(|(code, _)| word(code)).transpose()?,
            step: end.failed.and_then(|(_, step)| step).map(word).transpose()?,
            registered: end.registered,
            steps: Some(serde_json::to_string(&steps?)?),
            ..Self::default()
        })
    }

    pub(crate) fn values(&self, seq: i64) -> Values<'_> {
        [
            ValueRef::Integer(seq),
            self.kind.into(),
            self.run.as_str().into(),
            self.at.as_str().into(),
            text_or_null(&self.writer),
            text_or_null(&self.job),
            text_or_null(&self.site),
            text_or_null(&self.serial_number),
            text_or_null(&self.thing_name),
            text_or_null(&self.target),
            text_or_null(&self.device),
            text_or_null(&self.operator),
            text_or_null(&self.certificate_id),
            text_or_null(&self.code),
            text_or_null(&self.step),
            self.registered.map_or(ValueRef::Null, |yes| ValueRef::Integer(yes.into())),
            text_or_null(&self.steps),
        ]
    }
}

fn text_or_null(text: &Option<String>) -> ValueRef<'_> {
    text.as_deref().map_or(ValueRef::Null, ValueRef::from)
}
