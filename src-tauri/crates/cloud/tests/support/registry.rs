//! AWS IoT's registry over its REST API: things, certificates, policies, and what refuses to go together.
//! <https://docs.aws.amazon.com/iot/latest/apireference/API_Operations_AWS_IoT.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rcgen::{CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_parser::pem::parse_x509_pem;

use super::http::Request;
use super::pool::{Refused, refuse};

pub(crate) const POLICY: &str = "DevicePolicy";

pub(crate) struct Registry {
    ca: CertifiedIssuer<'static, KeyPair>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) things: BTreeMap<String, Value>,
    pub(crate) certificates: BTreeMap<String, Certificate>,
    /// So many deletions are refused, because AWS is not done with the detaching.
    pub(crate) slow_detaching: usize,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) status: String,
    pub(crate) created: i64,
    pub(crate) policies: BTreeSet<String>,
    pub(crate) things: BTreeSet<String>,
}

/// The name of the operation that a request asks for.
pub(crate) fn operation(request: &Request) -> Option<&'static str> {
    let path = request.target.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    Some(match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["provisioning-templates", _, "provisioning-claim"]) => "CreateProvisioningClaim",
        ("GET", ["endpoint"]) => "DescribeEndpoint",
        ("GET", ["things", _]) => "DescribeThing",
        ("POST", ["things", _]) => "CreateThing",
        ("DELETE", ["things", _]) => "DeleteThing",
        ("GET", ["things", _, "principals"]) => "ListThingPrincipals",
        ("PUT", ["things", _, "principals"]) => "AttachThingPrincipal",
        ("DELETE", ["things", _, "principals"]) => "DetachThingPrincipal",
        ("GET", ["principals", "things"]) => "ListPrincipalThings",
        ("POST", ["attached-policies", _]) => "ListAttachedPolicies",
        ("PUT", ["target-policies", _]) => "AttachPolicy",
        ("POST", ["target-policies", _]) => "DetachPolicy",
        ("POST", ["certificates"]) => "CreateCertificateFromCsr",
        ("POST", ["certificate", "register-no-ca"]) => "RegisterCertificateWithoutCA",
        ("GET", ["certificates", _]) => "DescribeCertificate",
        ("PUT", ["certificates", _]) => "UpdateCertificate",
        ("DELETE", ["certificates", _]) => "DeleteCertificate",
        _ => return None,
    })
}

pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:iot:ap-northeast-1:123456789012:cert/{id}")
}

pub(crate) fn id_of(pem: &str) -> String {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).expect("PEM");
    hex::encode(Sha256::digest(&pem.contents))
}

impl Registry {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        Self { ca, state: Mutex::default() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn thing(&self, name: &str) {
        self.state().things.insert(name.to_owned(), json!({}));
    }

    /// A certificate of a key that nobody keeps. Returns its ID.
    pub(crate) fn certificate(&self, status: &str, created: i64, things: &[&str]) -> String {
        let key = KeyPair::generate().expect("a key");
        let pem = CertificateParams::default().self_signed(&key).expect("signed").pem();
        self.put(pem, status, created, things)
    }

    pub(crate) fn put(&self, pem: String, status: &str, created: i64, things: &[&str]) -> String {
        let id = id_of(&pem);
        let things: BTreeSet<String> = things.iter().map(|&name| name.to_owned()).collect();
        let policies = BTreeSet::from([POLICY.to_owned()]);
        let certificate = Certificate { pem, status: status.into(), created, policies, things };
        self.state().certificates.insert(id.clone(), certificate);
        id
    }

    /// A certificate for a CSR, signed and not registered.
    pub(crate) fn sign(&self, csr: &str) -> Option<String> {
        let request = CertificateSigningRequestParams::from_pem(csr).ok()?;
        Some(request.signed_by(&self.ca).ok()?.pem())
    }

    /// # Errors
    /// As the real one refuses.
    pub(crate) fn answer(&self, operation: &str, request: &Request, body: &Value) -> Result<Value, Refused> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let parts: Vec<String> = path.trim_matches('/').split('/').map(decoded).collect();
        let name = parts.get(1).cloned().unwrap_or_default();
        let principal = request.headers.get("x-amzn-principal").cloned().unwrap_or_default();
        let state = &mut *self.state();
        match operation {
            "DescribeThing" => match state.things.get(&name) {
                Some(thing) => Ok(json!({
                    "thingName": name, "version": 1,
                    "thingTypeName": thing["thingTypeName"],
                    "attributes": thing["attributes"].as_object().cloned().unwrap_or_default(),
                })),
                None => missing("Thing"),
            },
            "CreateThing" => {
                state.things.entry(name.clone()).or_insert_with(|| json!({}));
                Ok(json!({ "thingName": name }))
            }
            "DeleteThing" => {
                if state.certificates.values().any(|certificate| certificate.things.contains(&name)) {
                    return refuse("InvalidRequestException", "Cannot delete. Thing is still attached to a principal.");
                }
                state.things.remove(&name);
                Ok(json!({}))
            }
            "ListThingPrincipals" if !state.things.contains_key(&name) => missing("Thing"),
            "ListThingPrincipals" => {
                let its = state.certificates.iter().filter(|(_, certificate)| certificate.things.contains(&name));
                Ok(page(its.map(|(id, _)| arn(id)).collect(), query, "principals", "nextToken"))
            }
            "ListPrincipalThings" => {
                let things = state.of(&principal)?.things.iter().cloned().collect();
                Ok(page(things, query, "things", "nextToken"))
            }
            "ListAttachedPolicies" => {
                let policies = state.of(&name)?.policies.iter();
                Ok(json!({ "policies": policies.map(|name| json!({ "policyName": name })).collect::<Vec<_>>() }))
            }
            "AttachThingPrincipal" if !state.things.contains_key(&name) => missing("Thing"),
            "AttachThingPrincipal" => {
                state.of(&principal)?.things.insert(name);
                Ok(json!({}))
            }
            "DetachThingPrincipal" => {
                state.of(&principal)?.things.remove(&name);
                Ok(json!({}))
            }
            "AttachPolicy" if name != POLICY => missing("Policy"),
            "AttachPolicy" => {
                state.of(body["target"].as_str().unwrap_or_default())?.policies.insert(name);
                Ok(json!({}))
            }
            "DetachPolicy" => {
                state.of(body["target"].as_str().unwrap_or_default())?.policies.remove(&name);
                Ok(json!({}))
            }
            "DescribeCertificate" => {
                let Certificate { pem, status, created, .. } = state.of(&arn(&name))?.clone();
                Ok(json!({ "certificateDescription": {
                    "certificateArn": arn(&name), "certificateId": name, "certificatePem": pem,
                    "status": status, "creationDate": created,
                    "validity": { "notBefore": created, "notAfter": 2_524_607_999_i64 },
                }}))
            }
            "UpdateCertificate" => {
                let status = query.split_once("newStatus=").map(|(_, status)| status.to_owned()).unwrap_or_default();
                state.of(&arn(&name))?.status = status;
                Ok(json!({}))
            }
            "DeleteCertificate" => state.delete(&name, query.contains("forceDelete=true")),
            "CreateCertificateFromCsr" => {
                let csr = body["certificateSigningRequest"].as_str().unwrap_or_default();
                let Some(pem) = self.sign(csr) else {
                    return refuse("InvalidRequestException", "CSR violates constraints");
                };
                Ok(state.insert(pem, "INACTIVE", query.contains("setAsActive=true")))
            }
            "RegisterCertificateWithoutCA" => {
                let pem = body["certificatePem"].as_str().unwrap_or_default().to_owned();
                if state.certificates.contains_key(&id_of(&pem)) {
                    return refuse("ResourceAlreadyExistsException", "The certificate is already registered.");
                }
                let status = body["status"].as_str().unwrap_or("INACTIVE").to_owned();
                Ok(state.insert(pem, &status, false))
            }
            other => refuse("UnknownOperationException", other),
        }
    }
}

impl State {
    fn of(&mut self, arn: &str) -> Result<&mut Certificate, Refused> {
        let id = arn.split_once(":cert/").map(|(_, id)| id).unwrap_or_default();
        match self.certificates.get_mut(id) {
            Some(found) => Ok(found),
            None => missing("Certificate"),
        }
    }

    fn insert(&mut self, pem: String, status: &str, active: bool) -> Value {
        let (id, status) = (id_of(&pem), if active { "ACTIVE" } else { status }.to_owned());
        let certificate = Certificate { pem: pem.clone(), status, created: 1_790_000_000, ..Certificate::default() };
        self.certificates.insert(id.clone(), certificate);
        json!({ "certificateId": id, "certificateArn": arn(&id), "certificatePem": pem })
    }

    fn delete(&mut self, id: &str, force: bool) -> Result<Value, Refused> {
        let slow = self.slow_detaching > 0;
        self.slow_detaching = self.slow_detaching.saturating_sub(1);
        let found = self.of(&arn(id))?;
        if found.status == "ACTIVE" {
            return refuse("CertificateStateException", "Certificate must be deactivated before deletion.");
        }
        if slow || !found.things.is_empty() || !(force || found.policies.is_empty()) {
            return refuse("DeleteConflictException", "Things must be detached before deletion");
        }
        self.certificates.remove(id);
        Ok(json!({}))
    }
}

fn missing<T>(what: &str) -> Result<T, Refused> {
    refuse("ResourceNotFoundException", format!("{what} does not exist"))
}

/// Two on a page.
fn page(all: Vec<String>, query: &str, member: &str, token: &str) -> Value {
    let start: usize = query.split_once("oken=at-").and_then(|(_, n)| n.parse().ok()).unwrap_or(0);
    let end = all.len().min(start + 2);
    let mut page = json!({ member: all[start..end] });
    if end < all.len() {
        page[token] = json!(format!("at-{end}"));
    }
    page
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
