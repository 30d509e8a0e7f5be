//! An identity, used by software that we did not write.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::{clients_python, support};

/// An identity as it lies on a drive.
pub(crate) struct Identity {
    pub(crate) folder: PathBuf,
    pub(crate) settings: Value,
}

impl Identity {
    pub(crate) fn on(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("identity.json")).expect("an identity");
        Self { folder: folder.to_owned(), settings: serde_json::from_str(&text).expect("JSON") }
    }

    pub(crate) fn id(&self) -> &str {
        self.settings["certificateId"].as_str().expect("an ID")
    }

    pub(crate) fn file(&self, role: &str) -> PathBuf {
        self.folder.join(self.settings["files"][role].as_str().expect("a name"))
    }

    /// Connects with AWS's IoT Device SDK for Python, publishes on its own topic and hears itself.
    pub(crate) fn connects_by_awsiotsdk(&self) -> Result<(), String> {
        let port = self.settings["port"].to_string();
        let output = Command::new(clients_python())
            .arg(support("identity_connects.py"))
            .args(["--endpoint", self.settings["endpoint"].as_str().expect("a host"), "--port", &port])
            .args(["--thing", self.settings["thingName"].as_str().expect("a name")])
            .arg("--certificate")
            .arg(self.file("certificate"))
            .arg("--private-key")
            .arg(self.file("privateKey"))
            .arg("--ca")
            .arg(self.file("ca"))
            .output()
            .expect("python runs");
        said(&output)
    }

    /// Temporary credentials from the credentials endpoint, by curl.
    pub(crate) fn credentials_by_curl(&self, url: &str, ca: &Path) -> Value {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--cacert"])
            .arg(ca)
            .arg("--cert")
            .arg(self.file("certificate"))
            .arg("--key")
            .arg(self.file("privateKey"))
            .arg("-H")
            .arg(format!("x-amzn-iot-thingname: {}", self.settings["thingName"].as_str().expect("a name")))
            .arg(url)
            .output()
            .expect("curl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

fn said(output: &Output) -> Result<(), String> {
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
