//! The modem's places for credentials: a security tag, with a type for each part.

use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::answer::{Answer, Outcome};
use super::{Nrf91, refusal};
use crate::drivers::{Held, Slots};
use crate::layout::{Content, Part};
use crate::serial::Line;

/// The modem writes into its flash before it answers.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

const NOT_FOUND: u16 = 513;
const NO_ACCESS: u16 = 514;
const ACTIVE: u16 = 518;

/// So often a list is asked for until two agree.
const LISTS: usize = 4;

const PARTS: [(Part, u8); 3] = [(Part::Ca, 0), (Part::Certificate, 1), (Part::PrivateKey, 2)];

fn kind(part: Part) -> Option<u8> {
    PARTS.into_iter().find_map(|(of, kind)| (of == part).then_some(kind))
}

impl Nrf91 {
    pub(super) fn slot(&self, part: Part) -> String {
        kind(part).map_or_else(String::new, |kind| format!("sec_tag {}, type {kind}", self.tag))
    }

    /// Something that changes the store. The modem may have started again since it was made ready.
    fn change(&mut self, line: &mut Line, command: &[u8]) -> Result<Answer, Failure> {
        if !self.is_offline {
            self.offline(line)?;
        }
        let answer = self.link.command(line, command, WRITE_WITHIN)?;
        if !matches!(answer.result, Outcome::Error(None | Some(ACTIVE))) {
            return Ok(answer);
        }
        self.settle(line, "AT+CMEE=1")?;
        self.offline(line)?;
        self.link.command(line, command, WRITE_WITHIN)
    }

    /// The digests of these places.
    fn list(&mut self, line: &mut Line, part: Option<Part>) -> Result<Vec<(u8, String)>, Failure> {
        let kind = part.and_then(kind).map_or_else(String::new, |kind| format!(",{kind}"));
        let command = format!("AT%CMNG=1,{}{kind}", self.tag);
        let answer = self.ask(line, &command)?;
        match answer.result {
            Outcome::Ok => Ok(answer.with("%CMNG: ").filter_map(|said| digest(said, self.tag)).collect()),
            Outcome::Error(Some(NOT_FOUND)) => Ok(vec![]),
            Outcome::Error(number) => Err(refusal(line, &format!("sec_tag {}", self.tag), number)),
        }
    }

    fn holds(&mut self, line: &mut Line, content: &Content) -> Result<bool, Failure> {
        let expected = hex::encode(Sha256::digest(&*stored_as(&content.bytes)));
        let wanted = kind(content.part);
        let mut holds = || {
            let listed = self.list(line, Some(content.part))?;
            Ok(listed.iter().any(|(kind, digest)| Some(*kind) == wanted && *digest == expected))
        };
        // A digest that arrives damaged is not the fault of what is stored.
        Ok(holds()? || holds()?)
    }

    /// Does the AT host take commands of so many bytes? If not, it drops the rest, and waits for a quote for ever.
    fn prove(&mut self, line: &mut Line, bytes: usize) -> Result<(), Failure> {
        if bytes <= self.proved {
            return Ok(());
        }
        let mut command = format!("AT%CMNG=1,{},0,\"", self.tag);
        command.extend(std::iter::repeat_n('x', bytes));
        command.push('"');
        match self.link.command(line, command.as_bytes(), WRITE_WITHIN) {
            // Whatever it is, it answers the whole of it.
            Ok(_) => {
                self.proved = bytes;
                Ok(())
            }
            Err(failure) if failure.code == Code::DeviceSilent => {
                self.link.recover(line)?;
                let why = Why::new(
                    format!(
                        "its firmware takes no AT command with {bytes} bytes of content; CONFIG_AT_HOST_CMD_MAX_LEN says how many"
                    ),
                    format!(
                        "ファームウェアが内容 {bytes} バイトの AT コマンドを受け取れません。CONFIG_AT_HOST_CMD_MAX_LEN を確認してください"
                    ),
                );
                Err(line.failure(Code::TargetFull).because_of(why))
            }
            Err(failure) => Err(failure),
        }
    }
}

impl Slots for Nrf91 {
    fn place(&self, part: Part) -> Option<String> {
        kind(part).map(|_| self.slot(part))
    }

    fn held(&mut self, line: &mut Line) -> Result<Vec<Held>, Failure> {
        let mut last = self.list(line, None)?;
        // What is missing from a damaged list would be taken for an empty place.
        let mut agreed = false;
        for _ in 1..LISTS {
            let again = self.list(line, None)?;
            agreed = again == last;
            last = again;
            if agreed {
                break;
            }
        }
        if !agreed {
            let why = Why::new("its list is another one each time", "一覧の内容が毎回異なります");
            return Err(line.failure(Code::DeviceRejected).because_of(why));
        }
        let of = |kind: u8| PARTS.into_iter().find_map(|(part, of)| (of == kind).then_some(part));
        let held = |(kind, digest): (u8, String)| {
            of(kind).map(|part| Held { part, bytes: None, digest: Some(format!("sha256:{digest}")) })
        };
        let held: Vec<Held> = last.into_iter().filter_map(held).collect();
        self.occupied = !held.is_empty();
        Ok(held)
    }

    fn room(&mut self, line: &mut Line, sizes: &[(Part, usize)]) -> Result<(), Failure> {
        let largest = sizes.iter().filter(|(part, _)| kind(*part).is_some()).map(|(_, size)| *size).max().unwrap_or(0);
        // Where nothing would be removed, writing itself is the test.
        if self.occupied || !self.held(line)?.is_empty() { self.prove(line, with_line_ends(largest)) } else { Ok(()) }
    }

    fn read(&mut self, line: &mut Line, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let (Some(kind), true) = (kind(part), part != Part::PrivateKey) else { return Ok(None) };
        let Some((_, digest)) = self.list(line, Some(part))?.into_iter().find(|(of, _)| *of == kind) else {
            return Ok(None);
        };
        for _ in 0..2 {
            let answer = self.ask(line, &format!("AT%CMNG=2,{},{kind}", self.tag))?;
            if let Outcome::Error(number) = answer.result {
                return match number {
                    None | Some(NOT_FOUND | NO_ACCESS) => Ok(None),
                    number => Err(refusal(line, &self.slot(part), number)),
                };
            }
            let begin = format!("%CMNG: {},{kind},\"", self.tag);
            let content = answer.with(&begin).next().and_then(|content| content.trim_end().strip_suffix('"'));
            // Half of it would be of no use for putting it back.
            if let Some(content) = content.filter(|content| hex::encode(Sha256::digest(content)) == digest) {
                return Ok(Some(Zeroizing::new(content.as_bytes().to_vec())));
            }
        }
        Ok(None)
    }

    fn remove(&mut self, line: &mut Line, part: Part) -> Result<(), Failure> {
        let Some(kind) = kind(part) else { return Ok(()) };
        let answer = self.change(line, format!("AT%CMNG=3,{},{kind}", self.tag).as_bytes());
        match answer {
            Ok(Answer { result: Outcome::Ok | Outcome::Error(Some(NOT_FOUND)), .. }) => Ok(()),
            Ok(Answer { result: Outcome::Error(number), .. }) => Err(refusal(line, &self.slot(part), number)),
            // Only the answer may have been lost.
            Err(failure) if failure.code == Code::DeviceSilent => match self.list(line, Some(part)) {
                Ok(listed) if listed.is_empty() => Ok(()),
                _ => Err(failure),
            },
            Err(failure) => Err(failure),
        }
    }

    fn write(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        let Some(kind) = kind(content.part) else { return Ok(()) };
        let text = stored_as(&content.bytes);
        if let Some(byte) = text.iter().find(|byte| self.link.breaks(**byte)) {
            let (place, byte) = (self.slot(content.part), char::from(*byte));
            let why = Why::new(
                format!("a {byte} in the content for {place} would end the AT command; a comment can be left out"),
                format!(
                    "{place} の内容に含まれる {byte} が AT コマンドを途切れさせます。コメントであれば削除してください"
                ),
            );
            return Err(line.failure(Code::DeviceRejected).because_of(why));
        }
        let begin = format!("AT%CMNG=0,{},{kind},\"", self.tag);
        let mut command = Zeroizing::new(Vec::with_capacity(begin.len() + text.len() + 1));
        command.extend_from_slice(begin.as_bytes());
        command.extend_from_slice(&text);
        command.push(b'"');
        self.occupied = true;
        match self.change(line, &command) {
            Ok(Answer { result: Outcome::Ok, .. }) => Ok(()),
            Ok(Answer { result: Outcome::Error(number), .. }) => Err(refusal(line, &self.slot(content.part), number)),
            Err(failure) if failure.code == Code::DeviceSilent => match self.holds(line, content) {
                Ok(true) => Ok(()),
                Ok(false) => self.prove(line, text.len()).and(Err(failure)),
                Err(_) => Err(failure),
            },
            Err(failure) => Err(failure),
        }
    }

    fn verify(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        if kind(content.part).is_none() || self.holds(line, content)? {
            return Ok(());
        }
        let place = self.slot(content.part);
        let why = Why::new(
            format!("the modem's digest of {place} is another one"),
            format!("{place} のダイジェストが一致しません"),
        );
        Err(line.failure(Code::VerifyMismatch).because_of(why))
    }
}

/// The modem keeps what is in the quotes to the byte. Lines end as Nordic's own client has them.
fn stored_as(pem: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut stored = Zeroizing::new(Vec::with_capacity(pem.len() * 2));
    for byte in pem.iter().filter(|byte| **byte != b'\r') {
        if *byte == b'\n' {
            stored.push(b'\r');
        }
        stored.push(*byte);
    }
    stored
}

/// How long a PEM of this size is with two bytes at the end of each line of 64.
fn with_line_ends(pem: usize) -> usize {
    pem + pem / 65 + 2
}

/// `42,1,"<64 hex digits>"`
fn digest(said: &str, tag: u32) -> Option<(u8, String)> {
    let mut fields = said.trim().split(',');
    let of: u32 = fields.next()?.parse().ok()?;
    let kind = fields.next()?.parse().ok()?;
    let digest = fields.next()?.trim_matches('"');
    let sound = of == tag && digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then(|| (kind, digest.to_ascii_lowercase()))
}
