//! A site file on disk, with the CA that may lie beside it.

use std::io::ErrorKind;
use std::path::Path;

use fieldkey_core::site::{self, Problem};
use fieldkey_core::{Code, Failure, Language, Site, Step, Why, first_of, x509};

use crate::http::{AMAZON_ROOT_CA_1, check_ca};
use crate::{Account, Aws, Keychain, Profile};

/// No site file is larger; something else was picked by mistake.
const LIMIT: u64 = 1 << 18;

/// A site, read and checked.
#[derive(Clone, Debug)]
pub struct SiteFile {
    pub site: Site,
    /// The text of its `caFile`.
    pub extra_ca: Option<String>,
}

impl SiteFile {
    /// # Errors
    /// `site-invalid` with the first mistake.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let site = site::parse(&read(path)?).map_err(|problems| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            refuse(name.unwrap_or_default()).because_of(first_of(&problems))
        })?;
        let extra_ca = extra_ca(path, &site)?;
        Ok(Self { site, extra_ca })
    }

    /// Every mistake in a site file; in what lies beside it, once the file itself is right.
    pub fn problems(path: &Path) -> Vec<Problem> {
        let problem = |key: &str, failure: &Failure| {
            let why = Why::new(failure.message(Language::English), failure.message(Language::Japanese));
            vec![Problem::new(key, None, why)]
        };
        match read(path).map(|text| site::parse(&text)) {
            Err(failure) => problem("", &failure),
            Ok(Err(problems)) => problems,
            Ok(Ok(site)) => {
                let checked = extra_ca(path, &site).and_then(|ca| ca.as_deref().map_or(Ok(()), check_ca));
                checked.err().map(|failure| problem("caFile", &failure)).unwrap_or_default()
            }
        }
    }

    /// The way to this site. A secret of its app client comes from `FIELDKEY_CLIENT_SECRET`.
    ///
    /// # Errors
    /// `site-invalid` when the CA file holds no certificate that can be trusted.
    pub fn connect(&self, keychain: Option<Keychain>) -> Result<Aws, Failure> {
        let secret = std::env::var("FIELDKEY_CLIENT_SECRET").ok().filter(|secret| !secret.is_empty());
        Aws::new(&self.site, self.extra_ca.as_deref(), secret.map(Into::into), keychain)
    }

    /// The way to this site by an AWS profile. `policy`: the AWS IoT policy for what is issued and registered.
    ///
    /// # Errors
    /// `site-invalid` when the CA file holds no certificate that can be trusted.
    pub fn account(&self, profile: Profile, policy: Option<String>) -> Result<Account, Failure> {
        Account::new(&self.site, self.extra_ca.as_deref(), profile, policy)
    }

    /// What the device is to trust: a local cloud's own CA, else Amazon's root. A `caFile` at a site on AWS is
    /// for the way there (a company's TLS inspection), not for devices.
    pub fn device_ca(&self) -> &str {
        match (&self.site.endpoints, &self.extra_ca) {
            (Some(_), Some(ca)) => ca,
            _ => AMAZON_ROOT_CA_1,
        }
    }
}

/// The text of the site's CA file, which lies beside it.
fn extra_ca(path: &Path, site: &Site) -> Result<Option<String>, Failure> {
    let Some(name) = &site.ca_file else { return Ok(None) };
    let text = read(&path.with_file_name(name))?;
    // It goes onto devices. What holds no certificate is refused where it is to be trusted.
    let plain = x509::certificates_pem(&text).ok().filter(|plain| !plain.is_empty());
    Ok(Some(plain.unwrap_or(text)))
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display().to_string();
    let text = match std::fs::metadata(path) {
        // A pipe would be waited for, a device read for ever.
        Ok(found) if !found.is_file() => {
            return Err(refuse(shown).because_of(Why::new("it is not a file", "ファイルではありません")));
        }
        Ok(found) if found.len() > LIMIT => {
            return Err(
                refuse(shown).because_of(Why::new("too large for a site file", "サイトファイルとしては大きすぎます"))
            );
        }
        Ok(_) => std::fs::read_to_string(path),
        Err(error) => Err(error),
    };
    text.map_err(|error| match error.kind() {
        ErrorKind::InvalidData => refuse(shown).because_of(Why::new("it is not text", "テキストではありません")),
        _ => refuse(shown).because_of(Why::of_system(&error)),
    })
}

fn refuse(about: String) -> Failure {
    Failure::new(Code::SiteInvalid).about(about).at(Step::Site)
}
