//! A device, played by AWS's IoT Device SDK for Python (`device.py`).

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use super::{clients_python, support};

pub(crate) struct Device(Option<Child>);

impl Device {
    /// Watches the drive for a claim and registers itself with it.
    pub(crate) fn on(drive: &Path, flash: &Path) -> Self {
        let child = Command::new(clients_python())
            .arg(support("device.py"))
            .arg("--drive")
            .arg(drive)
            .arg("--flash")
            .arg(flash)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python runs");
        Self(Some(child))
    }

    /// Waits until the device has done its part.
    pub(crate) fn finish(mut self) -> Output {
        self.0.take().expect("running").wait_with_output().expect("it ends")
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
