//! What the flows stand on.

pub(crate) mod broker;
mod by_hand;
pub(crate) mod cloud;
pub(crate) mod command;
pub(crate) mod credentials_endpoint;
pub(crate) mod desktop;
pub(crate) mod device;
pub(crate) mod double;
pub(crate) mod identity;
pub(crate) mod openssl;
mod pictures;
pub(crate) mod proxy;
pub(crate) mod readme;
pub(crate) mod release;
pub(crate) mod simulator;
pub(crate) mod temporary;
pub(crate) mod tls_front;
pub(crate) mod ways;
pub(crate) mod window;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde_json::Value;

use cloud::Operator;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file under `tests/support`.
pub(crate) fn support(name: &str) -> PathBuf {
    root().join("tests/support").join(name)
}

/// Where independent clients were installed.
pub(crate) fn clients_python() -> PathBuf {
    client("python")
}

/// One of the programs that were installed with them.
pub(crate) fn client(program: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("HOME")).join(".cache"));
    cache.join("fieldkey/clients/bin").join(program)
}

/// What a client under `tests/support` answers to these calls, which it makes for an operator at a site.
pub(crate) fn answers_of<T: DeserializeOwned>(
    client: &str,
    site: &Path,
    operator: &Operator,
    calls: &Value,
    environment: &[(&str, &str)],
) -> T {
    let mut child = Command::new(clients_python())
        .arg(support(client))
        .env("SITE", site)
        .env("EMAIL", &operator.email)
        .env("FIELDKEY_PASSWORD", &operator.password)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python runs");
    child.stdin.take().expect("piped").write_all(calls.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a list")
}
