//! A bundle in force, until it is known which stays: it, or what it replaced.

use async_trait::async_trait;
use fieldkey_core::ports::{InForce, Kind};
use fieldkey_core::{Code, Failure, Why};

use super::change::{Before, Change, alone, remove};
use super::files::{self, Found};
use super::folder::Folder;
use super::staged::{Displaced, Written};
use super::temporary::{REPLACED, Temporary, staged};
use super::{blocking, steps, superseded};
use crate::layout::{Claim, IDENTITY, Record, SETTINGS};

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

    async fn settle(mut self: Box<Self>) -> Result<(), Failure> {
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

impl Drop for Standing {
    /// Unproved, the record of what was replaced stays: it alone tells a later run which key is to go.
    fn drop(&mut self) {
        let Written { folder, kind: Kind::Identity, files, .. } = &mut self.0 else { return };
        let Some(Change { before: Before::Other(kept), .. }) = files.last_mut() else { return };
        if kept.leave() {
            let aside = folder.same().and_then(|()| superseded::put_aside(folder));
            tracing::debug!(aside = aside.is_ok(), "the replaced record stays");
        }
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
        // With a line more it is not what lies there already: that would be a rename that was cut.
        let record = record.then(|| Temporary::write(folder, &staged(IDENTITY), &[bytes.as_slice(), b"\n"].concat()));
        marker.take_back(folder)?;
        let put_back = match displaced {
            Some(Displaced { kept, gone: true }) => kept.put_back(folder),
            _ => Ok(()),
        };
        let taken_back = rest.iter_mut().rev().map(|change| change.take_back(folder)).fold(put_back, Result::and);
        drop(record);
        taken_back
    }

    /// Removes what an identity replaced: certificates and keys of identities before it, and a claim. Nobody needs
    /// them any more, and no key may lie about. What one file's removal meets does not keep the others; the record of
    /// what was replaced goes only if all went well.
    fn settle(&mut self) -> Result<(), Failure> {
        let mut removed = Ok(());
        if self.kind == Kind::Identity {
            for name in self.going()? {
                let tells_of_others = name == SETTINGS || name.ends_with(REPLACED);
                if removed.is_ok() || !tells_of_others {
                    removed = removed.and(self.remove(&name));
                }
            }
            removed = removed.and(alone(&self.folder, IDENTITY));
        }
        if removed.is_ok() {
            self.files.clear();
        }
        let through = steps::sync_folder(self.folder.path()).map_err(|error| self.folder.fault(&error));
        removed.and(through)
    }

    /// What is to go, each record after what it names: should this be broken off, the next run goes on by it.
    fn going(&self) -> Result<Vec<String>, Failure> {
        let mut going = self.claim()?;
        // A record may name anything. Only what a layout calls an identity's files is taken for them.
        if let Some(old) = &self.old {
            let fits = |name: &String| fits(&self.folder, name, |bytes| old.fits(name, bytes));
            let ca = |name: &String| *name == old.files.ca;
            going.extend(Record::names(&old.certificate_id));
            going.extend(old.own(self.folder.layout()).into_iter().filter(|name| !ca(name) && fits(name)));
        }
        going.extend(superseded::going(&self.folder)?);
        going.retain(|name| !self.files.iter().any(|change| change.name.eq_ignore_ascii_case(name)));
        Ok(going)
    }

    /// The files of a claim of ours: what others call the same stays.
    fn claim(&self) -> Result<Vec<String>, Failure> {
        let Found::Bytes(settings) = files::read(&self.folder, SETTINGS)? else { return Ok(vec![]) };
        let Some(claim) = Claim::parse(&settings) else { return Ok(vec![]) };
        let fits = |name: &String| fits(&self.folder, name, |bytes| claim.fits(name, bytes));
        let its = claim.own(self.folder.layout()).into_iter().filter(|name| *name != claim.files.ca && fits(name));
        Ok(its.chain([SETTINGS.to_owned()]).collect())
    }

    fn remove(&self, name: &str) -> Result<(), Failure> {
        match self.folder.listed(name)? {
            Some(listed) if self.folder.file(&listed).is_dir() => Ok(()),
            Some(listed) => remove(&self.folder, &listed),
            None => Ok(()),
        }
    }
}

fn fits(folder: &Folder, name: &str, is: impl Fn(&[u8]) -> bool) -> bool {
    matches!(files::read(folder, name), Ok(Found::Bytes(bytes)) if is(&bytes))
}
