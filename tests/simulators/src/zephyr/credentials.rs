//! `cred`, the TLS credentials shell.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Options;
use crate::Out;
use crate::shell::Shell;

const NO_ROOM: &str = "Not enough room in credential buffer for provided data. \
    Increase CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE.\nCredential buffer cleared.";

pub(super) struct Credentials {
    pub(super) stored: BTreeMap<(u32, &'static str), Vec<u8>>,
    buffer: Vec<u8>,
    loading: bool,
    options: Options,
}

impl Credentials {
    pub(super) fn new(options: Options) -> Self {
        Self { stored: BTreeMap::new(), buffer: vec![], loading: false, options }
    }

    pub(super) fn reboot(&mut self) {
        self.buffer.clear();
        self.loading = false;
        if self.options.volatile {
            self.stored.clear();
        }
    }

    /// Do raw bytes come now?
    pub(super) fn loads(&self) -> bool {
        self.loading
    }

    pub(super) fn load(&mut self, byte: u8, shell: &Shell, out: &mut Out) {
        if byte == 0x03 {
            self.loading = false;
            shell.print(out, &format!("Stored {} bytes.", self.buffer.len()));
            shell.ready(out);
        } else if !self.buffers(&[byte]) {
            self.loading = false;
            shell.error(out, NO_ROOM);
            shell.ready(out);
        }
    }

    pub(super) fn run(&mut self, words: &[&str], shell: &Shell, out: &mut Out) {
        match words {
            ["buf", "clear"] => {
                if !(self.buffer.is_empty() && self.options.silent_clear) {
                    shell.print(out, "Credential buffer cleared.");
                }
                self.buffer.clear();
            }
            ["buf", "load"] if self.options.load => {
                self.buffer.clear();
                self.loading = true;
                shell.print(out, "Input credential, finish with CTRL+C.");
            }
            ["buf", data] => match self.buffers(data.as_bytes()) {
                true => shell.print(out, &format!("Stored {} bytes.", data.len())),
                false => shell.error(out, NO_ROOM),
            },
            ["add", tag, kind, "DEFAULT", format, data @ ..] if data.len() < 2 => {
                match (number(tag), kind_of(kind)) {
                    (Some(tag), Some(kind)) => self.add(tag, kind, format, data.first().copied(), shell, out),
                    _ => shell.error(out, "Invalid arguments."),
                }
            }
            ["del", tag, kind] => match (number(tag), kind_of(kind)) {
                (Some(tag), Some(kind)) if self.stored.remove(&(tag, kind)).is_some() => {
                    shell.print(out, &format!("Deleted TLS credential with sectag {tag} and type {}.", long(kind)));
                }
                (Some(tag), Some(kind)) => {
                    shell.error(out, &format!("There is no TLS credential with sectag {tag} and type {}.", long(kind)));
                }
                _ => shell.error(out, "Invalid arguments."),
            },
            ["get", tag, kind, format] => self.get(tag, kind, format, shell, out),
            ["list", wanted @ ..] if wanted.len() < 3 => self.list(wanted, shell, out),
            [] => shell.print(out, "cred - TLS Credentials Commands\nSubcommands:\n  buf   : Buffer in credential data\n  add   : Add TLS credential.\n  del   : Delete TLS credential.\n  get   : Retrieve TLS credential data\n  list  : List stored TLS credentials."),
            [name, ..] => shell.error(out, &format!("{name}: wrong parameter count")),
        }
    }

    /// The buffer must stay smaller than its size; if it would not, it is empty afterwards.
    fn buffers(&mut self, data: &[u8]) -> bool {
        if self.buffer.len() + data.len() >= self.options.credential {
            self.buffer.clear();
            return false;
        }
        self.buffer.extend_from_slice(data);
        true
    }

    fn add(&mut self, tag: u32, kind: &'static str, format: &str, data: Option<&str>, shell: &Shell, out: &mut Out) {
        let given = data.map(|data| data.as_bytes().to_vec()).unwrap_or_else(|| std::mem::take(&mut self.buffer));
        if given.is_empty() {
            shell.error(out, "Please provide a credential to add.");
            return;
        }
        self.store(tag, kind, format, given, shell, out);
        shell.print(out, "Credential buffer cleared.");
    }

    fn store(&mut self, tag: u32, kind: &'static str, format: &str, given: Vec<u8>, shell: &Shell, out: &mut Out) {
        if self.stored.contains_key(&(tag, kind)) {
            shell.error(out, &format!("TLS credential with sectag {tag} and type {} already exists.", long(kind)));
            return;
        }
        let mut content = match format.to_ascii_uppercase().as_str() {
            "STR" | "STRT" => given,
            "BIN" | "BINT" => match STANDARD.decode(&given) {
                Ok(content) => content,
                Err(_) => {
                    shell.error(out, "Could not decode input from base64, error: -22");
                    return;
                }
            },
            _ => {
                shell.error(out, "Invalid arguments.");
                return;
            }
        };
        if matches!(format.to_ascii_uppercase().as_str(), "STRT" | "BINT") {
            content.push(0);
        }
        if self.stored.len() >= self.options.places {
            shell.error(
                out,
                "No reference slot available, cannot copy credential to heap. Credential will not be stored",
            );
            return;
        }
        if self.options.volatile {
            shell.warn(out, "Credential has been copied to heap. Memory will be leaked if this credential is deleted without using the shell.");
        }
        let length = content.len();
        self.stored.insert((tag, kind), content);
        shell.print(
            out,
            &format!("Added TLS credential of type {}, sectag {tag}, and length {length} bytes.", long(kind)),
        );
    }

    fn get(&self, tag: &str, kind: &str, format: &str, shell: &Shell, out: &mut Out) {
        let (Some(tag), Some(kind)) = (number(tag), kind_of(kind)) else {
            return shell.error(out, "Invalid arguments.");
        };
        let Some(content) = self.stored.get(&(tag, kind)) else {
            return shell.error(out, &format!("There is no TLS credential with sectag {tag} and type {}.", long(kind)));
        };
        let format = format.to_ascii_uppercase();
        if format.ends_with('T') && content.last() != Some(&0) {
            shell
                .error(out, "The stored credential isn't NULL-terminated, but a NULL-terminated format was specified.");
            return;
        }
        let ended = content.strip_suffix(&[0]).filter(|_| format.ends_with('T')).unwrap_or(content);
        if format.starts_with("BIN") {
            ended.chunks(24).for_each(|piece| shell.print(out, &STANDARD.encode(piece)));
        } else {
            let shown = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '?' };
            ended.chunks(32).for_each(|piece| shell.print(out, &piece.iter().map(shown).collect::<String>()));
        }
        shell.print(out, "Credential buffer cleared.");
    }

    fn list(&self, wanted: &[&str], shell: &Shell, out: &mut Out) {
        let any = |text: Option<&&str>| text.is_none_or(|text| text.eq_ignore_ascii_case("any"));
        let found = self.stored.iter().filter(|((tag, kind), _)| {
            (any(wanted.first()) || wanted.first().and_then(|text| number(text)) == Some(*tag))
                && (any(wanted.get(1)) || wanted.get(1).and_then(|text| kind_of(text)) == Some(*kind))
        });
        let mut count = 0;
        for ((tag, kind), content) in found {
            let digest = if self.options.digests {
                format!("{},0", STANDARD.encode(Sha256::digest(content)))
            } else {
                "ERROR,-134".into()
            };
            shell.print(out, &format!("{tag},{kind},{digest}"));
            count += 1;
        }
        shell.print(out, &format!("{count} credentials found."));
    }
}

/// The first name of each group is the one for people.
fn long(kind: &str) -> &str {
    match kind {
        "CA" => "CA_CERT",
        "SERV" => "SERVER_CERT",
        "PK" => "PRIVATE_KEY",
        "PK_PSA" => "PRIVATE_KEY_PSA",
        kind => kind,
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// The last name of each group is the one in lists.
fn kind_of(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_uppercase().as_str() {
        "CA_CERT" | "CA" => "CA",
        "SERVER_CERT" | "CLIENT_CERT" | "SELF_CERT" | "SELF" | "CLIENT" | "SERV" => "SERV",
        "PRIVATE_KEY" | "PK" => "PK",
        "PRIVATE_KEY_PSA" | "PK_PSA" => "PK_PSA",
        "PSK" => "PSK",
        "PSK_ID" => "PSK_ID",
        _ => return None,
    })
}
