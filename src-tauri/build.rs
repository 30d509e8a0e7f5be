//! Tauri's half of the build, with its folders where the design puts them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tauri_build::{AppManifest, Attributes};
use url::Url;

const CAPABILITIES: &str = "src-tauri/capabilities";
const PERMISSIONS: &str = "src-tauri/permissions";

/// Where a build looks for newer versions, and whose signature those bear: docs/deploy.md, "Updates".
const UPDATES: [&str; 2] = ["FIELDKEY_UPDATES_FROM", "FIELDKEY_UPDATES_KEY"];

fn main() {
    for folder in [CAPABILITIES, PERMISSIONS] {
        println!("cargo:rerun-if-changed={folder}");
    }
    if let Err(why) = can_update() {
        println!("cargo::error={why}");
    }
    let permissions = AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml");
    let attributes =
        Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*").app_manifest(permissions);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}

/// A mistake here would be seen when the first update does not come.
fn can_update() -> Result<(), String> {
    for name in UPDATES {
        println!("cargo:rerun-if-env-changed={name}");
    }
    match UPDATES.map(|name| std::env::var(name).unwrap_or_default()) {
        [from, key] if from.is_empty() && key.is_empty() => Ok(()),
        [from, _] if !is_https(&from) => Err(format!("{} is no https:// address: {from:?}", UPDATES[0])),
        [_, key] if !is_key(&key) => {
            Err(format!("{} is not what `tauri signer generate` writes as the public key", UPDATES[1]))
        }
        _ => Ok(()),
    }
}

fn is_https(from: &str) -> bool {
    Url::parse(from).is_ok_and(|url| url.scheme() == "https" && url.host().is_some())
}

/// minisign's, once more in base64: a comment, and below it two letters, 8 bytes that name the key, and its 32.
fn is_key(key: &str) -> bool {
    let text = STANDARD.decode(key.trim()).ok().and_then(|text| String::from_utf8(text).ok());
    let key = text.as_ref().and_then(|text| text.lines().nth(1)).and_then(|line| STANDARD.decode(line).ok());
    key.is_some_and(|key| key.len() == 2 + 8 + 32 && key.starts_with(b"Ed"))
}
