//! A bundle in force, until it is known which stays: it, or what it replaced.

use async_trait::async_trait;
use fieldkey_core::ports::{InForce, Kind};
use fieldkey_core::{Code, Failure, Why};

use super::change::{alone, remove};
use super::files::{self, Found};
use super::staged::{Displaced, Written};
use super::temporary::{Temporary, staged};
use super::{blocking, steps};
use crate::layout::{CA, CERTIFICATE, IDENTITY, PRIVATE_KEY, Record, SETTINGS};

/// Beside the new files lie the old ones, and copies of those whose names the new ones took.
pub(super) struct Standing(Written);

impl Standing {
    pub(super) fn of(written: Written) -> Self {
        Self(written)
    }
}

#[async_trait]
impl InForce for Standing {
    async fn withdraw(mut self: Box<Self>) -> Result<(), Failure> {
        let done = blocking(move || self.0.stands().and_then(|()| self.0.take_back())).await;
        done.map_err(|failure| {
            let why = Why::new(
                "what was written could not be taken back, and may still be in force there",
                "書き込んだ内容を取り消せませんでした。デバイスに残っている可能性があります",
            );
            gone(failure, why)
        })
    }

    async fn settle(self: Box<Self>) -> Result<(), Failure> {
        let done = blocking(move || self.0.stands().and_then(|()| self.0.settle())).await;
        done.map_err(|failure| {
            let why = Why::new(
                "the new identity is in force, but files of the old one may still lie there",
                "新しいデバイス証明書は有効ですが、古いファイルが残っている可能性があります",
            );
            gone(failure, why)
        })
    }
}

/// What it means here that the drive is gone. Other reasons are the system's to say.
fn gone(failure: Failure, why: Why) -> Failure {
    if failure.code == Code::TargetGone { failure.because_of(why) } else { failure }
}

impl Written {
    /// Is it still this bundle that is in force there? A drive of somebody else's that looks like ours must not
    /// lose anything.
    fn stands(&self) -> Result<(), Failure> {
        self.folder.same()?;
        let Some(marker) = self.files.last() else { return Ok(()) };
        match files::read(&self.folder, &marker.name)? {
            Found::Bytes(bytes) if *bytes == self.marker => Ok(()),
            _ => Err(self.folder.failure(Code::TargetGone)),
        }
    }

    /// Has the folder as it was. The last file first: nothing may go from under a record that is still in force.
    pub(super) fn take_back(&mut self) -> Result<(), Failure> {
        let Self { folder, kind, files, marker: bytes, displaced, .. } = self;
        let Some((marker, rest)) = files.split_last_mut() else { return Ok(()) };
        // Should this be broken off, the record tells the next run what is to go. There may be no room for it.
        let record = *kind == Kind::Identity && marker.placed();
        let record = record.then(|| Temporary::write(folder, &staged(IDENTITY), bytes));
        marker.take_back(folder)?;
        let put_back = match displaced {
            Some(Displaced { kept, gone: true }) => kept.put_back(folder),
            _ => Ok(()),
        };
        let taken_back = rest.iter_mut().rev().map(|change| change.take_back(folder)).fold(put_back, Result::and);
        drop(record);
        taken_back
    }

    /// Removes what an identity replaced: another identity's certificate and key, and a claim. Nobody needs them any
    /// more, and no key may lie about. What one file's removal meets does not keep the others.
    fn settle(self) -> Result<(), Failure> {
        let mut going = vec![];
        if self.kind == Kind::Identity {
            // Settings first: without them a claim is none.
            going.extend([SETTINGS, PRIVATE_KEY, CERTIFICATE].map(str::to_owned));
            going.extend(self.old.iter().flat_map(|old| self.replaced(old)));
        }
        let Self { folder, kind, files, .. } = self;
        let remove = |name: String| match folder.listed(&name)? {
            Some(listed) if folder.file(&listed).is_dir() => Ok(()),
            Some(listed) => remove(&folder, &listed),
            None => Ok(()),
        };
        let removed = going.into_iter().map(remove).fold(Ok(()), Result::and);
        let alone = if kind == Kind::Identity { alone(&folder, IDENTITY) } else { Ok(()) };
        drop(files);
        let through = steps::sync_folder(folder.path()).map_err(|error| folder.fault(&error));
        removed.and(alone).and(through)
    }

    /// The key and the certificate of the identity that was replaced. A record may name anything: what is called
    /// otherwise and is not what the record says of it is none of its files.
    fn replaced(&self, old: &Record) -> Vec<String> {
        let own = Record::names(&old.certificate_id);
        let stays = |name: &str| {
            let new = self.files.iter().map(|change| &*change.name);
            new.chain([CA, &old.files.ca]).any(|stays| stays.eq_ignore_ascii_case(name))
        };
        let its = |name: &&str| {
            let fits = || matches!(files::read(&self.folder, name), Ok(Found::Bytes(bytes)) if old.fits(name, &bytes));
            !stays(name) && (own.iter().any(|own| own.eq_ignore_ascii_case(name)) || fits())
        };
        [&*old.files.private_key, &*old.files.certificate].into_iter().filter(its).map(str::to_owned).collect()
    }
}
