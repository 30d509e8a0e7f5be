//! The identity in a folder, if it is whole. Nothing that is read here is believed: whoever had the drive may have
//! written it.

use fieldkey_core::{Code, Failure, Identity, Why};
use zeroize::Zeroizing;

use super::files::{self, Found};
use super::folder::Folder;
use super::temporary::{kept, staged};
use crate::layout::{CERTIFICATE_END, IDENTITY, PRIVATE_KEY_END, Record, SETTINGS};

/// `None` if there is neither a record nor an identity's certificate.
///
/// # Errors
/// `identity-invalid`, with which file and why; or the folder cannot be read.
pub(super) fn identity(folder: &Folder) -> Result<Option<Identity>, Failure> {
    let found = match files::read(folder, IDENTITY)? {
        Found::Nothing => match kept_record(folder) {
            // Broken off between the record that goes and the claim that comes: it is put back at the next check.
            Some(bytes) if folder.listed(SETTINGS)?.is_none() => Found::Bytes(bytes),
            _ if parts(folder)?.certificate => return Err(missing(folder)?),
            _ => return Ok(None),
        },
        found => found,
    };
    let bytes = match found {
        Found::Bytes(bytes) => bytes,
        other => return Err(invalid(folder, other.why_not(IDENTITY))),
    };
    let record = Record::parse(&bytes).map_err(|why| invalid(folder, Some(why)))?;
    if record.files.private_key.is_none() {
        let why =
            Why::new("`privateKey` is missing in `identity.json`", "`identity.json` に `privateKey` がありません");
        return Err(invalid(folder, Some(why)));
    }
    let certificate = load(folder, &record, &record.files.certificate)?;
    let key = load(folder, &record, record.files.key())?;
    let ca = load(folder, &record, &record.files.ca)?;
    record.read(&certificate, Some(&key), &ca).map(Some).map_err(|why| invalid(folder, Some(why)))
}

/// Why a folder holds no identity.
pub(super) fn missing(folder: &Folder) -> Result<Failure, Failure> {
    let Parts { certificate, private_key } = parts(folder)?;
    let why = match (certificate, private_key) {
        (true, true) => Why::new(
            "`identity.json` is missing: certificate and key alone do not tell whose they are and where they connect",
            "`identity.json` がありません。証明書と秘密鍵だけでは、モノの名前と接続先が分かりません",
        ),
        (true, false) => Why::new(
            format!("`identity.json` and the private key (`…{PRIVATE_KEY_END}`) are missing"),
            format!("`identity.json` と秘密鍵 (`…{PRIVATE_KEY_END}`) がありません"),
        ),
        (false, true) => Why::new(
            format!("`identity.json` and the certificate (`…{CERTIFICATE_END}`) are missing"),
            format!("`identity.json` と証明書 (`…{CERTIFICATE_END}`) がありません"),
        ),
        (false, false) => Why::new("`identity.json` is missing", "`identity.json` がありません"),
    };
    Ok(invalid(folder, Some(why)))
}

/// The record in force, if it makes sense.
///
/// # Errors
/// It is there and the drive does not give it.
pub(super) fn record(folder: &Folder) -> Result<Option<Record>, Failure> {
    Ok(sense(files::read(folder, IDENTITY)?).map(|(record, _)| record))
}

/// The record of an identity that never came into force, or is being withdrawn.
pub(super) fn staged_record(folder: &Folder) -> Option<Record> {
    left_record(folder, &staged(IDENTITY))
}

/// A record under a temporary name.
pub(super) fn left_record(folder: &Folder, name: &str) -> Option<Record> {
    left_over(folder, name).map(|(record, _)| record)
}

/// The copy that was kept of a record.
pub(super) fn kept_record(folder: &Folder) -> Option<Zeroizing<Vec<u8>>> {
    left_over(folder, &kept(IDENTITY)).map(|(_, bytes)| bytes)
}

/// A pull may leave files that cannot be read: nothing depends on such a one.
fn left_over(folder: &Folder, name: &str) -> Option<(Record, Zeroizing<Vec<u8>>)> {
    files::read(folder, name).ok().and_then(sense)
}

fn sense(found: Found) -> Option<(Record, Zeroizing<Vec<u8>>)> {
    let Found::Bytes(bytes) = found else { return None };
    Record::parse(&bytes).ok().map(|record| (record, bytes))
}

struct Parts {
    certificate: bool,
    private_key: bool,
}

/// An identity's files that lie there, with a record or without. What a run that was killed left half done does
/// not count.
fn parts(folder: &Folder) -> Result<Parts, Failure> {
    let half_done = staged_record(folder).map(|record| Record::names(&record.certificate_id)).into_iter().flatten();
    let half_done: Vec<String> = half_done.collect();
    let names: Vec<String> = folder.names()?.into_iter().map(|name| name.to_ascii_lowercase()).collect();
    let any = |end: &str| names.iter().any(|name| name.ends_with(end) && !half_done.contains(name));
    Ok(Parts { certificate: any(CERTIFICATE_END), private_key: any(PRIVATE_KEY_END) })
}

/// A file that the record names, as it was when the record was written. Where another one is just taking its place,
/// that is the copy that was kept.
fn load(folder: &Folder, record: &Record, name: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let found = files::read(folder, name)?;
    let why = found.why_not(name);
    for found in [Ok(found), files::read(folder, &kept(name))] {
        if let Ok(Found::Bytes(bytes)) = found
            && record.fits(name, &bytes)
        {
            return Ok(bytes);
        }
    }
    let changed = || {
        Why::new(
            format!("`{name}` is not the file that `identity.json` was written for"),
            format!("`{name}` の内容が `identity.json` の記録と一致しません"),
        )
    };
    Err(invalid(folder, Some(why.unwrap_or_else(changed))))
}

fn invalid(folder: &Folder, why: Option<Why>) -> Failure {
    let failure = folder.failure(Code::IdentityInvalid);
    match why {
        Some(why) => failure.because_of(why),
        None => failure,
    }
}
