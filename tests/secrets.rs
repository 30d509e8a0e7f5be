//! No secret in any output: everything that Fieldkey says or leaves behind is searched for them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::support::broker::Broker;
use crate::support::cloud::{Operator, cloud};
use crate::support::command::Desk;
use crate::support::openssl::openssl;
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

/// Provisions as loudly as it can and searches everything but the drive.
fn search_after(desk: &Desk, proxy: &Proxy, operator: &Operator, words: &[&str], expected: i32) {
    let mut command = desk.provision(operator, "QUIET-1", words);
    search_after_command(desk, proxy, operator, &mut command, expected, &[]);
}

/// Runs a command as loudly as it can. `more`: further secrets, by name.
fn search_after_command(
    desk: &Desk,
    proxy: &Proxy,
    operator: &Operator,
    command: &mut Command,
    expected: i32,
    more: &[(&str, &str)],
) {
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
    for (name, secret) in more {
        secrets.add(name, secret);
    }
    for file in std::fs::read_dir(desk.path("drive")).expect("a folder").flatten().map(|entry| entry.path()) {
        if file.to_string_lossy().to_lowercase().contains("private") {
            let key = std::fs::read_to_string(file).expect("PEM");
            key.lines().filter(|line| !line.starts_with('-')).for_each(|line| secrets.add("private key", line));
        }
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

#[test]
fn enrolling_shows_no_secret() {
    let proxy = Proxy::before(cloud().port());
    let (desk, operator) = (desk_behind(&proxy), cloud().operator());
    let mut command = desk.enroll(&operator, "QUIET-2", &["--via", "api"]);
    search_after_command(&desk, &proxy, &operator, &mut command, 0, &[]);

    let (proxy, broker) = (Proxy::before(cloud().port()), Broker::start());
    let mut site = cloud().site_at(&proxy.url);
    site["endpoints"]["mqttPort"] = broker.port().into();
    let desk = Desk::with_site(&site);
    std::fs::write(desk.path("ca.pem"), cloud().ca() + &broker.ca()).expect("writable");
    let mut command = desk.enroll(&operator, "QUIET-3", &["--via", "claim"]);
    search_after_command(&desk, &proxy, &operator, &mut command, 0, &[]);
    let seen = broker.seen();
    let payloads = seen.iter().filter_map(|act| act["payload"].as_str());
    let token = payloads
        .filter_map(|payload| serde_json::from_str::<Value>(payload).ok())
        .find_map(|payload| payload["certificateOwnershipToken"].as_str().map(str::to_owned))
        .expect("a token went by");
    let mut command = desk.enroll(&operator, "QUIET-3", &["--via", "claim", "--replace"]);
    search_after_command(&desk, &proxy, &operator, &mut command, 0, &[("ownership token", &token)]);
}

#[test]
fn registering_and_verifying_show_no_secret() {
    let proxy = Proxy::before(cloud().port());
    let (desk, operator) = (desk_behind(&proxy), cloud().operator());
    let folder = desk.path("tmp");
    openssl(&folder, "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=own");
    openssl(&folder, "pkcs12 -export -in cert.pem -inkey key.pem -passout pass:open-sesame -out own.p12");
    let key = std::fs::read_to_string(folder.join("key.pem")).expect("PEM");
    let line = key.lines().nth(5).expect("base64").to_owned();
    // What lies there is the person's own; what Fieldkey leaves behind is searched.
    let p12 = desk.path("own.p12");
    std::fs::rename(folder.join("own.p12"), &p12).expect("writable");
    std::fs::remove_file(folder.join("key.pem")).expect("writable");
    let file = p12.display().to_string();
    let words = ["register", "--thing", "Fleet_Index_QUIET-4", "--certificate", &file, "--password-env", "P12"];
    let mut command = desk.job(&operator, &words);
    command.env("P12", "open-sesame");
    let more = [("password of the file", "open-sesame"), ("private key", line.as_str())];
    search_after_command(&desk, &proxy, &operator, &mut command, 0, &more);

    let mut command = desk.enroll(&operator, "QUIET-5", &["--via", "api"]);
    search_after_command(&desk, &proxy, &operator, &mut command, 0, &[]);
    let output =
        desk.verify(&["--mqtt"]).env("FIELDKEY_LOG", "trace").env("RUST_LOG", "trace").output().expect("it runs");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let key = desk.files().into_iter().find(|name| name.contains("private")).expect("a key");
    let key = std::fs::read_to_string(desk.path("drive").join(key)).expect("PEM");
    for line in key.lines().filter(|line| !line.starts_with('-')) {
        assert!(!said.contains(line), "the key is in what verify says");
    }
}
