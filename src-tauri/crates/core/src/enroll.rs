//! Fieldkey does the device's part: key and CSR, a certificate, the identity onto the target, and its proof.

mod by_claim;
mod by_request;
mod exchange;
mod present;
mod write;

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;
use ts_rs::TS;

use crate::permission::sign_in;
use crate::ports::{Kind, NewKey};
use crate::prove::prove_new;
use crate::provision::refuse_without_role_alias;
use crate::run::{Run, at_device};
use crate::x509::{KeyAndCsr, KeyType, Preview};
use crate::{
    Code, DeviceSide, Endpoint, Enrolled, Failure, FileRecord, Identity, Job, Ports, RoleAlias, SerialNumber, Site,
    Step, Target, Why, x509,
};

/// What the operator asked for.
#[derive(Clone, Debug)]
pub struct Enroll {
    /// The run's ID, unique in the journal.
    pub run: String,
    pub serial_number: String,
    /// Further parameters of the template; only a claim's way has them.
    pub parameters: BTreeMap<String, String>,
    /// Put another identity in the place of one that is there.
    pub replace: bool,
    pub via: Via,
    pub key: KeySource,
    /// The site's if it is `None`.
    pub key_type: Option<KeyType>,
}

/// Where the certificate comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Via {
    /// Fleet provisioning over MQTT, with a fresh claim.
    Claim,
    /// A request to whoever keeps the registry: the site's certificate API, or AWS itself in an engineer's name.
    Request,
}

/// Where the key is made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum KeySource {
    /// In this program's memory; it goes nowhere but onto the target.
    #[default]
    Host,
    /// On the device, which never gives it away.
    Device,
    /// At AWS, which sends it once. Only a claim's way has this.
    Aws,
}

/// Who holds the key of a new certificate.
pub(crate) enum HeldKey {
    Here(SecretString),
    OnDevice { csr_pem: String },
}

impl HeldKey {
    fn of(KeyAndCsr { private_key_pem, csr_pem }: KeyAndCsr) -> Self {
        private_key_pem.map_or(Self::OnDevice { csr_pem }, Self::Here)
    }

    fn here(self) -> Option<SecretString> {
        match self {
            Self::Here(private_key_pem) => Some(private_key_pem),
            Self::OnDevice { .. } => None,
        }
    }
}

/// All that a way to a certificate works with.
pub(crate) struct Work<'a> {
    pub(crate) request: &'a Enroll,
    pub(crate) serial: &'a SerialNumber,
    pub(crate) site: &'a Site,
    pub(crate) ca_pem: &'a str,
    pub(crate) target: &'a dyn Target,
    pub(crate) device_side: &'a dyn DeviceSide,
    pub(crate) ports: Ports<'a>,
    pub(crate) run: &'a Run<'a>,
}

/// Gives a device an identity, or proves the one that it has.
///
/// # Errors
/// Any failure of its steps. What had been made at AWS and on the target is taken back as far as that is safe.
pub async fn enroll(
    request: &Enroll,
    site: &Site,
    ca_pem: &str,
    target: &dyn Target,
    device_side: &dyn DeviceSide,
    ports: Ports<'_>,
) -> Result<Enrolled, Failure> {
    let serial = SerialNumber::parse(&request.serial_number, site);
    let named = (request.serial_number.as_str(), serial.as_ref().ok());
    let run = Run::start(at_device((&request.run, Job::Enroll), named, site, target), ports);
    let outcome = match &serial {
        Ok(serial) => {
            let work = Work { request, serial, site, ca_pem, target, device_side, ports, run: &run };
            steps(&work).await
        }
        Err(failure) => Err(failure.clone()),
    };
    run.conclude(outcome)
}

async fn steps(work: &Work<'_>) -> Result<Enrolled, Failure> {
    refuse_what_cannot_be(work.request, work.target).map_err(|failure| failure.at(Step::Site))?;
    refuse_without_role_alias(work.site, work.target)?;
    if !work.request.replace
        && let Some(proved) = present::proved(work).await?
    {
        return Ok(proved);
    }
    work.check().await?;
    work.sign_in().await?;
    work.carry_out().await
}

pub(crate) fn refuse_what_cannot_be(request: &Enroll, target: &dyn Target) -> Result<(), Failure> {
    let why = match (request.key, request.via) {
        (KeySource::Device, _) if !target.makes_keys() => {
            Why::new("this device makes no keys", "このデバイスは鍵を作成できません")
        }
        (KeySource::Aws, Via::Request) => {
            Why::new("keys from AWS come only with a claim", "AWS で作成した鍵はクレームでのみ取得できます")
        }
        (KeySource::Aws, Via::Claim) if request.key_type.is_some() => {
            Why::new("AWS chooses the type of its keys", "AWS で作成する鍵の種類は選べません")
        }
        _ => return Ok(()),
    };
    Err(Failure::new(Code::Usage).about("--key").because_of(why))
}

impl Work<'_> {
    fn thing_name(&self) -> &str {
        self.serial.thing_name()
    }

    /// The step `target`.
    pub(crate) async fn check(&self) -> Result<(), Failure> {
        let check = async {
            self.target.check(Kind::Identity, self.request.replace).await?;
            // Which kind of device it is may be known only now.
            refuse_what_cannot_be(self.request, self.target).map_err(|failure| failure.at(Step::Target))
        };
        self.run.step(Step::Target, check, |()| vec![("target", self.target.name().into())]).await
    }

    /// Everything after the sign-in.
    pub(crate) async fn carry_out(&self) -> Result<Enrolled, Failure> {
        let outcome = match self.request.via {
            Via::Claim => by_claim::enroll(self).await,
            Via::Request => by_request::enroll(self).await,
        };
        let replaces_key = self.request.key == KeySource::Device && self.request.replace;
        outcome.map_err(|failure| match failure.step {
            Some(step) if replaces_key && step != Step::Key => failure.and(&Why::new(
                "the key that the device had before is gone: a new one was made in its place",
                "デバイスに以前あった鍵は、新しい鍵の作成により失われました",
            )),
            _ => failure,
        })
    }

    /// The step `key`.
    async fn key_and_csr(&self) -> Result<KeyAndCsr, Failure> {
        let key_type = self.request.key_type.or(self.site.key_type).unwrap_or_default();
        let subject = self.site.certificate_subject.clone().unwrap_or_default();
        let common_name = self.thing_name().to_owned();
        let made = async {
            if self.request.key == KeySource::Device {
                let csr_pem = self.target.request(&NewKey { key_type, common_name, subject }).await?;
                x509::check_request(&csr_pem).map_err(|failure| failure.about(self.target.name()))?;
                return Ok(KeyAndCsr { private_key_pem: None, csr_pem });
            }
            // RSA takes a while, and nobody else is to wait for it.
            let work = tokio::task::spawn_blocking(move || x509::key_and_csr(key_type, &common_name, &subject));
            work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
        };
        let detail = |_: &_| vec![("keyType", json!(key_type)), ("madeBy", json!(self.request.key))];
        self.run.step(Step::Key, made, detail).await
    }

    /// The step `prove`: Fieldkey connects in the device's name. Where the device keeps its key to itself, the registry
    /// must say that the certificate is the thing's.
    async fn prove(&self, identity: &Identity) -> Result<(), Failure> {
        let proof = async {
            match identity.private_key_pem {
                Some(_) => prove_new(self.device_side, identity).await,
                None => self.is_registered(identity).await,
            }
        };
        self.run.step(Step::Prove, proof, |()| vec![]).await
    }

    async fn is_registered(&self, identity: &Identity) -> Result<(), Failure> {
        let registered = self.ports.cloud.certificates_of(&identity.thing_name).await?;
        if registered.contains(&identity.certificate_id) {
            return Ok(());
        }
        Err(Failure::new(Code::NotRegistered).about(&identity.thing_name))
    }

    /// The step `sign-in`. Whoever may provision may also play the device's part in it.
    async fn sign_in(&self) -> Result<(), Failure> {
        let needed = if self.request.via == Via::Claim { Job::Provision } else { Job::Enroll };
        sign_in(self.run, self.ports.operator, needed).await.map(drop)
    }

    /// Where the device will connect, and fetch temporary credentials if the site offers them.
    async fn endpoints(&self) -> Result<(Endpoint, Option<RoleAlias>), Failure> {
        let cloud = self.ports.cloud;
        let role_alias = async {
            match &self.site.role_alias {
                Some(name) => {
                    cloud.credentials_endpoint().await.map(|host| Some(RoleAlias { name: name.clone(), host }))
                }
                None => Ok(None),
            }
        };
        tokio::try_join!(cloud.endpoint(), role_alias)
    }

    fn identity(
        &self,
        (certificate_pem, key): (String, HeldKey),
        (endpoint, role_alias): (Endpoint, Option<RoleAlias>),
    ) -> Result<(Identity, Preview), Failure> {
        let nonsense = |en, ja| {
            Failure::new(Code::ServiceError).about("AWS IoT").because_of(Why::new(en, ja)).at(Step::Certificate)
        };
        let preview = x509::preview(&certificate_pem)
            .map_err(|_| nonsense("the certificate cannot be read", "証明書を読み取れません"))?;
        let matches = match &key {
            HeldKey::Here(private_key_pem) => x509::key_matches(&certificate_pem, private_key_pem),
            HeldKey::OnDevice { csr_pem } => x509::answers_request(&certificate_pem, csr_pem),
        };
        if !matches.unwrap_or(false) {
            return Err(nonsense("the certificate is not this key's", "証明書が鍵と一致しません"));
        }
        let identity = Identity {
            certificate_id: preview.certificate_id.clone(),
            certificate_pem,
            private_key_pem: key.here(),
            ca_pem: self.ca_pem.to_owned(),
            thing_name: self.thing_name().to_owned(),
            serial_number: self.serial.as_str().to_owned(),
            region: self.site.region.clone(),
            endpoint,
            role_alias,
        };
        Ok((identity, preview))
    }

    fn enrolled(&self, identity: &Identity, preview: &Preview, files: Vec<FileRecord>) -> Enrolled {
        Enrolled {
            serial_number: self.serial.as_str().to_owned(),
            thing_name: identity.thing_name.clone(),
            certificate_id: identity.certificate_id.clone(),
            expires: preview.not_after,
            target: self.target.name(),
            files,
            issued: true,
            key: Some(self.request.key),
        }
    }
}

#[cfg(test)]
#[path = "enroll_tests.rs"]
pub(crate) mod tests;
