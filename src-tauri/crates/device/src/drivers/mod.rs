//! One module for each kind of device on a serial line.

pub(crate) mod at;
#[cfg(test)]
pub(crate) mod bench;
mod console;
mod detect;
mod framed;
mod kinds;
pub(crate) mod micropython;
pub(crate) mod nrf91;
mod shell;
#[cfg(all(test, target_os = "linux"))]
mod speed;
pub(crate) mod zephyr;

pub(crate) use kinds::{Kind, detected, kinds, kinds_of, line_settings, named};

use fieldkey_core::ports::{Caution, NewKey};
use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use crate::layout::{Content, Part};
use crate::serial::Line;

/// How to talk to one kind of device. All of it blocks: it runs on a thread of its own.
pub(crate) trait Driver: Send {
    /// `nrf91`, as `--driver` takes it.
    fn name(&self) -> &str;

    /// Says hello and brings the device to where it takes commands. Returns maker, model and firmware, as far as it
    /// says them. Harmless to a device of another kind: nothing is sent that could change one.
    ///
    /// # Errors
    /// `device-silent`; `device-rejected` for another kind of device.
    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure>;

    /// Leaves the device as `greet` found it, as far as it still can. Called once for each `greet`, even after failures.
    fn leave(&mut self, line: &mut Line);

    /// Where it keeps things.
    fn store(&mut self) -> Store<'_>;

    /// What an operator should know of it. Asked after writing.
    fn cautions(&self) -> Vec<Caution> {
        vec![]
    }

    /// Can devices of this kind make keys?
    fn makes_keys(&self) -> bool {
        false
    }

    /// Has the device make a key, and returns a CSR for it, as PEM. What held another key in that place is gone then.
    fn request(&mut self, line: &mut Line, _: &NewKey) -> Result<String, Failure> {
        let why = Why::new("this device makes no keys", "このデバイスは鍵を作成できません");
        Err(line.failure(Code::Usage).because_of(why))
    }
}

/// The two ways of keeping credentials.
pub(crate) enum Store<'a> {
    Slots(&'a mut dyn Slots),
    Files(&'a mut dyn Files),
}

/// A device with a place for each part: a modem's key store. What such a place holds is gone before the new comes.
pub(crate) trait Slots {
    /// The place for this part, as the device and its manual name it: `sec_tag 42, type 1`. `None` where it has none
    /// for it, which is then not written.
    fn place(&self, part: Part) -> Option<String>;

    /// What is in these places now. Of others it says nothing.
    fn held(&mut self, line: &mut Line) -> Result<Vec<Held>, Failure>;

    /// Would parts of these sizes (bytes) fit? Asked before anything is removed, so nothing may be changed by it.
    ///
    /// # Errors
    /// `target-full`, with the limit.
    fn room(&mut self, line: &mut Line, sizes: &[(Part, usize)]) -> Result<(), Failure>;

    /// What is there, to be put back if the new does not come; `None` if the device does not give it away.
    fn read(&mut self, line: &mut Line, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Failure>;

    /// Removes what is there. Nothing there is fine, too.
    fn remove(&mut self, line: &mut Line, part: Part) -> Result<(), Failure>;

    /// Writes into an empty place.
    fn write(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure>;

    /// Compares what is there with what was written, by a digest of the device's or by reading it back.
    ///
    /// # Errors
    /// `verify-mismatch`.
    fn verify(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure>;
}

/// What is in a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Held {
    pub(crate) part: Part,
    pub(crate) bytes: Option<u64>,
    /// `sha256:…`, `md5:…`, lower-case hex.
    pub(crate) digest: Option<String>,
}

/// A device with a folder for credentials.
pub(crate) trait Files {
    /// The files in the folder. Makes the folder if need be.
    fn list(&mut self, line: &mut Line) -> Result<Vec<Listed>, Failure>;

    /// Room left, in bytes; `None` if the device does not say.
    fn room(&mut self, line: &mut Line) -> Result<Option<u64>, Failure>;

    /// Does it give private keys away?
    fn gives_keys(&self) -> bool {
        true
    }

    /// `None` if there is no such file.
    fn read(&mut self, line: &mut Line, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure>;

    /// Writes a new file, or overwrites one, and closes it; readable only for its owner where the device has owners.
    /// Progress is the caller's affair.
    fn write(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<(), Failure>;

    /// SHA-256, lower-case hex, as the device computes it from what it has stored; `None` if it cannot.
    fn sha256(&mut self, line: &mut Line, name: &str) -> Result<Option<String>, Failure>;

    /// Can it give files other names?
    fn can_rename(&mut self, _: &mut Line) -> Result<bool, Failure> {
        Ok(true)
    }

    /// Gives a file another name and takes the place of one that has it.
    fn rename(&mut self, line: &mut Line, from: &str, to: &str) -> Result<(), Failure>;

    /// Several renames, in this order. A device that can has them in force all at once.
    fn rename_all(&mut self, line: &mut Line, moves: &[(&str, &str)]) -> Result<(), Failure> {
        moves.iter().try_for_each(|(from, to)| self.rename(line, from, to))
    }

    /// Removes a file. No such file is fine, too.
    fn remove(&mut self, line: &mut Line, name: &str) -> Result<(), Failure>;

    /// Has everything that was written outlast a cut of the power, if the device needs to be told.
    fn sync(&mut self, line: &mut Line) -> Result<(), Failure>;
}

/// A file in the device's folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) bytes: Option<u64>,
}
