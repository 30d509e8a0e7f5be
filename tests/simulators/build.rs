//! Compiles the C reference of `docs/device-protocol.md` as a process, once as firmware would and once with sanitizers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    // As it is now: the script may have been compiled in another checkout.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("CARGO_MANIFEST_DIR");
    let sources = Path::new(&package).join("../../docs/device-protocol");
    println!("cargo::rerun-if-changed={}", sources.display());
    println!("cargo::rerun-if-env-changed=CC");
    if env::var_os("CARGO_CFG_UNIX").is_none() {
        return;
    }
    let mut files: Vec<_> =
        fs::read_dir(&sources).expect("sources").map(|entry| entry.expect("entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "c"));
    files.sort();
    let out = env::var_os("OUT_DIR").expect("OUT_DIR");
    let sanitizers = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for (name, options) in [("framed", &["-O2"][..]), ("framed-sanitized", &sanitizers[..])] {
        let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
        let mut command = Command::new(&compiler);
        command.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]).args(options).args(&files);
        let status = command.arg("-o").arg(Path::new(&out).join(name)).status();
        assert!(status.is_ok_and(|status| status.success()), "{compiler} did not compile {}", sources.display());
    }
}
