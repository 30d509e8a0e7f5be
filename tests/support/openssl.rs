//! What openssl says of keys and certificates.

use std::path::Path;
use std::process::Command;

/// The public key in a certificate or of a private key, told apart by the name of the file.
pub(crate) fn public_key(file: &Path) -> String {
    let is_key = file.extension().is_some_and(|extension| extension == "key");
    let words: &[&str] = if is_key { &["pkey", "-pubout"] } else { &["x509", "-noout", "-pubkey"] };
    let output = Command::new("openssl").args(words).arg("-in").arg(file).output().expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("PEM")
}

/// Runs openssl with these words in a folder.
pub(crate) fn openssl(folder: &Path, words: &str) {
    let output = Command::new("openssl").args(words.split_whitespace()).current_dir(folder).output().expect("it runs");
    assert!(output.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&output.stderr));
}
