use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::device_side::{certificate_id, signed};
use crate::ports::{CertificateStatus, Groups, Issued, Made, SignedIn, Thing};
use crate::{Claim, Cloud, Code, Endpoint, Failure, Operator};

/// Codes by call; each refuses once.
type Refusals = Arc<Mutex<BTreeMap<&'static str, Vec<Code>>>>;

/// Operator and AWS in one; notes every call.
#[derive(Default)]
pub(crate) struct FakeCloud {
    /// The answers to successive looks at the thing; the last one repeats.
    pub(crate) certificates: Vec<Result<&'static str, Code>>,
    pub(crate) looks: AtomicUsize,
    pub(crate) refuse_claim: Option<Code>,
    pub(crate) lifetime: Option<Duration>,
    /// Who is signed in before the job begins.
    pub(crate) standing: Option<&'static str>,
    /// Cognito groups; `None` for an engineer.
    pub(crate) groups: Option<Vec<&'static str>>,
    /// Refuses the call of this name.
    pub(crate) refuse: Refusals,
    pub(crate) thing: Mutex<Option<Thing>>,
    /// The things that use whatever certificate is asked for.
    pub(crate) things_with: Option<Vec<String>>,
    /// The acts of a target: what it committed is registered, too.
    pub(crate) committed: Option<Arc<Mutex<Vec<String>>>>,
    pub(crate) calls: Arc<Mutex<Vec<String>>>,
}

impl FakeCloud {
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().expect("calls").clone()
    }

    pub(crate) fn refusing(self, call: &'static str, codes: &[Code]) -> Self {
        self.refuse.lock().expect("refusals").insert(call, codes.to_vec());
        self
    }

    fn call(&self, name: &'static str, about: &str) -> Result<(), Failure> {
        note(&self.calls, &self.refuse, name, about)
    }
}

#[async_trait]
impl Operator for FakeCloud {
    async fn sign_in(&self) -> Result<SignedIn, Failure> {
        self.call("sign-in", "")?;
        let groups = match &self.groups {
            Some(groups) => Groups::Of(groups.iter().map(|&group| group.to_owned()).collect()),
            None => Groups::Account,
        };
        Ok(SignedIn { name: "operator@example.com".into(), groups })
    }
    fn standing(&self) -> Option<String> {
        self.standing.map(str::to_owned)
    }
}

#[async_trait]
impl Cloud for FakeCloud {
    async fn credentials(&self) -> Result<(), Failure> {
        Ok(())
    }
    async fn claim(&self) -> Result<Claim, Failure> {
        self.call("claim", "")?;
        if let Some(code) = self.refuse_claim {
            return Err(Failure::new(code));
        }
        let lifetime = self.lifetime.unwrap_or(Duration::from_secs(300));
        Ok(Claim {
            certificate_id: "c1a1".into(),
            certificate_pem: "certificate".into(),
            private_key_pem: "key".into(),
            expires: OffsetDateTime::now_utc() + lifetime,
            lifetime,
        })
    }
    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        Ok(Endpoint { host: "localhost".into(), port: 8883 })
    }
    async fn credentials_endpoint(&self) -> Result<String, Failure> {
        Ok("credentials.localhost".into())
    }
    async fn certificates_of(&self, _: &str) -> Result<BTreeSet<String>, Failure> {
        let look = self.looks.fetch_add(1, Ordering::SeqCst);
        let answer = self.certificates.get(look).or(self.certificates.last()).copied().unwrap_or(Ok(""));
        let mut ids: BTreeSet<String> =
            answer.map(|ids| ids.split_whitespace().map(str::to_owned).collect()).map_err(Failure::new)?;
        let acts = self.committed.as_ref().map(|acts| acts.lock().expect("acts").clone()).unwrap_or_default();
        ids.extend(acts.iter().filter_map(|act| act.strip_prefix("commit ").map(str::to_owned)));
        Ok(ids)
    }
    async fn thing(&self, name: &str) -> Result<Option<Thing>, Failure> {
        self.call("thing", name)?;
        Ok(self.thing.lock().expect("thing").clone().filter(|thing| thing.name == name))
    }
    async fn things_with(&self, certificate_id: &str) -> Result<Option<Vec<String>>, Failure> {
        self.call("things-with", certificate_id)?;
        Ok(self.things_with.clone())
    }
    async fn issue(&self, thing_name: &str, csr_pem: &str) -> Result<Box<dyn Made>, Failure> {
        self.call("issue", thing_name)?;
        let certificate_pem = signed(csr_pem);
        let issued = Issued { certificate_id: certificate_id(&certificate_pem), certificate_pem };
        Ok(Box::new(FakeMade { issued, kept: false, calls: Arc::clone(&self.calls), refuse: Arc::clone(&self.refuse) }))
    }
    async fn register(&self, thing_name: &str, _: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.call("register", &format!("{thing_name} {status:?}"))
    }
    async fn set_status(&self, _: &str, id: &str, status: CertificateStatus) -> Result<(), Failure> {
        self.call("set-status", &format!("{id} {status:?}"))
    }
    async fn delete(&self, _: &str, id: &str) -> Result<(), Failure> {
        self.call("delete", id)
    }
}

struct FakeMade {
    issued: Issued,
    kept: bool,
    calls: Arc<Mutex<Vec<String>>>,
    refuse: Refusals,
}

#[async_trait]
impl Made for FakeMade {
    fn issued(&self) -> &Issued {
        &self.issued
    }
    fn keep(&mut self) {
        self.kept = true;
    }
    async fn take_back(mut self: Box<Self>) -> Result<(), Failure> {
        self.kept = true;
        note(&self.calls, &self.refuse, "take-back", "")
    }
}

impl Drop for FakeMade {
    fn drop(&mut self) {
        if !self.kept {
            self.calls.lock().expect("calls").push("take-back dropped".into());
        }
    }
}

fn note(calls: &Mutex<Vec<String>>, refuse: &Refusals, name: &'static str, about: &str) -> Result<(), Failure> {
    calls.lock().expect("calls").push(format!("{name} {about}").trim().to_owned());
    match refuse.lock().expect("refusals").get_mut(name) {
        Some(codes) if !codes.is_empty() => Err(Failure::new(codes.remove(0))),
        _ => Ok(()),
    }
}
