use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::ports::{InForce, Kind, NewKey, ReadBack, Release, Staged};
use crate::{Bundle, ClaimBundle, Code, Failure, FileRecord, Identity, Step, Target};

/// A device in hand. Notes what happened to it, in order.
#[derive(Default)]
pub(crate) struct FakeTarget {
    pub(crate) refuse: Option<(Step, Code)>,
    /// In the write.
    pub(crate) panics: bool,
    pub(crate) committed: AtomicUsize,
    /// So long a write takes.
    pub(crate) slow: Option<std::time::Duration>,
    /// It writes down the role alias.
    pub(crate) wants_credentials_endpoint: bool,
    /// What lies on it.
    pub(crate) identity: Option<Identity>,
    pub(crate) acts: Arc<Mutex<Vec<String>>>,
    /// The CSR of a key that it made.
    pub(crate) csr_pem: Option<String>,
}

impl FakeTarget {
    fn answer<T>(&self, step: Step, value: T) -> Result<T, Failure> {
        match self.refuse {
            Some((at, code)) if at == step => Err(Failure::new(code)),
            _ => Ok(value),
        }
    }

    pub(crate) fn acts(&self) -> Vec<String> {
        self.acts.lock().expect("acts").clone()
    }
}

struct Placed(Arc<Mutex<Vec<String>>>, String);

impl Placed {
    fn note(&self, act: &str) {
        self.0.lock().expect("acts").push(format!("{act} {}", self.1));
    }
}

#[async_trait]
impl Staged for Placed {
    async fn commit(self: Box<Self>) -> Result<Box<dyn InForce>, Failure> {
        self.note("commit");
        Ok(self)
    }
}

#[async_trait]
impl InForce for Placed {
    async fn withdraw(self: Box<Self>) -> Result<(), Failure> {
        self.note("withdraw");
        Ok(())
    }
    async fn settle(self: Box<Self>) -> Result<(), Failure> {
        self.note("settle");
        Ok(())
    }
}

#[async_trait]
impl Target for FakeTarget {
    fn name(&self) -> String {
        "drive:/media/x".into()
    }
    async fn check(&self, _: Kind, _: bool) -> Result<(), Failure> {
        self.answer(Step::Target, ())
    }
    async fn identity(&self) -> Result<Option<Identity>, Failure> {
        Ok(self.identity.clone())
    }
    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        self.answer(Step::Write, ())?;
        assert!(!self.panics, "a driver with a bug");
        tokio::time::sleep(self.slow.unwrap_or_default()).await;
        self.committed.fetch_add(1, Ordering::SeqCst);
        if let Bundle::Claim(ClaimBundle { role_alias: Some(alias), region, .. }) = bundle {
            self.acts.lock().expect("acts").push(format!("role alias {} {} {region}", alias.name, alias.host));
        }
        let name = match bundle {
            Bundle::Claim(claim) => &claim.thing_name,
            Bundle::Identity(identity) => &identity.certificate_id,
        };
        Ok(Box::new(Placed(Arc::clone(&self.acts), name.clone())))
    }
    async fn verify(&self, _: &Bundle) -> Result<ReadBack, Failure> {
        let files = vec![FileRecord { name: "claimCert.pem".into(), bytes: 11, sha256: "00".into() }];
        self.answer(Step::Verify, ReadBack { files, past_cache: true, cautions: vec![] })
    }
    fn makes_keys(&self) -> bool {
        self.csr_pem.is_some()
    }
    async fn request(&self, key: &NewKey) -> Result<String, Failure> {
        self.acts.lock().expect("acts").push(format!("request {}", key.common_name));
        Ok(self.csr_pem.clone().expect("it makes keys"))
    }
    fn wants_credentials_endpoint(&self) -> bool {
        self.wants_credentials_endpoint
    }
    async fn release(&self) -> Result<Release, Failure> {
        self.answer(Step::Release, Release::Ejected)
    }
}
