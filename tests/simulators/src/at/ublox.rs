use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::{Data, Model, Reply, arguments};

/// Cellular and short-range modules differ in spaces and capitals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    Sara,
    Nina,
}

/// u-blox: AT+USECMNG. Keeps DER, and answers with its MD5.
pub struct Ublox {
    dialect: Dialect,
    /// By type and name.
    held: BTreeMap<(String, String), Item>,
    /// How many items fit.
    pub room: usize,
    pending: Option<(String, String)>,
}

struct Item {
    label: String,
    der: Vec<u8>,
}

const KINDS: [&str; 6] = ["CA", "CC", "PK", "SC", "VC", "PU"];

impl Ublox {
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, held: BTreeMap::new(), room: 16, pending: None }
    }

    fn digest(&self, operation: u8, key: &(String, String)) -> Reply {
        let Some(item) = self.held.get(key) else { return Reply::error("22") };
        let digest = hex::encode(Md5::digest(&item.der));
        let (kind, name) = key;
        Reply::line(match self.dialect {
            Dialect::Sara => format!("+USECMNG: {operation},{kind},\"{name}\",\"{digest}\""),
            Dialect::Nina => format!("+USECMNG:{operation},{kind},\"{name}\",\"{}\"", digest.to_uppercase()),
        })
    }

    fn list(&self) -> Reply {
        self.held.keys().fold(Reply::ok(), |reply, (kind, name)| {
            let shown = kind.parse().ok().and_then(|kind: usize| KINDS.get(kind)).unwrap_or(&"?");
            match *shown {
                "PK" => reply.and(format!("\"PK\",\"{name}\"")),
                shown => reply.and(format!("\"{shown}\",\"{name}\",\"{name}\",\"2038/1/17\"")),
            }
        })
    }
}

impl Model for Ublox {
    fn command(&mut self, command: &str) -> Reply {
        match command {
            "AT+CGMI" => return Reply::line(if self.dialect == Dialect::Nina { "\"u-blox\"" } else { "u-blox" }),
            "AT+CGMM" if self.dialect == Dialect::Nina => return Reply::line("\"NINA-W152\""),
            "AT+CGMM" => return Reply::line("SARA-R510S"),
            "AT+USECMNG=3" => return self.list(),
            _ => {}
        }
        let Some(arguments) = arguments(command, "AT+USECMNG") else { return Reply::error("4") };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let known = |kind: &str| kind.parse().is_ok_and(|kind: usize| kind < KINDS.len());
        match arguments.as_slice() {
            ["0", kind, name, count] => {
                let Ok(count @ 1..=8192) = count.parse() else { return Reply::error("24") };
                if !known(kind) || name.is_empty() || name.len() > 32 {
                    return Reply::error("50");
                }
                let key = ((*kind).to_owned(), (*name).to_owned());
                if self.held.len() >= self.room && !self.held.contains_key(&key) {
                    return Reply::error("20");
                }
                self.pending = Some(key);
                let prompt = if self.dialect == Dialect::Nina { "\r\n>" } else { "\r>" };
                Reply::data(Data { count, prompt, patience: None, acknowledge: None })
            }
            ["2", kind, name] => match self.held.remove(&((*kind).to_owned(), (*name).to_owned())) {
                Some(_) => Reply::ok(),
                None => Reply::error("22"),
            },
            ["4", kind, name] => self.digest(4, &((*kind).to_owned(), (*name).to_owned())),
            _ => Reply::error("50"),
        }
    }

    fn payload(&mut self, payload: Vec<u8>) -> Reply {
        let Some(key) = self.pending.take() else { return Reply::error("50") };
        let wanted = if key.0 == "2" { ["RSA PRIVATE KEY", "EC PRIVATE KEY"] } else { ["CERTIFICATE"; 2] };
        let Some((label, der)) = decoded(&payload).filter(|(label, _)| wanted.contains(&label.as_str())) else {
            return Reply::error("50");
        };
        self.held.insert(key.clone(), Item { label, der });
        self.digest(0, &key)
    }

    fn restarted(&mut self) {
        self.pending = None;
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        let pem = |item: &Item| {
            let lines = STANDARD.encode(&item.der);
            let lines: Vec<&str> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let Item { label, .. } = item;
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n")).into_bytes()
        };
        self.held.iter().map(|((kind, name), item)| (format!("{kind}/{name}"), pem(item))).collect()
    }
}

/// What stands behind BEGIN, and the DER. `None` where a byte is not what it should be.
pub fn decoded(pem: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = std::str::from_utf8(pem).ok()?;
    let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let (body, end) = rest.split_once(&format!("-----END {label}-----"))?;
    let plain = |text: &str| text.replace(['\r', '\n'], "");
    let whole = plain(end).is_empty() && body.starts_with(['\r', '\n']);
    let der = STANDARD.decode(plain(body)).ok().filter(|_| whole)?;
    Some((label.to_owned(), der))
}
