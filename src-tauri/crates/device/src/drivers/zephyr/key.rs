//! Keys that are made on the board: `nrf_cloud_cred`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fieldkey_core::ports::NewKey;
use fieldkey_core::x509::{self, KeyType};
use fieldkey_core::{Code, Failure, Why};

use super::refusal::refusal;
use super::{WITHIN, Zephyr};
use crate::drivers::Slots;
use crate::drivers::nrf91::attributes;
use crate::layout::Part;
use crate::serial::Line;

const KEY_WITHIN: Duration = Duration::from_secs(30);

impl Zephyr {
    pub(super) fn make_key(&mut self, line: &mut Line, wanted: &NewKey) -> Result<String, Failure> {
        if wanted.key_type != KeyType::P256 {
            let why = Why::new("the board makes P-256 keys only", "ボードが作成できる鍵は P-256 だけです");
            return Err(line.failure(Code::Usage).because_of(why));
        }
        let attributes = attributes(wanted).map_err(|field| {
            let why = Why::new(
                "the board takes letters, digits, spaces and -_.:@/() only",
                "ボードで使えるのは英数字、空白、-_.:@/() だけです",
            );
            Failure::new(Code::SiteInvalid).about(field).because_of(why)
        })?;
        self.delete_made_key(line)?;
        self.remove(line, Part::PrivateKey)?;
        self.made_key = true;
        let made = "Generated device key";
        let said =
            self.run(line, &format!("nrf_cloud_cred keygen {}", self.tag), KEY_WITHIN, &[made, "already", "ailed"])?;
        if !said.contains(made) {
            return Err(refusal(line, &self.made_slot(), &said));
        }
        let command = format!("nrf_cloud_cred csr {} \"{attributes}\"", self.tag);
        // Asked for again it is signed again: a damaged one is no matter.
        for _ in 0..2 {
            let said = self.run(line, &command, KEY_WITHIN, &["CSR generation"])?;
            let csr = said.lines().find_map(|line| line.trim().strip_prefix("CSR:"));
            let der = csr.and_then(|csr| STANDARD.decode(csr.trim()).ok());
            if let Some(Ok(pem)) = der.map(|der| x509::request_from_der(&der)) {
                return Ok(pem);
            }
        }
        self.remove(line, Part::PrivateKey)?;
        let why = Why::new("it made a key and no CSR for it", "鍵は作成されましたが CSR が作成されませんでした");
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }

    /// No such key is fine, too.
    pub(super) fn delete_made_key(&mut self, line: &mut Line) -> Result<(), Failure> {
        let command = format!("nrf_cloud_cred delete {}", self.tag);
        let said = self.run(line, &command, WITHIN, &["Deleted device key", "deletion failed"])?;
        if said.contains("command not found") {
            let why = Why::new(
                "this firmware makes no keys: it has no `nrf_cloud_cred`",
                "このファームウェアには `nrf_cloud_cred` がないため、鍵を作成できません",
            );
            return Err(line.failure(Code::Usage).because_of(why));
        }
        Ok(())
    }

    fn made_slot(&self) -> String {
        format!("sec tag {}", self.tag)
    }
}
