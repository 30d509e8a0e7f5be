use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::ports::{Caller, Connected, New, Provisioning, TemporaryCredentials, Unregistered};
use crate::{Claim, Code, DeviceSide, Endpoint, Failure, Identity};

/// A CA's signature under a CSR, as AWS IoT would give it.
pub(crate) fn signed(csr_pem: &str) -> String {
    let mut params = rcgen::CertificateParams::new(vec![]).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = rcgen::Issuer::new(params, rcgen::KeyPair::generate().expect("a key"));
    let csr = rcgen::CertificateSigningRequestParams::from_pem(csr_pem).expect("a CSR");
    csr.signed_by(&issuer).expect("signed").pem()
}

pub(crate) fn certificate_id(certificate_pem: &str) -> String {
    use x509_parser::pem::parse_x509_pem;
    let (_, pem) = parse_x509_pem(certificate_pem.as_bytes()).expect("PEM");
    hex::encode(Sha256::digest(&pem.contents))
}

/// AWS as a device meets it. Notes every call; refuses what it is told to, each code once.
#[derive(Clone, Default)]
pub(crate) struct FakeDeviceSide(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    calls: Vec<String>,
    refuse: BTreeMap<&'static str, VecDeque<Code>>,
    /// The thing's name that RegisterThing gives; else the usual one.
    named: Option<String>,
    heard: VecDeque<Vec<u8>>,
    deaf: bool,
    arn: Option<String>,
    objects: Option<String>,
}

impl FakeDeviceSide {
    pub(crate) fn refusing(self, call: &'static str, codes: &[Code]) -> Self {
        self.0.lock().expect("state").refuse.insert(call, codes.iter().copied().collect());
        self
    }

    pub(crate) fn naming(self, thing_name: &str) -> Self {
        self.0.lock().expect("state").named = Some(thing_name.to_owned());
        self
    }

    /// Nothing that is published comes back.
    pub(crate) fn deaf(self) -> Self {
        self.0.lock().expect("state").deaf = true;
        self
    }

    pub(crate) fn calling_itself(self, arn: &str) -> Self {
        self.0.lock().expect("state").arn = Some(arn.to_owned());
        self
    }

    pub(crate) fn holding(self, object: &str) -> Self {
        self.0.lock().expect("state").objects = Some(object.to_owned());
        self
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.lock().expect("state").calls.clone()
    }

    fn call(&self, name: &'static str, about: &str) -> Result<(), Failure> {
        let mut state = self.0.lock().expect("state");
        state.calls.push(format!("{name} {about}").trim().to_owned());
        match state.refuse.get_mut(name).and_then(VecDeque::pop_front) {
            Some(code) => Err(Failure::new(code)),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl DeviceSide for FakeDeviceSide {
    async fn with_claim(&self, claim: &Claim, _: &Endpoint, _: &str) -> Result<Box<dyn Provisioning>, Failure> {
        self.call("with-claim", &claim.certificate_id)?;
        Ok(Box::new(self.clone()))
    }
    async fn connect(&self, identity: &Identity) -> Result<Box<dyn Connected>, Failure> {
        self.call("connect", &identity.thing_name)?;
        Ok(Box::new(self.clone()))
    }
    async fn temporary_credentials(
        &self,
        _: &Identity,
        host: &str,
        alias: &str,
    ) -> Result<TemporaryCredentials, Failure> {
        self.call("temporary-credentials", &format!("{host} {alias}"))?;
        Ok(TemporaryCredentials {
            access_key_id: "ASIA".into(),
            secret_access_key: "secret".into(),
            session_token: "token".into(),
            expires: OffsetDateTime::now_utc(),
        })
    }
    async fn caller(&self, _: &TemporaryCredentials) -> Result<Caller, Failure> {
        self.call("caller", "")?;
        let arn = self.0.lock().expect("state").arn.clone().unwrap_or_default();
        Ok(Caller { arn, account: "123456789012".into() })
    }
    async fn first_object(&self, _: &TemporaryCredentials, bucket: &str) -> Result<Option<String>, Failure> {
        self.call("first-object", bucket)?;
        Ok(self.0.lock().expect("state").objects.clone())
    }
    async fn read_object(&self, _: &TemporaryCredentials, _: &str, key: &str) -> Result<u64, Failure> {
        self.call("read-object", key)?;
        Ok(11)
    }
}

#[async_trait]
impl Provisioning for FakeDeviceSide {
    async fn certificate(&mut self, csr_pem: Option<&str>) -> Result<New, Failure> {
        self.call("certificate", if csr_pem.is_some() { "csr" } else { "keys" })?;
        let (certificate_pem, private_key_pem) = match csr_pem {
            Some(csr_pem) => (signed(csr_pem), None),
            None => {
                let key = rcgen::KeyPair::generate().expect("a key");
                let params = rcgen::CertificateParams::new(vec![]).expect("no names");
                (params.self_signed(&key).expect("signed").pem(), Some(key.serialize_pem().into()))
            }
        };
        let certificate_id = certificate_id(&certificate_pem);
        Ok(New { certificate_id, certificate_pem, private_key_pem, ownership_token: "token".into() })
    }
    async fn register_thing(
        &mut self,
        template: &str,
        _: &New,
        parameters: &BTreeMap<String, String>,
    ) -> Result<String, Unregistered> {
        let serial = parameters.get("SerialNumber").expect("the serial number");
        self.call("register-thing", &format!("{template} {serial}")).map_err(|failure| match failure.code {
            Code::Offline => Unregistered::Lost(failure),
            _ => Unregistered::Refused(failure),
        })?;
        let named = self.0.lock().expect("state").named.clone();
        Ok(named.unwrap_or_else(|| format!("Fleet_Index_{serial}")))
    }
}

#[async_trait]
impl Connected for FakeDeviceSide {
    async fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), Failure> {
        self.call("publish", topic)?;
        self.0.lock().expect("state").heard.push_back(payload.to_vec());
        Ok(())
    }
    async fn subscribe(&mut self, topic: &str) -> Result<(), Failure> {
        self.call("subscribe", topic)
    }
    async fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        let mut state = self.0.lock().expect("state");
        let heard = if state.deaf { None } else { state.heard.pop_front() };
        heard.ok_or_else(|| Failure::new(Code::EchoMissing))
    }
}
