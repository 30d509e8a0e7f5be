//! Things, certificates and policies, as AWS IoT keeps them.

use std::collections::{BTreeMap, BTreeSet};

use fieldkey_core::ports::{Certificate, CertificateStatus, Issued, Thing};
use fieldkey_core::{Code, Failure, Why, x509};
use time::OffsetDateTime;

use crate::site::POLICY;

#[derive(Default)]
pub(crate) struct Registry {
    things: BTreeMap<String, Described>,
    certificates: BTreeMap<String, Registered>,
}

/// A thing, without what hangs on it.
#[derive(Default)]
pub(crate) struct Described {
    pub(crate) thing_type: Option<String>,
    pub(crate) attributes: BTreeMap<String, String>,
}

struct Registered {
    pem: String,
    status: CertificateStatus,
    created: OffsetDateTime,
    expires: Option<OffsetDateTime>,
    policies: Vec<String>,
    things: BTreeSet<String>,
}

impl Registry {
    pub(crate) fn names(&self) -> Vec<String> {
        self.things.keys().cloned().collect()
    }

    pub(crate) fn certificates_of(&self, thing_name: &str) -> BTreeSet<String> {
        self.of(thing_name).map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn thing(&self, name: &str) -> Option<Thing> {
        let described = self.things.get(name)?;
        let certificate = |(id, known): (&String, &Registered)| Certificate {
            id: id.clone(),
            status: known.status,
            created: known.created,
            expires: known.expires,
            policies: known.policies.clone(),
            other_things: known.things.iter().filter(|thing| *thing != name).cloned().collect(),
        };
        let mut certificates: Vec<Certificate> = self.of(name).map(certificate).collect();
        certificates.sort_by_key(|certificate| std::cmp::Reverse(certificate.created));
        let (thing_type, attributes) = (described.thing_type.clone(), described.attributes.clone());
        Some(Thing { name: name.to_owned(), thing_type, attributes, certificates })
    }

    /// `None` where there is no such certificate.
    pub(crate) fn things_with(&self, certificate_id: &str) -> Option<Vec<String>> {
        self.certificates.get(certificate_id).map(|known| known.things.iter().cloned().collect())
    }

    fn of(&self, thing_name: &str) -> impl Iterator<Item = (&String, &Registered)> {
        self.certificates.iter().filter(move |(_, known)| known.things.contains(thing_name))
    }

    /// The certificate that an earlier request with the same key was answered with.
    pub(crate) fn made_before(&self, thing_name: &str, csr_pem: &str) -> Option<Issued> {
        let same_key = |known: &Registered| x509::answers_request(&known.pem, csr_pem).unwrap_or(false);
        let (id, known) = self.of(thing_name).find(|(_, known)| same_key(known))?;
        Some(Issued { certificate_id: id.clone(), certificate_pem: known.pem.clone() })
    }

    pub(crate) fn describe(&mut self, thing_name: &str, described: Described) {
        self.things.insert(thing_name.to_owned(), described);
    }

    /// A certificate that nothing hangs on yet.
    pub(crate) fn add(&mut self, issued: &Issued, status: CertificateStatus, created: OffsetDateTime) {
        let expires = x509::preview(&issued.certificate_pem).map(|seen| seen.not_after).ok();
        let pem = issued.certificate_pem.clone();
        let known = Registered { pem, status, created, expires, policies: vec![], things: BTreeSet::new() };
        self.certificates.insert(issued.certificate_id.clone(), known);
    }

    /// Policy, thing, attachment, status. The thing is made if need be.
    pub(crate) fn attach(&mut self, id: &str, thing_name: &str, status: CertificateStatus) {
        if let Some(known) = self.certificates.get_mut(id) {
            known.status = status;
            known.policies = vec![POLICY.to_owned()];
            known.things.insert(thing_name.to_owned());
            self.things.entry(thing_name.to_owned()).or_default();
        }
    }

    /// # Errors
    /// `certificate-duplicate` with its state if it is registered already.
    pub(crate) fn register(&mut self, thing_name: &str, pem: &str, status: CertificateStatus) -> Result<(), Failure> {
        let id = x509::preview(pem)?.certificate_id;
        match self.certificates.get(&id) {
            Some(known) => return Err(duplicate(&id, known)),
            None => {
                let issued = Issued { certificate_id: id.clone(), certificate_pem: pem.to_owned() };
                self.add(&issued, status, OffsetDateTime::now_utc());
            }
        }
        self.attach(&id, thing_name, status);
        Ok(())
    }

    /// # Errors
    /// `certificate-not-found` unless it is attached to that thing, `certificate-shared` if it would be switched off for
    /// another one, too.
    pub(crate) fn set_status(&mut self, thing_name: &str, id: &str, to: CertificateStatus) -> Result<(), Failure> {
        if to != CertificateStatus::Active {
            self.alone(thing_name, id)?;
        }
        let known = self.certificates.get_mut(id).filter(|known| known.things.contains(thing_name));
        known.map(|known| known.status = to).ok_or_else(|| not_found(id))
    }

    /// # Errors
    /// `certificate-not-found` unless it is attached to that thing, `certificate-shared` if another uses it, too.
    pub(crate) fn delete(&mut self, thing_name: &str, id: &str) -> Result<(), Failure> {
        self.alone(thing_name, id)?;
        self.certificates.remove(id);
        Ok(())
    }

    fn alone(&self, thing_name: &str, id: &str) -> Result<(), Failure> {
        let known = self.certificates.get(id).filter(|known| known.things.contains(thing_name));
        let others = known.map(|known| known.things.iter().filter(|thing| *thing != thing_name));
        let others: Vec<&str> = others.ok_or_else(|| not_found(id))?.map(String::as_str).collect();
        if others.is_empty() { Ok(()) } else { Err(Failure::new(Code::CertificateShared).about(others.join(", "))) }
    }

    /// May a device connect with it, as this thing?
    ///
    /// # Errors
    /// `identity-refused` about the host, with what is wrong.
    pub(crate) fn admit(&self, id: &str, thing_name: &str, host: &str) -> Result<(), Failure> {
        let why = match self.certificates.get(id) {
            None => Why::new("the certificate is not registered", "証明書が登録されていません"),
            Some(known) if known.status != CertificateStatus::Active => {
                Why::new("the certificate is not active", "証明書が有効になっていません")
            }
            Some(known) if !known.things.contains(thing_name) => Why::new(
                format!("the certificate is not attached to {thing_name}"),
                format!("証明書が {thing_name} にアタッチされていません"),
            ),
            Some(known) if known.policies.is_empty() => {
                Why::new("the certificate has no policy", "証明書にポリシーがありません")
            }
            Some(_) => return Ok(()),
        };
        Err(Failure::new(Code::IdentityRefused).about(host).because_of(why))
    }
}

fn not_found(id: &str) -> Failure {
    Failure::new(Code::CertificateNotFound).about(id)
}

fn duplicate(id: &str, known: &Registered) -> Failure {
    let status = serde_json::to_value(known.status).ok();
    let status = status.as_ref().and_then(|status| status.as_str()).unwrap_or("?");
    let things = |comma| known.things.iter().map(String::as_str).collect::<Vec<_>>().join(comma);
    let why =
        Why::new(format!("{status}, attached to: {}", things(", ")), format!("{status}、アタッチ先: {}", things("、")));
    Failure::new(Code::CertificateDuplicate).about(id).because_of(why)
}
