//! What the flows stand on.

pub(crate) mod broker;
pub(crate) mod cloud;
pub(crate) mod command;
pub(crate) mod credentials_endpoint;
pub(crate) mod device;
pub(crate) mod double;
pub(crate) mod identity;
pub(crate) mod openssl;
pub(crate) mod proxy;
pub(crate) mod tls_front;
pub(crate) mod window;

use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file under `tests/support`.
pub(crate) fn support(name: &str) -> PathBuf {
    root().join("tests/support").join(name)
}

/// Where independent clients were installed.
pub(crate) fn clients_python() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("HOME")).join(".cache"));
    cache.join("fieldkey/clients/bin/python")
}
