//! Which files are ours. A record may name anything: it only counts where some layout calls a file so.

use std::sync::Arc;

use fieldkey_core::ports::Kind;
use fieldkey_core::site::SiteLayout;
use fieldkey_core::{Bundle, Code, Failure, Why};

use super::{Files, device_client, greengrass, site};

/// Whose files they are, as far as it is told by their names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) kind: Kind,
    pub(crate) certificate_id: &'a str,
    pub(crate) thing_name: &'a str,
    pub(crate) serial_number: &'a str,
}

impl<'a> About<'a> {
    pub(crate) fn of(bundle: &'a Bundle) -> Self {
        match bundle {
            Bundle::Claim(claim) => Self {
                kind: Kind::Claim,
                certificate_id: &claim.certificate_id,
                thing_name: &claim.thing_name,
                serial_number: claim.parameters.get("SerialNumber").map_or("", String::as_str),
            },
            Bundle::Identity(identity) => Self {
                kind: Kind::Identity,
                certificate_id: &identity.certificate_id,
                thing_name: &identity.thing_name,
                serial_number: &identity.serial_number,
            },
        }
    }

    /// Stands for a device that nobody knows yet, with names as long as they come.
    pub(crate) fn anybody(kind: Kind) -> Self {
        const ID: &str = "0000000000000000000000000000000000000000000000000000000000000000";
        const NAME: &str = concat!(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000000"
        );
        Self { kind, certificate_id: ID, thing_name: NAME, serial_number: NAME }
    }
}

/// A record in force names this file, and no layout at hand calls such a file so.
pub(crate) fn foreign(about: String, marker: &str, name: &str) -> Failure {
    Failure::new(Code::Usage).about(about).because_of(Why::new(
        format!("`{marker}` names `{name}`, as only a site's own layout does: pass its site file with `--site`"),
        format!("`{marker}` の `{name}` はサイト独自のファイル名です。`--site` でサイトファイルを指定してください"),
    ))
}

/// Of the names that a record gives, those that a layout calls such files by.
pub(super) fn own(given: &Files, about: &About<'_>, of_site: Option<&Arc<SiteLayout>>) -> Vec<String> {
    let known = [
        Some(super::drive_files(about)),
        Some(greengrass::files(about.kind)),
        Some(device_client::files(about.kind)),
        of_site.and_then(|layout| site::files(layout, about)),
    ];
    let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let known_as = |known: &Files, name: &str| {
        (is(name, &given.certificate) && is(name, &known.certificate))
            || (is(name, given.key()) && is(name, known.key()))
            || (is(name, &given.ca) && is(name, &known.ca))
            || known.config.as_deref().is_some_and(|config| given.config.as_deref() == Some(name) && is(name, config))
    };
    let ours = |name: &&str| known.iter().flatten().any(|known| known_as(known, name));
    given.each().filter(ours).map(str::to_owned).collect()
}
