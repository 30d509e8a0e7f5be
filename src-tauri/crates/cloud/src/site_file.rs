//! A site file on disk, with the CA that may lie beside it.

use std::io::ErrorKind;
use std::path::Path;

use fieldkey_core::{Code, Failure, Site, Step, site};

use crate::http::AMAZON_ROOT_CA_1;

/// No site file is larger; something else was picked by mistake.
const LIMIT: u64 = 1 << 20;

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
        let site = site::parse(&Self::text(path)?).map_err(|problems| {
            let first = problems.iter().map(ToString::to_string).next().unwrap_or_default();
            let more = problems.len().saturating_sub(1);
            let about = if more == 0 { first } else { format!("{first} (+{more})") };
            refuse(about)
        })?;
        let extra_ca = match &site.ca_file {
            Some(name) => Some(read(&path.with_file_name(name))?),
            None => None,
        };
        Ok(Self { site, extra_ca })
    }

    /// The text of a site file, for naming every mistake in it.
    ///
    /// # Errors
    /// `site-invalid` if it cannot be read.
    pub fn text(path: &Path) -> Result<String, Failure> {
        read(path)
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

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display().to_string();
    let size = std::fs::metadata(path).map(|found| found.len());
    let text = match size {
        Ok(bytes) if bytes > LIMIT => return Err(refuse(shown).because("too large for a site file")),
        Ok(_) => std::fs::read_to_string(path),
        Err(error) => Err(error),
    };
    text.map_err(|error| {
        refuse(shown).because(match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            ErrorKind::InvalidData => "it is not text".to_owned(),
            _ => error.to_string(),
        })
    })
}

fn refuse(about: String) -> Failure {
    Failure::new(Code::SiteInvalid).about(about).at(Step::Site)
}
