//! The modem: its commands, and what it stores.

use std::collections::BTreeMap;
use std::time::Duration;

use rcgen::KeyPair;
use sha2::{Digest, Sha256};

use super::{Options, key};

/// Above are the modem's own.
const LAST_TAG: u32 = 2_147_483_647;

pub(super) struct Modem {
    pub(super) stored: BTreeMap<(u32, u8), Vec<u8>>,
    pub(super) functional: u8,
    /// `+CME ERROR: …` instead of `ERROR`.
    pub(super) numbers: bool,
    identity: KeyPair,
    options: Options,
}

/// An answer, and how long the modem takes for it.
pub(super) struct Answer {
    pub(super) text: Vec<u8>,
    pub(super) after: Duration,
}

enum No {
    Syntax,
    Cme(u16),
}

type Said = Result<Vec<u8>, No>;

impl Modem {
    pub(super) fn new(options: Options) -> Self {
        let identity = KeyPair::generate().expect("a key");
        Self { stored: BTreeMap::new(), functional: options.functional, numbers: false, identity, options }
    }

    pub(super) fn reboot(&mut self) {
        self.functional = self.options.functional;
        self.numbers = false;
    }

    pub(super) fn execute(&mut self, command: &[u8]) -> Answer {
        let command = command.trim_ascii_end();
        let mut after = self.options.latency;
        let said = match command.split_at_checked(2) {
            Some((at, [])) if at.eq_ignore_ascii_case(b"AT") => Ok(vec![]),
            Some((at, rest)) if at.eq_ignore_ascii_case(b"AT") => {
                let name = rest.iter().position(|byte| matches!(byte, b'=' | b'?')).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(name);
                let name = String::from_utf8_lossy(name).to_ascii_uppercase();
                if rest.starts_with(b"=0,") || name == "%KEYGEN" {
                    after += self.options.latency * 10;
                }
                self.command(&name, rest)
            }
            _ => Err(No::Syntax),
        };
        let text = match said {
            Ok(mut text) => {
                text.extend_from_slice(b"OK\r\n");
                text
            }
            Err(No::Cme(number)) if self.numbers => format!("+CME ERROR: {number}\r\n").into_bytes(),
            Err(_) => b"ERROR\r\n".to_vec(),
        };
        Answer { text, after }
    }

    fn command(&mut self, name: &str, rest: &[u8]) -> Said {
        let number = || std::str::from_utf8(rest.get(1..).unwrap_or_default()).ok()?.trim().parse::<u8>().ok();
        match (name, rest.first()) {
            ("+CGMI", None) => Ok(b"Nordic Semiconductor ASA\r\n".to_vec()),
            ("+CGMM", None) => Ok(b"nRF9160-SICA\r\n".to_vec()),
            ("+CGMR", None) => Ok(b"mfw_nrf9160_1.3.5\r\n".to_vec()),
            ("+CGSN", None) => Ok(b"352656100367872\r\n".to_vec()),
            ("+CMEE", Some(b'?')) => Ok(format!("+CMEE: {}\r\n", u8::from(self.numbers)).into_bytes()),
            ("+CMEE", Some(b'=')) => {
                self.numbers = number().filter(|number| *number < 2).ok_or(No::Syntax)? == 1;
                Ok(vec![])
            }
            ("+CFUN", Some(b'?')) => Ok(format!("+CFUN: {}\r\n", self.functional).into_bytes()),
            ("+CFUN", Some(b'=')) => {
                let known = [0, 1, 2, 4, 20, 21, 30, 31, 40, 41, 44];
                self.functional = number().filter(|number| known.contains(number)).ok_or(No::Syntax)?;
                Ok(vec![])
            }
            ("%CMNG", Some(b'=')) => self.credentials(&parameters(&rest[1..])?),
            ("%KEYGEN", Some(b'=')) => self.make_key(&parameters(&rest[1..])?),
            _ => Err(No::Syntax),
        }
    }

    fn credentials(&mut self, parameters: &[Parameter]) -> Said {
        let tag = parameters.get(1).map(|tag| tag.number().filter(|tag| *tag <= LAST_TAG).ok_or(No::Syntax));
        let kind = parameters.get(2).map(|kind| kind.number().filter(|kind| *kind <= 11).ok_or(No::Syntax));
        let (tag, kind) = (tag.transpose()?, kind.transpose()?.map(|kind| kind as u8));
        if let (Some(code), Some(0 | 3)) = (self.options.refuses, parameters.first().and_then(Parameter::number)) {
            return Err(No::Cme(code));
        }
        match (parameters.first().and_then(Parameter::number), tag, kind, parameters.get(3)) {
            (Some(1), _, _, None) => Ok(self.list(tag, kind)),
            (Some(2), Some(tag), Some(kind), None) => {
                let content = self.stored.get(&(tag, kind)).ok_or(No::Cme(513))?;
                if kind > 1 || !self.options.readable {
                    return Err(No::Cme(514));
                }
                Ok([format!("%CMNG: {tag},{kind},\"").as_bytes(), content, b"\"\r\n"].concat())
            }
            (Some(3), Some(tag), Some(kind), None) => {
                self.inactive()?;
                self.stored.remove(&(tag, kind)).map(|_| vec![]).ok_or(No::Cme(513))
            }
            (Some(0), Some(tag), Some(kind), Some(Parameter::Text(content))) if !content.is_empty() => {
                self.inactive()?;
                if self.stored.contains_key(&(tag, kind)) {
                    return Err(No::Cme(519));
                }
                if kind < 2 && self.options.checks_content && !is_certificate(content) {
                    return Err(No::Cme(527));
                }
                let used: usize = self.stored.values().map(Vec::len).sum();
                if used + content.len() > self.options.capacity {
                    return Err(No::Cme(515));
                }
                self.stored.insert((tag, kind), content.clone());
                Ok(vec![])
            }
            _ => Err(No::Syntax),
        }
    }

    fn list(&self, tag: Option<u32>, kind: Option<u8>) -> Vec<u8> {
        let wanted = |of: &(u32, u8)| tag.is_none_or(|tag| tag == of.0) && kind.is_none_or(|kind| kind == of.1);
        let lines = self.stored.iter().filter(|(of, _)| wanted(of));
        let line = |((tag, kind), content): (&(u32, u8), &Vec<u8>)| {
            format!("%CMNG: {tag},{kind},\"{}\"\r\n", hex::encode_upper(Sha256::digest(content)))
        };
        lines.map(line).collect::<String>().into_bytes()
    }

    fn make_key(&mut self, parameters: &[Parameter]) -> Said {
        let tag = parameters.first().and_then(Parameter::number).filter(|tag| *tag <= LAST_TAG).ok_or(No::Syntax)?;
        let attributes = match (parameters.get(1).and_then(Parameter::number), parameters.get(2), parameters.get(3)) {
            (Some(2), None, _) | (Some(2), Some(Parameter::Number(0)), None) => "",
            (Some(2), Some(Parameter::Number(0)), Some(Parameter::Text(text))) => {
                std::str::from_utf8(text).map_err(|_| No::Syntax)?
            }
            _ => return Err(No::Syntax),
        };
        self.inactive()?;
        if self.stored.contains_key(&(tag, 2)) {
            return Err(No::Cme(519));
        }
        let made = key::make(&self.identity, tag, attributes, self.options.old).ok_or(No::Cme(523))?;
        self.stored.insert((tag, 2), made.private_key);
        // The key is there, but the host's heap was too small for the answer.
        if self.options.small_heap {
            return Ok(vec![]);
        }
        Ok(format!("%KEYGEN: \"{}\"\r\n", made.answer).into_bytes())
    }

    fn inactive(&self) -> Result<(), No> {
        if matches!(self.functional, 0 | 4) { Ok(()) } else { Err(No::Cme(518)) }
    }
}

enum Parameter {
    Number(u32),
    Text(Vec<u8>),
}

impl Parameter {
    fn number(&self) -> Option<u32> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

fn parameters(text: &[u8]) -> Result<Vec<Parameter>, No> {
    let mut quoted = false;
    let parts = text.split(|byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    });
    parts
        .map(|part| match part {
            [b'"', text @ .., b'"'] if !text.contains(&b'"') => Ok(Parameter::Text(text.to_vec())),
            _ => {
                let number = std::str::from_utf8(part).ok().and_then(|part| part.trim().parse().ok());
                number.map(Parameter::Number).ok_or(No::Syntax)
            }
        })
        .collect()
}

fn is_certificate(content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let lines: Vec<&str> = text.lines().collect();
    let base64 =
        |line: &&str| line.len() <= 64 && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    let count = |mark: &str| lines.iter().filter(|line| **line == mark).count();
    let marks = [count("-----BEGIN CERTIFICATE-----"), count("-----END CERTIFICATE-----")];
    marks[0] > 0 && marks[0] == marks[1] && lines.iter().filter(|line| !line.starts_with("-----")).all(base64)
}
