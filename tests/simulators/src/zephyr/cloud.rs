//! `nrf_cloud_cred`: keys that are made on the device and never leave it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair};

use crate::Out;
use crate::nrf91::name;
use crate::shell::Shell;

#[derive(Default)]
pub(super) struct Cloud {
    pub(super) keys: BTreeMap<u32, KeyPair>,
}

impl Cloud {
    pub(super) fn run(&mut self, words: &[&str], shell: &Shell, out: &mut Out) {
        let tag = words.get(1).and_then(|tag| tag.parse().ok());
        match (words, tag) {
            (["keygen", _], Some(tag)) if self.keys.contains_key(&tag) => {
                shell.error(out, &format!("Device key already exists for sectag {tag}"));
            }
            (["keygen", _], Some(tag)) => {
                self.keys.insert(tag, KeyPair::generate().expect("a key"));
                shell.print(out, &format!("Generated device key for sectag {tag}"));
            }
            (["csr", _, attributes @ ..], Some(tag)) if attributes.len() < 2 => {
                let csr = self.keys.get(&tag).and_then(|key| request(key, attributes.first().unwrap_or(&"")));
                match csr {
                    Some(der) => {
                        shell.print(out, &format!("CSR: {}\nCSR generation complete", STANDARD.encode(der)));
                    }
                    None => shell.error(out, "CSR generation failed: -2"),
                }
            }
            (["pubkey", _], Some(tag)) => match self.keys.get(&tag) {
                Some(key) => {
                    let point = STANDARD.encode(key.public_key_raw());
                    shell.print(out, &format!("PUBKEY: {point}\nPublic key export complete"));
                }
                None => shell.error(out, "Public key export failed: -2"),
            },
            (["delete", _], Some(tag)) => match self.keys.remove(&tag) {
                Some(_) => shell.print(out, &format!("Deleted device key for sectag {tag}")),
                None => shell.error(out, "Key deletion failed: -2"),
            },
            _ => shell.error(out, "nrf_cloud_cred: wrong parameter count"),
        }
    }
}

fn request(key: &KeyPair, attributes: &str) -> Option<Vec<u8>> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = name(attributes)?;
    Some(parameters.serialize_request(key).ok()?.der().to_vec())
}
