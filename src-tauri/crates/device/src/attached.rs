//! What is attached now, as `fieldkey targets` and the window list it.

use std::path::Path;

use fieldkey_core::Code;
use serde::Serialize;
use ts_rs::TS;

use crate::{bootloader, platform};

/// One target that could be chosen, or why it cannot.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Attached {
    /// `drive:/media/x`, as `--target` takes it.
    pub target: String,
    pub kind: Kind,
    /// The volume's label, else the product's name.
    pub label: Option<String>,
    /// The USB device's or the card's.
    pub serial_number: Option<String>,
    /// The driver that fits it.
    pub driver: Option<String>,
    /// Why it cannot be chosen.
    pub refused: Option<Code>,
    #[ts(type = "number | null")]
    pub size_bytes: Option<u64>,
    pub file_system: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Kind {
    Drive,
    Serial,
}

/// The drives now attached and mounted, in the order of their names. Disks built into the machine
/// are not among them; a system that was started from a USB drive is, refused.
pub fn attached() -> Vec<Attached> {
    let mut found: Vec<Attached> = platform::volumes().into_iter().filter_map(Attached::of).collect();
    found.sort_by(|a, b| a.target.cmp(&b.target));
    found
}

/// A mounted volume on a disk that can be taken away, in the platform's words.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Volume {
    pub(crate) mount_point: std::path::PathBuf,
    pub(crate) label: Option<String>,
    pub(crate) serial_number: Option<String>,
    pub(crate) size_bytes: Option<u64>,
    pub(crate) file_system: Option<String>,
    pub(crate) read_only: bool,
    /// The running system needs this disk.
    pub(crate) system: bool,
}

impl Attached {
    /// `None` for a mount point that no command line could name.
    fn of(volume: Volume) -> Option<Self> {
        let refused = refused(&volume, &volume.mount_point);
        Some(Self {
            target: format!("drive:{}", volume.mount_point.to_str()?),
            kind: Kind::Drive,
            label: volume.label.as_deref().and_then(shown),
            serial_number: volume.serial_number.as_deref().and_then(shown),
            driver: Some("drive".into()),
            refused,
            size_bytes: volume.size_bytes,
            file_system: volume.file_system,
        })
    }
}

fn refused(volume: &Volume, folder: &Path) -> Option<Code> {
    if volume.system || bootloader::found(folder).is_some() {
        Some(Code::TargetRefused)
    } else {
        volume.read_only.then_some(Code::TargetReadOnly)
    }
}

/// A label comes from a stranger's stick: characters that hide, or turn the text around it, would
/// let one drive pass for another in the list.
fn shown(text: &str) -> Option<String> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}')
    };
    let text: String = text.chars().filter(|c| !hidden(*c)).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(mount_point: &Path) -> Volume {
        Volume { mount_point: mount_point.into(), ..Volume::default() }
    }

    #[test]
    fn labels_lose_what_hides_or_turns_text_around() {
        assert_eq!(shown("\u{202e}KCIT S\u{200b}").as_deref(), Some("KCIT S"), "no turning around, nothing invisible");
        assert_eq!(shown("現場 キー").as_deref(), Some("現場 キー"), "other scripts stay");
        assert_eq!(shown(" \u{feff}\n"), None, "nothing to see is no label");
    }

    #[test]
    fn the_keys_are_the_contract_s() {
        let attached = Attached::of(Volume { size_bytes: Some(1), ..volume(Path::new("/media/x")) }).expect("utf-8");
        let json = serde_json::to_value(attached).expect("json");
        let expected = serde_json::json!({
            "target": "drive:/media/x", "kind": "drive", "label": null, "serialNumber": null, "driver": "drive",
            "refused": null, "sizeBytes": 1, "fileSystem": null,
        });
        assert_eq!(json, expected, "scripts read these keys");
    }

    #[test]
    fn why_a_drive_cannot_be_chosen_is_said_in_the_list() {
        let folder = tempfile::tempdir().expect("folder");
        let code = |volume| Attached::of(volume).expect("utf-8").refused;
        assert_eq!(code(volume(folder.path())), None);
        let locked = Volume { read_only: true, ..volume(folder.path()) };
        assert_eq!(code(locked.clone()), Some(Code::TargetReadOnly));
        assert_eq!(code(Volume { system: true, ..locked }), Some(Code::TargetRefused), "the lock is not the point");
        std::fs::write(folder.path().join("INFO_UF2.TXT"), "UF2 Bootloader v3.0\r\n").expect("file");
        assert_eq!(code(volume(folder.path())), Some(Code::TargetRefused), "a boot loader keeps no files");
    }
}
