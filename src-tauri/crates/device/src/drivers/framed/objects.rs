//! The objects that a device keeps, as a folder of files.

use std::collections::BTreeSet;

use fieldkey_core::ports::Caution;
use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::codec::{LONGEST, Request};
use super::fields::{Fields, add_text, sized};
use super::link::{Link, Payload};
use super::refusal::Refusal;
use super::{Framed, RESTARTS};
use crate::drivers::{Files, Listed};
use crate::layout::sha256;
use crate::serial::Line;

/// No object is read back beyond this, whatever the device says of its size, in bytes.
const LARGEST: u32 = 1024 * 1024;

/// What an object is for, as the device is told.
#[derive(Clone, Copy)]
enum Kind {
    Other = 0,
    Certificate = 1,
    PrivateKey = 2,
    Settings = 3,
}

impl Kind {
    /// Told by content: objects come under temporary names. A device gives no private key back.
    fn of(bytes: &[u8]) -> Self {
        let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
        if holds(b"PRIVATE KEY-----") || der_begins_with(bytes) == Some(INTEGER) {
            Self::PrivateKey
        } else if holds(b"-----BEGIN CERTIFICATE-----") || der_begins_with(bytes) == Some(SEQUENCE) {
            Self::Certificate
        } else if bytes.first() == Some(&b'{') {
            Self::Settings
        } else {
            Self::Other
        }
    }
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// The first tag within a sequence. Keys (PKCS#1, PKCS#8, SEC 1) and PKCS#12 begin with a version, certificates with
/// another sequence.
fn der_begins_with(bytes: &[u8]) -> Option<u8> {
    let (SEQUENCE, length) = (*bytes.first()?, *bytes.get(1)?) else { return None };
    let more = if length & 0x80 == 0 { 0 } else { length & 0x7f };
    bytes.get(2 + usize::from(more)).copied()
}

impl Framed {
    /// One page of the list: the room left, the number of all objects, and those from `first` on.
    fn page(&mut self, line: &mut Line, first: u8) -> Result<(u32, u8, Vec<Listed>), Failure> {
        let reply = self.ask(line, Request::List, &[first])?.map_err(|refusal| refusal.failure(line))?;
        parse_page(&reply).ok_or_else(|| Link::nonsense(line))
    }

    pub(super) fn read_whole(&mut self, line: &mut Line, name: &str) -> Result<Result<Payload, Refusal>, Failure> {
        let mut whole = sized(0);
        loop {
            let offset = u32::try_from(whole.len()).unwrap_or(LARGEST);
            let mut payload = offset.to_be_bytes().to_vec();
            payload.extend(LONGEST.to_be_bytes());
            named(line, &mut payload, name)?;
            let reply = match self.ask(line, Request::Read, &payload)? {
                Ok(reply) => reply,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let mut fields = Fields(&reply);
            let total = fields.u32().filter(|total| *total <= LARGEST).ok_or_else(|| Link::nonsense(line))?;
            if whole.is_empty() {
                whole = sized(total as usize);
            }
            whole.extend_from_slice(fields.0);
            if whole.len() == total as usize {
                return Ok(Ok(whole));
            }
            if fields.is_empty() || whole.len() > total as usize {
                return Err(Link::nonsense(line));
            }
        }
    }

    /// Writes once; the digest is the device's, of what it has stored. A refusal may be because it started again.
    fn write_once(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<Result<Payload, Refusal>, Failure> {
        let limit = self.hello(line)?.payload;
        let total = u32::try_from(bytes.len()).map_err(|_| Refusal::TooLarge.failure(line))?;
        let mut offset = 0;
        loop {
            let mut payload = sized(limit);
            payload.extend(u32::try_from(offset).unwrap_or(total).to_be_bytes());
            if offset == 0 {
                payload.extend(total.to_be_bytes());
                payload.push(Kind::of(bytes) as u8);
                named(line, &mut payload, name)?;
            }
            let rest = bytes.get(offset..).unwrap_or_default();
            let (now, later) = rest.split_at(rest.len().min(limit.saturating_sub(payload.len())));
            payload.extend_from_slice(now);
            match self.link.exchange(line, Request::Write, &payload)? {
                Ok(digest) if later.is_empty() => return Ok(Ok(digest)),
                Ok(_) => offset += now.len(),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
    }

    /// Was a commit carried out whose reply was lost when the device started again? It is done whole or not at all, so
    /// its sources tell.
    fn was_committed(&mut self, line: &mut Line, moves: &[(&str, &str)]) -> Result<bool, Failure> {
        let names: BTreeSet<String> = self.list(line)?.into_iter().map(|listed| listed.name).collect();
        let sources = || moves.iter().map(|(from, _)| *from).filter(|from| moves.iter().all(|(_, to)| to != from));
        let left = sources().filter(|from| names.contains(*from)).count();
        let targets = moves.iter().map(|(_, to)| *to).filter(|to| moves.iter().all(|(from, _)| from != to));
        let there = targets.into_iter().all(|to| names.contains(to));
        match (left, sources().count()) {
            (0, 1..) if there => Ok(true),
            (left, all) if left == all && all > 0 => Ok(false),
            _ => {
                let why =
                    Why::new("it started again and did half of what was asked", "再起動により処理が途中で終わりました");
                Err(line.failure(Code::DeviceRejected).because_of(why))
            }
        }
    }

    fn commit(&mut self, line: &mut Line, moves: &[(&str, &str)], payload: &[u8]) -> Result<(), Failure> {
        for (from, to) in moves {
            self.digests.remove(*from);
            self.digests.remove(*to);
        }
        for _ in 0..RESTARTS {
            match self.link.exchange(line, Request::Commit, payload)? {
                Ok(_) => return Ok(()),
                Err(Refusal::NoSession) => self.greet_again(line)?,
                Err(refusal) => return Err(refusal.failure(line)),
            }
            if self.was_committed(line, moves)? {
                return Ok(());
            }
        }
        Err(Refusal::NoSession.failure(line))
    }
}

impl Files for Framed {
    fn list(&mut self, line: &mut Line) -> Result<Vec<Listed>, Failure> {
        let mut all = vec![];
        loop {
            let first = u8::try_from(all.len()).unwrap_or(u8::MAX);
            let (_, count, page) = self.page(line, first)?;
            let empty = page.is_empty();
            all.extend(page);
            if all.len() >= count.into() {
                return Ok(all);
            }
            if empty {
                return Err(Link::nonsense(line));
            }
        }
    }

    fn room(&mut self, line: &mut Line) -> Result<Option<u64>, Failure> {
        let (room, count, _) = self.page(line, u8::MAX)?;
        let more = count < self.hello(line)?.objects;
        Ok(Some(if more { room.into() } else { 0 }))
    }

    fn gives_keys(&self) -> bool {
        self.hello.as_ref().is_none_or(|hello| hello.cautions().contains(&Caution::ReadableKey))
    }

    fn read(&mut self, line: &mut Line, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        match self.read_whole(line, name)? {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Refusal::NotFound) => Ok(None),
            Err(refusal) => Err(refusal.failure(line)),
        }
    }

    fn write(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let hello = self.hello(line)?;
        if bytes.len() > hello.object_size as usize {
            let (size, limit) = (bytes.len(), hello.object_size);
            return Err(line.failure(Code::TargetFull).because_of(Why::new(
                format!("`{name}` has {size} bytes, and it takes {limit} at most"),
                format!("`{name}` は {size} バイトですが、保存できるのは {limit} バイトまでです"),
            )));
        }
        if name.len() > hello.name.into() {
            return Err(Refusal::BadName.failure(line));
        }
        if hello.kinds >> Kind::of(bytes) as u8 & 1 == 0 {
            return Err(Refusal::BadKind.failure(line));
        }
        self.digests.remove(name);
        for _ in 0..RESTARTS {
            let digest = match self.write_once(line, name, bytes)? {
                Ok(digest) => digest,
                Err(Refusal::NoSession) => {
                    self.greet_again(line)?;
                    continue;
                }
                // It started again and was greeted by nobody since: what was begun is gone.
                Err(Refusal::WrongOffset(_)) => continue,
                Err(refusal) => return Err(refusal.failure(line)),
            };
            let digest = hex::encode(&digest[..]);
            if digest != sha256(bytes) {
                return Err(line.failure(Code::VerifyMismatch));
            }
            self.digests.insert(name.to_owned(), digest);
            return Ok(());
        }
        Err(Refusal::NoSession.failure(line))
    }

    fn sha256(&mut self, line: &mut Line, name: &str) -> Result<Option<String>, Failure> {
        if let Some(digest) = self.digests.get(name) {
            return Ok(Some(digest.clone()));
        }
        let mut payload = vec![];
        named(line, &mut payload, name)?;
        let reply = self.ask(line, Request::Digest, &payload)?.map_err(|refusal| refusal.failure(line))?;
        match reply.split_at_checked(4) {
            Some((_, digest)) if digest.len() == 32 => Ok(Some(hex::encode(digest))),
            _ => Err(Link::nonsense(line)),
        }
    }

    fn rename(&mut self, line: &mut Line, from: &str, to: &str) -> Result<(), Failure> {
        self.rename_all(line, &[(from, to)])
    }

    /// At once, as far as the device takes so many in one frame; what does not fit comes after it, in order.
    fn rename_all(&mut self, line: &mut Line, moves: &[(&str, &str)]) -> Result<(), Failure> {
        let mut rest = moves;
        while !rest.is_empty() {
            let hello = self.hello(line)?;
            let (most, limit) = (hello.moves.into(), hello.payload);
            let (mut payload, mut count) = (vec![0], 0_usize);
            for (from, to) in rest.iter().take(most) {
                if count > 0 && payload.len() + from.len() + to.len() + 2 > limit {
                    break;
                }
                named(line, &mut payload, from)?;
                named(line, &mut payload, to)?;
                count += 1;
            }
            let (now, later) = rest.split_at(count);
            if let (Some(first), Ok(count)) = (payload.first_mut(), u8::try_from(count)) {
                *first = count;
            }
            self.commit(line, now, &payload)?;
            rest = later;
        }
        Ok(())
    }

    fn remove(&mut self, line: &mut Line, name: &str) -> Result<(), Failure> {
        self.digests.remove(name);
        let mut payload = vec![];
        named(line, &mut payload, name)?;
        self.ask(line, Request::Remove, &payload)?.map(drop).map_err(|refusal| refusal.failure(line))
    }

    /// What is answered is stored: the protocol says so.
    fn sync(&mut self, _: &mut Line) -> Result<(), Failure> {
        Ok(())
    }
}

fn named(line: &Line, payload: &mut Vec<u8>, name: &str) -> Result<(), Failure> {
    add_text(payload, name).ok_or_else(|| Refusal::BadName.failure(line))
}

fn parse_page(reply: &[u8]) -> Option<(u32, u8, Vec<Listed>)> {
    let mut fields = Fields(reply);
    let (room, count) = (fields.u32()?, fields.byte()?);
    let mut page = vec![];
    while !fields.is_empty() {
        let _kind = fields.byte()?;
        let bytes = Some(fields.u32()?.into());
        page.push(Listed { name: fields.text()?, bytes });
    }
    Some((room, count, page))
}
