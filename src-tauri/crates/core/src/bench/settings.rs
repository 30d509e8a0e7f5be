//! What the operator sets up before a bench is armed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::TargetKind;

/// How a device finds its row. It is never guessed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export, rename = "BenchMode")]
pub enum Mode {
    /// The serial number scanned last waits for the next new device.
    #[default]
    ScanThenPlug,
    /// The USB serial number is the row's serial number.
    ByDeviceSerial,
    /// The next waiting row gets the next new device, which is shown for a moment before it starts.
    InOrder,
}

/// What the operator set up. Changed only while the bench is not armed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "BenchSettings")]
pub struct Settings {
    pub mode: Mode,
    /// Devices of the other kind are left alone.
    pub kind: TargetKind,
    /// For every row that names none; `null`: what fits the device.
    pub driver: Option<String>,
    /// That driver's, by the names that stand behind a target's `?`. No password is among them.
    #[serde(default)]
    pub driver_settings: BTreeMap<String, String>,
    /// So many devices are written side by side; from 1 to 32.
    pub at_once: u32,
    /// Watch each device register itself, as long as its claim lives.
    pub wait: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            kind: TargetKind::Drive,
            driver: None,
            driver_settings: BTreeMap::new(),
            at_once: 8,
            wait: true,
        }
    }
}
