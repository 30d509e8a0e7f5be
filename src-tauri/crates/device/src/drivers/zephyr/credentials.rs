//! The board's places for credentials: a security tag, with a type for each part.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fieldkey_core::{Code, Failure, Why};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::refusal::refusal;
use super::{WITHIN, Zephyr};
use crate::drivers::{Held, Slots};
use crate::layout::{Content, Part};
use crate::serial::Line;

const PARTS: [(Part, &str); 3] = [(Part::Ca, "CA"), (Part::Certificate, "SERV"), (Part::PrivateKey, "PK")];

/// So often something is asked for until two answers agree.
const ASKS: usize = 4;

const FOUND: &str = "credentials found";
const NONE: &str = "There is no TLS credential";

fn kind(part: Part) -> Option<&'static str> {
    PARTS.into_iter().find_map(|(of, kind)| (of == part).then_some(kind))
}

/// What is in a place, and its SHA-256 where the firmware makes one.
type Entry = (Part, Option<[u8; 32]>);

impl Zephyr {
    fn slot(&self, part: Part) -> String {
        kind(part).map_or_else(String::new, |kind| format!("sec tag {}, {kind}", self.tag))
    }

    /// What is there, with digests where the firmware makes some. The number of lines is said, too; an answer in which
    /// they do not agree was damaged.
    fn list(&mut self, line: &mut Line) -> Result<Vec<Entry>, Failure> {
        let command = format!("cred list {}", self.tag);
        for _ in 0..ASKS {
            let said = self.run(line, &command, WITHIN, &[FOUND])?;
            let lines: Vec<_> = said.lines().filter_map(|said| entry(said.trim(), self.tag)).collect();
            let count = said.lines().find_map(|line| line.trim().strip_suffix(FOUND_END)?.parse::<usize>().ok());
            if count == Some(lines.len()) {
                return Ok(lines.into_iter().filter_map(|(part, digest)| Some((part?, digest))).collect());
            }
        }
        let why = Why::new("its list of credentials comes damaged", "認証情報の一覧が破損した状態で届きます");
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }

    /// Its content, until it is the one with this digest, or twice the same. `None` if there is nothing, or no text.
    fn get(
        &mut self,
        line: &mut Line,
        part: Part,
        digest: Option<[u8; 32]>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let Some(kind) = kind(part) else { return Ok(None) };
        let command = format!("cred get {} {kind} bint", self.tag);
        let mut last: Option<Zeroizing<Vec<u8>>> = None;
        for _ in 0..ASKS {
            let said = self.run(line, &command, WITHIN, &["Credential buffer cleared", NONE, "isn't NULL"])?;
            if said.contains(NONE) || said.contains("isn't NULL") {
                return Ok(None);
            }
            let Some(content) = content(&said) else { continue };
            let sure = match digest {
                Some(digest) => ended(&content) == digest,
                None => last.as_ref().is_some_and(|last| **last == *content),
            };
            if sure {
                return Ok(Some(content));
            }
            last = Some(content);
        }
        let why = Why::new("what it gives back comes damaged", "読み出した内容が破損した状態で届きます");
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }

    fn is(&mut self, line: &mut Line, content: &Content) -> Result<bool, Failure> {
        for _ in 0..2 {
            let listed = self.list(line)?;
            let is = match listed.into_iter().find(|(part, _)| *part == content.part) {
                None => false,
                Some((_, Some(digest))) => digest == ended(&content.bytes),
                // A firmware without digests gives everything back.
                Some((part, None)) => self.get(line, part, None)?.is_some_and(|held| *held == *content.bytes),
            };
            if is {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Slots for Zephyr {
    fn place(&self, part: Part) -> Option<String> {
        kind(part).map(|_| self.slot(part))
    }

    fn held(&mut self, line: &mut Line) -> Result<Vec<Held>, Failure> {
        let listed = self.list(line)?;
        self.holds_key = listed.iter().any(|(part, _)| *part == Part::PrivateKey);
        let digest = |digest| format!("sha256:{}", hex::encode(digest));
        let held = |(part, of): (Part, Option<[u8; 32]>)| Held { part, bytes: None, digest: of.map(digest) };
        Ok(listed.into_iter().map(held).collect())
    }

    fn room(&mut self, line: &mut Line, sizes: &[(Part, usize)]) -> Result<(), Failure> {
        let largest = sizes.iter().filter(|(part, _)| kind(*part).is_some()).map(|(_, size)| *size).max();
        self.prove(line, largest.unwrap_or(0))
    }

    fn read(&mut self, line: &mut Line, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let listed = self.list(line)?.into_iter().find(|(of, _)| *of == part);
        listed.map_or(Ok(None), |(part, digest)| self.get(line, part, digest))
    }

    fn remove(&mut self, line: &mut Line, part: Part) -> Result<(), Failure> {
        let Some(kind) = kind(part) else { return Ok(()) };
        if part == Part::PrivateKey && std::mem::take(&mut self.made_key) {
            self.delete_made_key(line)?;
        }
        let said =
            self.run(line, &format!("cred del {} {kind}", self.tag), WITHIN, &["Deleted TLS", NONE, "failed with"]);
        match said {
            Ok(said) if said.contains("Deleted TLS") || said.contains(NONE) => Ok(()),
            // Only the answer may have been lost or damaged.
            said => match self.list(line) {
                Ok(listed) if listed.iter().all(|(of, _)| *of != part) => Ok(()),
                _ => Err(said.map_or_else(|failure| failure, |said| refusal(line, &self.slot(part), &said))),
            },
        }
    }

    fn write(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        let Some(kind) = kind(content.part) else { return Ok(()) };
        let format = self.load(line, &content.bytes)?;
        let command = format!("cred add {} {kind} DEFAULT {format}", self.tag);
        let words =
            ["Added TLS", "already exists", "Could not", "Please provide", "Not enough", "No reference", "Failed to"];
        let said = self.run(line, &command, WITHIN, &words);
        self.volatile = self.volatile || said.as_ref().is_ok_and(|said| said.contains("copied to heap"));
        match said {
            Ok(said) if said.contains("Added TLS") => {
                self.holds_key = self.holds_key || content.part == Part::PrivateKey;
                Ok(())
            }
            Ok(said) => Err(refusal(line, &self.slot(content.part), &said)),
            Err(failure) if failure.code == Code::DeviceSilent => match self.is(line, content) {
                Ok(true) => Ok(()),
                _ => Err(failure),
            },
            Err(failure) => Err(failure),
        }
    }

    fn verify(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        if kind(content.part).is_none() || self.is(line, content)? {
            return Ok(());
        }
        let place = self.slot(content.part);
        let why = Why::new(format!("{place} holds something else"), format!("{place} の内容が一致しません"));
        Err(line.failure(Code::VerifyMismatch).because_of(why))
    }
}

const FOUND_END: &str = " credentials found.";

/// The digest that the firmware makes: with the NUL at the end.
fn ended(pem: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(pem);
    hash.update([0]);
    hash.finalize().into()
}

/// `42,CA,<base64 of a digest>,0`; a part that is none of ours has none.
fn entry(said: &str, tag: u32) -> Option<(Option<Part>, Option<[u8; 32]>)> {
    let fields: Vec<&str> = said.split(',').collect();
    let &[of, kind, digest, status] = fields.as_slice() else { return None };
    let known = ["CA", "SERV", "PK", "PK_PSA", "PSK", "PSK_ID"].contains(&kind);
    if !known || of.parse() != Ok(tag) {
        return None;
    }
    let part = PARTS.into_iter().find_map(|(part, of)| (of == kind).then_some(part));
    if status == "0" {
        let digest = STANDARD.decode(digest).ok()?.try_into().ok()?;
        return Some((part, Some(digest)));
    }
    (digest == "ERROR").then_some((part, None))
}

/// Base64 in short lines, with anything in between that is none.
fn content(said: &str) -> Option<Zeroizing<Vec<u8>>> {
    let base64 = |line: &&str| {
        !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    };
    let mut content = Zeroizing::new(Vec::with_capacity(said.len()));
    for line in said.lines().map(str::trim).filter(base64) {
        let piece = Zeroizing::new(STANDARD.decode(line).ok()?);
        content.extend_from_slice(&piece);
    }
    Some(content)
}

#[cfg(test)]
mod tests {
    use fieldkey_simulators::Chance;

    use super::*;

    #[test]
    fn an_entry_is_a_line_of_its_own_kind() {
        let digest = STANDARD.encode([7; 32]);
        assert_eq!(entry(&format!("42,SERV,{digest},0"), 42), Some((Some(Part::Certificate), Some([7; 32]))));
        assert_eq!(entry("42,PK,ERROR,-134", 42), Some((Some(Part::PrivateKey), None)));
        assert_eq!(entry("42,PSK,ERROR,-134", 42), Some((None, None)));
        assert_eq!(entry(&format!("43,SERV,{digest},0"), 42), None, "another tag was not asked for");
        assert_eq!(entry(&format!("42,SERV,{},0", &digest[1..]), 42), None, "a byte was lost");
    }

    #[test]
    fn no_bytes_make_it_stumble() {
        let words = ["42,", "CA,", "ERROR,", "-134", "\n", "credentials found.", "3 ", "uart:~$ ", "AAAA", "=", "é"];
        for seed in 0..500 {
            let mut chance = Chance::new(seed);
            let garbage: String = (0..60).map(|_| words[chance.below(11) as usize]).collect();
            for line in garbage.lines() {
                let _ = entry(line, 42);
            }
            assert!(
                content(&garbage).is_none_or(|content| content.len() <= garbage.len()),
                "nothing comes from nothing"
            );
        }
    }
}
