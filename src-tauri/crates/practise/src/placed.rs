//! A bundle on a pretended device, from staged to settled.

use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{InForce, Staged};
use fieldkey_core::{Bundle, Code, Failure, Identity, x509};
use tokio::time::Instant;

use crate::contents::File;
use crate::device::{Claimed, Device, Fault, Own};
use crate::{World, held};

pub(crate) struct Placed {
    world: Arc<World>,
    device: Arc<Device>,
    files: Vec<File>,
    what: What,
}

enum What {
    /// It is over then.
    Claim(Instant),
    Identity(Box<Identity>),
}

impl Placed {
    pub(crate) fn new(world: Arc<World>, device: Arc<Device>, bundle: &Bundle, files: Vec<File>) -> Self {
        let what = match bundle {
            Bundle::Claim(claim) => {
                let over = held(&world.claims).over(&claim.certificate_id);
                What::Claim(over.unwrap_or_else(Instant::now))
            }
            Bundle::Identity(identity) => What::Identity(Box::new(identity.clone())),
        };
        Self { world, device, files, what }
    }
}

#[async_trait]
impl Staged for Placed {
    async fn commit(mut self: Box<Self>) -> Result<Box<dyn InForce>, Failure> {
        if !self.device.is_plugged() {
            return Err(Failure::new(Code::TargetGone).about(&self.device.attached.target));
        }
        let whole = !self.device.shows(Fault::BadCable);
        if !whole {
            spoil(&mut self.files);
        }
        let standing = self.place(whole)?;
        // After it: a commit that has begun is carried to its end whatever becomes of the run.
        standing.world.clock.takes(200).await;
        Ok(Box::new(standing))
    }
}

impl Placed {
    fn place(self, whole: bool) -> Result<Standing, Failure> {
        let mut held = self.device.held();
        let before = match self.what {
            What::Claim(over) => Before::Claim(held.claim.replace(Claimed { files: self.files, over, whole })),
            What::Identity(identity) => {
                if identity.private_key_pem.is_none() {
                    let key = held.key.take().ok_or_else(|| rejected(&self.device))?;
                    let matches = x509::key_matches(&identity.certificate_pem, &key).unwrap_or(false);
                    if !matches {
                        return Err(rejected(&self.device));
                    }
                }
                let own = Own { files: self.files, identity: *identity };
                Before::Identity(held.identity.replace(own).map(Box::new))
            }
        };
        drop(held);
        Ok(Standing { world: self.world, device: self.device, before })
    }
}

/// A bit flips on the way.
fn spoil(files: &mut [File]) {
    if let Some(byte) = files.first_mut().and_then(|file| file.bytes.get_mut(100)) {
        *byte ^= 1;
    }
}

/// The certificate is not for the key that the device made last.
fn rejected(device: &Device) -> Failure {
    Failure::new(Code::DeviceRejected).about(&device.attached.target)
}

/// A bundle in force.
struct Standing {
    world: Arc<World>,
    device: Arc<Device>,
    before: Before,
}

/// What it replaced.
enum Before {
    Claim(Option<Claimed>),
    Identity(Option<Box<Own>>),
}

#[async_trait]
impl InForce for Standing {
    async fn withdraw(self: Box<Self>) -> Result<(), Failure> {
        self.world.clock.takes(300).await;
        if !self.device.is_plugged() {
            return Err(Failure::new(Code::TargetGone).about(&self.device.attached.target));
        }
        let mut held = self.device.held();
        match self.before {
            Before::Claim(before) => held.claim = before,
            Before::Identity(before) => held.identity = before.map(|own| *own),
        }
        Ok(())
    }

    /// A claim that the device never used is of no use to it any more.
    async fn settle(self: Box<Self>) -> Result<(), Failure> {
        if matches!(self.before, Before::Identity(_)) {
            self.device.held().claim = None;
        }
        Ok(())
    }
}
