//! A site file on disk, with the CA that may lie beside it.

use std::io::ErrorKind;
use std::path::Path;

use fieldkey_core::{Code, Failure, Language, Site, Step, Why, site};

use crate::http::AMAZON_ROOT_CA_1;

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
        let site = site::parse(&Self::text(path)?).map_err(|problems| {
            let more = problems.len().saturating_sub(1);
            let words = |language, and_more: String| {
                let first = problems.first().map(|problem| problem.words(language)).unwrap_or_default();
                if more == 0 { first } else { first + &and_more }
            };
            let why = Why::new(
                words(Language::English, format!("; and {more} more")),
                words(Language::Japanese, format!("、ほか {more} 件")),
            );
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            refuse(name.unwrap_or_default()).because_of(why)
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
        ErrorKind::NotFound => refuse(shown).because_of(Why::new("there is no such file", "ファイルが見つかりません")),
        ErrorKind::InvalidData => refuse(shown).because_of(Why::new("it is not text", "テキストではありません")),
        _ => refuse(shown).because(error.to_string()),
    })
}

fn refuse(about: String) -> Failure {
    Failure::new(Code::SiteInvalid).about(about).at(Step::Site)
}
