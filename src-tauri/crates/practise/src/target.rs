//! A pretended device as the jobs meet it.

use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{Holds, Kind, NewKey, ReadBack, Release, Staged, Stored};
use fieldkey_core::{Bundle, Code, Failure, FileRecord, Identity, Target, Why, x509};
use tokio::time::Instant;

use crate::contents::{contents, kind};
use crate::device::{Device, Fault, Held};
use crate::placed::Placed;
use crate::{World, firmware};

/// Milliseconds that a file takes to be written, and to be read back.
const WRITE: u64 = 450;
const READ: u64 = 250;

/// A device, and the world that it is part of.
pub(crate) struct Pretence {
    pub(crate) world: Arc<World>,
    pub(crate) device: Arc<Device>,
}

#[async_trait]
impl Target for Pretence {
    fn name(&self) -> String {
        self.device.attached.target.clone()
    }

    async fn check(&self, _: Kind, replace: bool) -> Result<(), Failure> {
        self.world.clock.takes(300).await;
        self.is_there()?;
        match self.device.fault {
            Some(Fault::ReadOnly) => Err(self.failure(Code::TargetReadOnly)),
            Some(Fault::Full) => Err(self.failure(Code::TargetFull)),
            _ if replace => Ok(()),
            _ => self.refuse_occupied(),
        }
    }

    async fn identity(&self) -> Result<Option<Identity>, Failure> {
        self.is_there()?;
        Ok(self.device.held().identity.as_ref().map(|own| own.identity.clone()))
    }

    async fn stage(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        let files = contents(bundle)?;
        for (number, _) in files.iter().enumerate() {
            self.is_there()?;
            self.world.clock.takes(WRITE).await;
            if number == 1 && self.device.shows(Fault::LoosePlug) {
                self.world.bench.plugged(&self.device, false);
            }
        }
        self.is_there()?;
        Ok(Box::new(Placed::new(Arc::clone(&self.world), Arc::clone(&self.device), bundle, files)))
    }

    async fn verify(&self, bundle: &Bundle) -> Result<ReadBack, Failure> {
        let mut records = vec![];
        for file in contents(bundle)? {
            self.world.clock.takes(READ).await;
            self.is_there()?;
            let held = self.device.held();
            let there = held.files(kind(bundle)).iter().find(|there| there.name == file.name);
            let same = there.is_some_and(|there| *there.bytes == *file.bytes);
            if !same {
                return Err(Failure::new(Code::VerifyMismatch).about(format!("{}/{}", self.name(), file.name)));
            }
            records.push(file.record());
        }
        Ok(ReadBack { files: records, past_cache: true, cautions: vec![] })
    }

    /// Let go, the device starts, and uses a claim that it finds.
    async fn release(&self) -> Result<Release, Failure> {
        self.world.clock.takes(300).await;
        firmware::start(&self.world, &self.device);
        self.is_there()?;
        Ok(if self.is_drive() { Release::Ejected } else { Release::Closed })
    }

    fn makes_keys(&self) -> bool {
        !self.is_drive()
    }

    async fn request(&self, key: &NewKey) -> Result<String, Failure> {
        if self.is_drive() {
            let why = Why::new("this device makes no keys", "このデバイスは鍵を作成できません");
            return Err(Failure::new(Code::Usage).about("--key").because_of(why));
        }
        self.world.clock.takes(1_200).await;
        self.is_there()?;
        let key = key.clone();
        let work = tokio::task::spawn_blocking(move || x509::key_and_csr(key.key_type, &key.common_name, &key.subject));
        let made = work.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))?;
        self.device.held().key = made.private_key_pem;
        Ok(made.csr_pem)
    }

    async fn holds(&self) -> Result<Holds, Failure> {
        self.world.clock.takes(300).await;
        self.is_there()?;
        Ok(Holds {
            driver: self.device.attached.driver.clone().unwrap_or_default(),
            device: self.device.attached.label.clone(),
            stored: stored(&self.device.held()),
            cautions: vec![],
        })
    }

    async fn remove(&self) -> Result<Vec<Stored>, Failure> {
        self.world.clock.takes(500).await;
        self.is_there()?;
        if self.device.fault == Some(Fault::ReadOnly) {
            return Err(self.failure(Code::TargetReadOnly));
        }
        Ok(stored(&std::mem::take(&mut *self.device.held())))
    }
}

fn stored(held: &Held) -> Vec<Stored> {
    let files = [Kind::Claim, Kind::Identity].into_iter().flat_map(|kind| held.files(kind));
    let stored = |FileRecord { name, bytes, sha256 }: FileRecord| Stored {
        name,
        bytes: Some(bytes),
        digest: Some(format!("sha256:{sha256}")),
    };
    files.map(|file| stored(file.record())).collect()
}

impl Pretence {
    fn is_drive(&self) -> bool {
        self.device.attached.kind == fieldkey_device::Kind::Drive
    }

    fn failure(&self, code: Code) -> Failure {
        Failure::new(code).about(self.name())
    }

    fn is_there(&self) -> Result<(), Failure> {
        if self.device.is_plugged() { Ok(()) } else { Err(self.failure(Code::TargetGone)) }
    }

    /// A claim that was not written whole is of no use to anybody, and stands in nobody's way.
    fn refuse_occupied(&self) -> Result<(), Failure> {
        let held = self.device.held();
        let lives = held.claim.as_ref().filter(|claim| claim.whole && claim.over > Instant::now());
        let why = match (&held.identity, lives) {
            (Some(own), _) => {
                let name = &own.identity.thing_name;
                Why::new(format!("the identity of {name}"), format!("{name} のデバイス証明書"))
            }
            (None, Some(claim)) => {
                let minutes = claim.over.saturating_duration_since(Instant::now()).as_secs() / 60 + 1;
                Why::new(format!("a claim for {minutes} more min"), format!("あと {minutes} 分有効なクレーム"))
            }
            (None, None) => return Ok(()),
        };
        Err(self.failure(Code::IdentityPresent).because_of(why))
    }
}
