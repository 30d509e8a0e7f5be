//! No secret in any output: everything that Fieldkey says or leaves behind is searched for them.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::support::cloud::{Operator, cloud};
use crate::support::command::Desk;
use crate::support::proxy::{Proxy, Spoil};

const NEW_PASSWORD: &str = "Never-t0-be-seen";

/// What must not be found, by name.
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn add(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0.push((name.to_owned(), value.to_owned()));
            self.0.push((format!("{name} in base64"), BASE64_STANDARD.encode(value)));
        }
    }

    /// Tokens, AWS credentials and keys, from what the cloud answered.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    let secret = ["IdToken", "AccessToken", "RefreshToken", "SecretKey", "SessionToken", "Session"];
                    match value.as_str() {
                        Some(text) if secret.contains(&key.as_str()) => self.add(key, text),
                        Some(pem) if key == "PrivateKey" => {
                            pem.lines().filter(|line| !line.starts_with('-')).for_each(|line| self.add(key, line));
                        }
                        _ => self.learn(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    fn search(&self, place: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for (name, secret) in &self.0 {
            assert!(!text.contains(secret.as_str()), "{name} is in {place}");
        }
    }

    fn search_folder(&self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            self.search(&path.display().to_string(), path.display().to_string().as_bytes());
            if path.is_dir() {
                self.search_folder(&path);
            } else {
                self.search(&path.display().to_string(), &std::fs::read(&path).expect("readable"));
            }
        }
    }
}

/// Runs the command as loudly as it can and searches everything but the drive.
fn search_after(desk: &Desk, proxy: &Proxy, operator: &Operator, words: &[&str], expected: i32) {
    let mut command = desk.provision(operator, "QUIET-1", words);
    let output = command
        .env("FIELDKEY_NEW_PASSWORD", NEW_PASSWORD)
        .env("FIELDKEY_LOG", "trace")
        .env("RUST_LOG", "trace")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(expected), "{}", String::from_utf8_lossy(&output.stdout));
    let mut secrets = Secrets(Vec::new());
    secrets.add("password", &operator.password);
    secrets.add("new password", NEW_PASSWORD);
    for call in proxy.take() {
        let text = String::from_utf8_lossy(&call.answer).into_owned();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        secrets.learn(&serde_json::from_str(&body).unwrap_or_default());
    }
    assert!(secrets.0.len() > 4, "the proxy saw secrets go by, so the search can find something");
    secrets.search("standard output", &output.stdout);
    secrets.search("standard error", &output.stderr);
    let site = desk.path("site.json").display().to_string();
    for words in [
        &["sign-out", "--site", &site, "--user", &operator.email][..],
        &["history"],
        &["targets"],
        &["site", "check", &site],
    ] {
        let output =
            desk.fieldkey(words).env("FIELDKEY_LOG", "trace").env("RUST_LOG", "trace").output().expect("it runs");
        secrets.search(words[0], &[output.stdout, output.stderr].concat());
    }
    for folder in ["home", "tmp"] {
        secrets.search_folder(&desk.path(folder));
    }
}

fn desk_behind(proxy: &Proxy) -> Desk {
    Desk::with_site(&cloud().site_at(&proxy.url))
}

#[test]
fn a_run_that_succeeds_shows_no_secret_at_the_loudest_log_level() {
    let proxy = Proxy::before(cloud().port());
    search_after(&desk_behind(&proxy), &proxy, &cloud().invited(), &[], 0);
}

#[test]
fn a_run_that_fails_shows_no_secret_either() {
    for (call, spoil) in [
        ("provisioning-claim", Spoil::Cut),
        ("GetCredentialsForIdentity", Spoil::Garbage),
        ("GetId", Spoil::Answer(400, r#"{"__type":"NotAuthorizedException","message":"Token expired"}"#)),
    ] {
        let proxy = Proxy::before(cloud().port());
        proxy.spoil(call, spoil, 10);
        let expected = if call == "GetId" { 3 } else { 4 };
        search_after(&desk_behind(&proxy), &proxy, &cloud().invited(), &[], expected);
    }
}

#[test]
fn a_run_that_is_not_registered_shows_no_secret_either() {
    let proxy = Proxy::before(cloud().port());
    proxy.spoil("principals", Spoil::Slow(Duration::from_millis(50)), 1);
    search_after(&desk_behind(&proxy), &proxy, &cloud().invited(), &["--wait", "1"], 6);
}
