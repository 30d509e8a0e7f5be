//! What somebody at the help desk has in hand, as the registry knows it: a serial number, a thing's name, or a
//! certificate ID. Exact, because AWS IoT lists things by the beginning of their names only where the account pays
//! for an index, and an operator may not list the whole fleet; the journal finds the rest.

use serde::Serialize;
use ts_rs::TS;

use crate::ports::Thing;
use crate::{Cloud, Failure, Operator, SerialNumber, Site, Step, serial_number_in};

/// Characters of a certificate ID.
const FULL_ID: usize = 64;

/// What the registry has of what was asked for.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Found {
    pub read_as: ReadAs,
    pub things: Vec<Thing>,
    /// Things that use the certificate and are none of this site's: only their names may be seen.
    pub elsewhere: Vec<String>,
    /// There is such a certificate, though perhaps no thing uses it.
    pub certificate: bool,
}

/// What a query was taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum ReadAs {
    CertificateId,
    ThingName,
    SerialNumber,
    /// None of them at this site: AWS was not asked.
    Nothing,
}

/// Asks the registry. Nothing of it goes into the journal: nothing changes.
///
/// # Errors
/// `session-expired` and others of the sign-in; `not-allowed`, `throttled`, `offline`.
pub async fn find(query: &str, site: &Site, operator: &dyn Operator, cloud: &dyn Cloud) -> Result<Found, Failure> {
    let query = query.trim();
    let read = read(query, site);
    if matches!(read, Read::Nothing) {
        return Ok(Found { read_as: ReadAs::Nothing, things: vec![], elsewhere: vec![], certificate: false });
    }
    operator.sign_in().await.map_err(|failure| failure.at(Step::SignIn))?;
    cloud.credentials().await.map_err(|failure| failure.at(Step::Credentials))?;
    look(read, site, cloud).await.map_err(|failure| failure.at(Step::LookUp))
}

enum Read {
    CertificateId(String),
    /// A thing's name, and what it was read from. A serial number may look like a name.
    Thing(ReadAs, Vec<String>),
    Nothing,
}

fn read(query: &str, site: &Site) -> Read {
    let id = query.to_ascii_lowercase();
    if id.len() == FULL_ID && id.chars().all(|c| c.is_ascii_hexdigit()) {
        return Read::CertificateId(id);
    }
    let name = serial_number_in(query, site).map(|serial| serial.thing_name().to_owned()).ok();
    let of_serial = SerialNumber::parse(query, site).map(|serial| serial.thing_name().to_owned()).ok();
    match (name, of_serial) {
        (Some(name), of_serial) => {
            let other = of_serial.filter(|other| *other != name);
            Read::Thing(ReadAs::ThingName, std::iter::once(name).chain(other).collect())
        }
        (None, Some(name)) => Read::Thing(ReadAs::SerialNumber, vec![name]),
        (None, None) => Read::Nothing,
    }
}

async fn look(read: Read, site: &Site, cloud: &dyn Cloud) -> Result<Found, Failure> {
    let (read_as, names, certificate) = match read {
        Read::CertificateId(id) => {
            let users = cloud.things_with(&id).await?;
            (ReadAs::CertificateId, users.clone().unwrap_or_default(), users.is_some())
        }
        Read::Thing(read_as, names) => (read_as, names, false),
        Read::Nothing => (ReadAs::Nothing, vec![], false),
    };
    let (ours, elsewhere): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| name.starts_with(&site.thing_name_prefix));
    let mut things = vec![];
    for name in ours {
        things.extend(cloud.thing(&name).await?);
    }
    Ok(Found { read_as, things, elsewhere, certificate })
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
