//! Nordic's nRF91: credentials in the modem, by AT commands.
//! <https://docs.nordicsemi.com/bundle/ref_at_commands/page/REF/at_commands/security/intro.html>

mod answer;
mod credentials;
mod key;
#[cfg(test)]
mod left_tests;
mod link;
mod refusal;
#[cfg(test)]
mod tests;

use std::time::Duration;

use fieldkey_core::ports::NewKey;
use fieldkey_core::x509::{self, KeyType};
use fieldkey_core::{Code, Failure, Why};

use self::answer::{Answer, Outcome};
use self::link::{Link, Terminator};
use self::refusal::refusal;
use super::{Driver, Slots, Store};
use crate::layout::Part;
use crate::serial::{Line, Settings};

pub(crate) use key::attributes;

/// Where Nordic's samples look for credentials of one's own.
pub(crate) const TAG: u32 = 42;

/// Tags above are the modem's own, or for tests of it.
const LAST_TAG: u32 = 2_147_483_647;

const WITHIN: Duration = Duration::from_secs(5);
/// Making a key takes the modem some seconds.
const KEY_WITHIN: Duration = Duration::from_secs(30);

/// A key of the client's, answered with a CSR.
const CLIENT_KEY: &str = "2,0";

pub(crate) struct Nrf91 {
    link: Link,
    tag: u32,
    /// What `AT+CFUN?` was before the modem was switched off.
    active: Option<u8>,
    is_offline: bool,
    /// Errors had no numbers.
    unnumbered: bool,
    /// A command of so many bytes went through whole.
    proved: usize,
    /// Is anything in the places, as far as is known?
    occupied: bool,
}

impl Nrf91 {
    /// `sectag`, `term` (`crlf`, `cr`, `lf`, `null`), `shell` (`yes`, `no`); what is not given is found out.
    ///
    /// # Errors
    /// `usage`.
    pub(crate) fn new(settings: &mut Settings) -> Result<Self, Failure> {
        let tag = sectag(settings)?;
        let terminator = settings.text("term").map(|name| {
            Terminator::named(&name)
                .ok_or_else(|| Failure::new(Code::Usage).about("?term=").because("crlf, cr, lf, null"))
        });
        let shell = settings.text("shell").map(|word| match word.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Failure::new(Code::Usage).about("?shell=").because("yes, no")),
        });
        let link = Link::new(terminator.transpose()?, shell.transpose()?);
        Ok(Self { link, tag, active: None, is_offline: false, unnumbered: false, proved: 0, occupied: false })
    }

    /// Asks for something that changes nothing. A second time if the first answer was lost.
    fn ask(&mut self, line: &mut Line, command: &str) -> Result<Answer, Failure> {
        match self.link.command(line, command.as_bytes(), WITHIN) {
            Err(failure) if failure.code == Code::DeviceSilent && self.link.is_found() => {
                self.link.command(line, command.as_bytes(), WITHIN)
            }
            answer => answer,
        }
    }

    /// Brings the modem to where its credentials can be changed.
    fn offline(&mut self, line: &mut Line) -> Result<(), Failure> {
        let now = self.setting(line, "+CFUN")?;
        if !matches!(now, 0 | 4) {
            // Before it is sent: the modem may do it and its answer may not come.
            self.active = self.active.or(Some(now));
            self.settle(line, "AT+CFUN=4")?;
        }
        self.is_offline = true;
        Ok(())
    }

    /// What a setting is now: nothing is changed that could not be put back.
    ///
    /// # Errors
    /// `device-rejected` if the modem names no number.
    fn setting(&mut self, line: &mut Line, name: &str) -> Result<u8, Failure> {
        let (command, begin) = (format!("AT{name}?"), format!("{name}: "));
        // A number that arrives damaged is asked for again.
        for _ in 0..2 {
            let said = self.ask(line, &command)?;
            if let Some(number) = said.with(&begin).find_map(|number| number.trim().parse().ok()) {
                return Ok(number);
            }
        }
        let why =
            Why::new(format!("it answers {command} with no number"), format!("{command} の応答に数値がありません"));
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }

    /// A command that must be answered with OK. Said twice it does no harm.
    fn settle(&mut self, line: &mut Line, command: &str) -> Result<(), Failure> {
        let answer = self.ask(line, command)?;
        let Outcome::Error(number) = answer.result else { return Ok(()) };
        Err(refusal(line, command, number))
    }

    /// Is it a Nordic, and which one?
    fn introduce(&mut self, line: &mut Line) -> Result<String, Failure> {
        let mut maker = self.ask(line, "AT+CGMI")?;
        if maker.result != Outcome::Ok && self.link.without_lf(line)? {
            maker = self.ask(line, "AT+CGMI")?;
        }
        let nordic = maker.lines.iter().map(|line| line.trim()).find(|line| line.contains("Nordic"));
        let nordic = nordic.ok_or_else(|| link::no_modem(line))?.to_owned();
        let firmware = self.ask(line, "AT+CGMR")?;
        let firmware = firmware.lines.iter().map(|line| line.trim()).find(|line| line.contains("mfw_"));
        Ok(firmware.map_or(nordic.clone(), |firmware| format!("{nordic} {firmware}")))
    }
}

/// # Errors
/// `usage` for a tag that is none of the user's.
pub(crate) fn sectag(settings: &mut Settings) -> Result<u32, Failure> {
    let tag = settings.parsed::<u32>("sectag")?.unwrap_or(TAG);
    if tag > LAST_TAG {
        let why = Why::new(format!("tags end at {LAST_TAG}"), format!("タグは {LAST_TAG} までです"));
        return Err(Failure::new(Code::Usage).about("?sectag=").because_of(why));
    }
    Ok(tag)
}

impl Driver for Nrf91 {
    fn name(&self) -> &str {
        "nrf91"
    }

    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        self.link.find(line)?;
        let device = self.introduce(line)?;
        if self.setting(line, "+CMEE")? == 0 {
            self.unnumbered = true;
            self.settle(line, "AT+CMEE=1")?;
        }
        Ok(Some(device))
    }

    fn leave(&mut self, line: &mut Line) {
        let (active, unnumbered) = (self.active.take(), std::mem::take(&mut self.unnumbered));
        // Half a command may have gone: in an open quote the host would wait for its other half for ever. A modem that
        // does not answer now is one for its next start.
        if self.link.is_unsure() && self.link.recover(line).is_err() && self.link.recover(line).is_err() {
            return;
        }
        if unnumbered {
            let _ = self.settle(line, "AT+CMEE=0");
        }
        if let Some(active) = active {
            let _ = self.settle(line, &format!("AT+CFUN={active}"));
        }
    }

    fn store(&mut self) -> Store<'_> {
        Store::Slots(self)
    }

    fn makes_keys(&self) -> bool {
        true
    }

    fn request(&mut self, line: &mut Line, wanted: &NewKey) -> Result<String, Failure> {
        if wanted.key_type != KeyType::P256 {
            let why = Why::new("the modem makes P-256 keys only", "モデムが作成できる鍵は P-256 だけです");
            return Err(line.failure(Code::Usage).because_of(why));
        }
        let attributes = attributes(wanted).map_err(|field| {
            let why = Why::new(
                "the modem takes letters, digits, spaces and -_.:@/() only",
                "モデムで使えるのは英数字、空白、-_.:@/() だけです",
            );
            Failure::new(Code::SiteInvalid).about(field).because_of(why)
        })?;
        self.remove(line, Part::PrivateKey)?;
        self.occupied = true;
        let command = format!("AT%KEYGEN={},{CLIENT_KEY},\"{attributes}\"", self.tag);
        let answer = self.link.command(line, command.as_bytes(), KEY_WITHIN)?;
        if let Outcome::Error(number) = answer.result {
            return Err(refusal(line, &self.slot(Part::PrivateKey), number));
        }
        let said = answer.with("%KEYGEN: ").next().map(|said| said.trim().trim_matches('"'));
        let request = said.and_then(|said| key::request(said, self.tag));
        if let Some(request) = request {
            return x509::request_from_der(&request).map_err(|failure| failure.about(line.about()));
        }
        // A key without a request is of no use, and would be in the way of the next one.
        let was_mute = said.is_none();
        self.remove(line, Part::PrivateKey)?;
        let why = if was_mute {
            Why::new(
                "it made a key and did not say its CSR: the firmware's buffer for answers is too small",
                "鍵は作成されましたが CSR が返されませんでした。ファームウェアの応答バッファーが小さすぎます",
            )
        } else {
            Why::new("its CSR came damaged", "CSR が破損した状態で届きました")
        };
        Err(line.failure(Code::DeviceRejected).because_of(why))
    }
}
