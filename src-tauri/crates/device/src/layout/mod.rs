//! Which files a driver puts onto a drive, and what is in them.

mod claim;
mod content;
mod device_client;
mod greengrass;
mod identity;
mod own;
mod read;
#[cfg(test)]
pub(crate) mod real;
mod record;
mod root;
mod site;

use std::collections::BTreeMap;
use std::sync::Arc;

use fieldkey_core::ports::Kind;
use fieldkey_core::site::SiteLayout;
use fieldkey_core::{Bundle, Code, Failure, Identity, Why};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

pub(crate) use claim::{CERTIFICATE, Claim, PRIVATE_KEY, SETTINGS};
pub(crate) use content::{Content, Part, sha256};
pub(crate) use device_client::ROOT as DEVICE_CLIENT_ROOT;
pub(crate) use greengrass::ROOT as GREENGRASS_ROOT;
pub(crate) use identity::{CERTIFICATE_END, IDENTITY, PRIVATE_KEY_END};
pub(crate) use own::{About, foreign};
pub(crate) use record::Record;
pub(crate) use root::Root;

pub(crate) const CA: &str = "AmazonRootCA1.pem";

/// One driver's way of laying a bundle out in a folder.
#[derive(Clone, Debug)]
pub(crate) enum Layout {
    Drive,
    Greengrass(Root),
    DeviceClient(Root),
    /// As the site file says.
    Site(Arc<SiteLayout>),
}

/// Every driver that writes files.
pub(crate) const DRIVERS: [&str; 4] = ["drive", "greengrass", "device-client", "site"];

/// Does Fieldkey write files of this name onto a device that is no drive?
pub(crate) fn is_credential(name: &str) -> bool {
    let fixed = [CERTIFICATE, PRIVATE_KEY, CA, SETTINGS, IDENTITY];
    fixed.contains(&name) || name.ends_with(CERTIFICATE_END) || name.ends_with(PRIVATE_KEY_END)
}

impl Layout {
    pub(crate) fn driver(&self) -> &'static str {
        let [drive, greengrass, device_client, site] = DRIVERS;
        match self {
            Self::Drive => drive,
            Self::Greengrass(_) => greengrass,
            Self::DeviceClient(_) => device_client,
            Self::Site(_) => site,
        }
    }

    /// What the files of one device are called, beside the record that `marker` names.
    pub(crate) fn files(&self, about: &About<'_>) -> Files {
        match self {
            Self::Drive => drive_files(about),
            Self::Greengrass(_) => greengrass::files(about.kind),
            Self::DeviceClient(_) => device_client::files(about.kind),
            Self::Site(layout) => site::files(layout, about).unwrap_or_else(|| drive_files(about)),
        }
    }

    /// The files, in the order of writing: where the last one is, the rest is whole. The same bundle gives the same
    /// bytes each time: the read-back compares with a second making.
    ///
    /// # Errors
    /// What AWS sent, or the site wants, cannot be written so.
    pub(crate) fn contents(&self, bundle: &Bundle) -> Result<Vec<Content>, Failure> {
        let mut files = self.files(&About::of(bundle));
        if let Bundle::Identity(identity) = bundle {
            identity::check(identity)?;
            if identity.private_key_pem.is_none() {
                files.private_key = None;
                return without_key(identity, files);
            }
        }
        let mut contents = match self {
            Self::Site(layout) => site::credentials(layout, bundle, &files)?,
            Self::Drive | Self::Greengrass(_) | Self::DeviceClient(_) => credentials(bundle, &files)?,
        };
        if let Some(name) = &files.config {
            let text = match self {
                Self::Drive => String::new(),
                Self::Greengrass(root) => greengrass::config(bundle, &files, root)?,
                Self::DeviceClient(root) => device_client::config(bundle, &files, root)?,
                Self::Site(layout) => site::config(layout, bundle, &files),
            };
            contents.push(Content::text(Part::Settings, name.clone(), &text));
        }
        let sha256 = contents.iter().map(|content| (content.name.to_string(), content.sha256())).collect();
        contents.push(record(bundle, files, sha256)?);
        Ok(contents)
    }

    /// Who may read a file where files have owners.
    pub(crate) fn mode(&self, part: Part) -> u32 {
        match self {
            Self::DeviceClient(_) => device_client::mode(part),
            Self::Drive | Self::Greengrass(_) | Self::Site(_) => 0o600,
        }
    }

    /// May files of its names be somebody else's? Then they are not written over unasked.
    pub(crate) fn has_common_names(&self) -> bool {
        !matches!(self, Self::Drive)
    }

    /// The site's own, if it is that.
    pub(crate) fn of_site(&self) -> Option<&Arc<SiteLayout>> {
        match self {
            Self::Site(layout) => Some(layout),
            Self::Drive | Self::Greengrass(_) | Self::DeviceClient(_) => None,
        }
    }

    /// Does it write down where temporary credentials come from?
    pub(crate) fn names_credentials(&self) -> bool {
        match self {
            Self::Drive | Self::DeviceClient(_) => false,
            Self::Greengrass(_) => true,
            Self::Site(layout) => layout.names_credentials(),
        }
    }
}

/// The record that says that the rest is whole.
pub(crate) fn marker(kind: Kind) -> &'static str {
    match kind {
        Kind::Claim => SETTINGS,
        Kind::Identity => IDENTITY,
    }
}

fn drive_files(about: &About<'_>) -> Files {
    match about.kind {
        Kind::Claim => claim::files(),
        Kind::Identity => identity::files(about.certificate_id),
    }
}

/// Certificate, key and CA as they came.
fn credentials(bundle: &Bundle, files: &Files) -> Result<Vec<Content>, Failure> {
    let (certificate, private_key, ca) = match bundle {
        Bundle::Claim(claim) => (&claim.certificate_pem, &claim.private_key_pem, &claim.ca_pem),
        Bundle::Identity(identity) => (&identity.certificate_pem, identity.private_key()?, &identity.ca_pem),
    };
    Ok(vec![
        Content::pem(Part::Certificate, files.certificate.clone(), certificate),
        Content::pem(Part::PrivateKey, files.key().to_owned(), private_key.expose_secret()),
        Content::pem(Part::Ca, files.ca.clone(), ca),
    ])
}

/// On a device that made its key itself. No file of settings: what is in one would name the key's file.
fn without_key(identity: &Identity, files: Files) -> Result<Vec<Content>, Failure> {
    let files = Files { config: None, ..files };
    let mut contents = vec![
        Content::pem(Part::Certificate, files.certificate.clone(), &identity.certificate_pem),
        Content::pem(Part::Ca, files.ca.clone(), &identity.ca_pem),
    ];
    let sha256 = contents.iter().map(|content| (content.name.to_string(), content.sha256())).collect();
    contents.push(record(&Bundle::Identity(identity.clone()), files, sha256)?);
    Ok(contents)
}

fn record(bundle: &Bundle, files: Files, sha256: BTreeMap<String, String>) -> Result<Content, Failure> {
    let (name, made) = match bundle {
        Bundle::Claim(claim) => (SETTINGS, claim::settings(claim, files, sha256)),
        Bundle::Identity(identity) => (IDENTITY, Content::json(IDENTITY, &Record::new(identity, files, sha256))),
    };
    // Only a year beyond four digits has no RFC 3339 form.
    made.map_err(|error| Failure::new(Code::ServiceError).about(name).because(error.to_string()))
}

/// The site has no role alias, and what is written names it.
fn without_role_alias() -> Failure {
    let why = Why::new("missing in the site file", "サイトファイルにありません");
    Failure::new(Code::SiteInvalid).about("roleAlias").because_of(why)
}

/// Which file is what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Files {
    pub(crate) certificate: String,
    /// `None` where the device made the key itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) private_key: Option<String>,
    pub(crate) ca: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) config: Option<String>,
}

impl Files {
    fn plain(certificate: &str, private_key: &str, config: &str) -> Self {
        let [certificate, private_key, ca, config] = [certificate, private_key, CA, config].map(str::to_owned);
        Self { certificate, private_key: Some(private_key), ca, config: Some(config) }
    }

    /// The private key's name; empty where there is none.
    pub(crate) fn key(&self) -> &str {
        self.private_key.as_deref().unwrap_or_default()
    }

    /// Each file's name, in the order of writing.
    pub(crate) fn each(&self) -> impl Iterator<Item = &str> {
        let (certificate, ca) = (self.certificate.as_str(), self.ca.as_str());
        [Some(certificate), self.private_key.as_deref(), Some(ca), self.config.as_deref()].into_iter().flatten()
    }

    /// Each file's name but the CA's, which is public and may be other bundles' too.
    pub(crate) fn but_ca(&self) -> impl Iterator<Item = &str> {
        self.each().filter(|name| *name != self.ca)
    }

    /// Of a claim's files, those of which a copy is kept when they are replaced: an identity may share them.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &str> {
        [self.ca.as_str()].into_iter().chain(self.config.as_deref())
    }

    /// Could these be files side by side in one folder?
    fn are_sound(&self) -> bool {
        let names: Vec<&str> = self.each().collect();
        let twice = |at: usize, name: &str| names.iter().take(at).any(|other| other.eq_ignore_ascii_case(name));
        names.iter().enumerate().all(|(at, name)| record::is_plain(name) && !twice(at, name))
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
pub(crate) mod tests;
