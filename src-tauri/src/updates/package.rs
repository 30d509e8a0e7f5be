//! Which of a release's packages is for this computer. All of them are signed with one key, as one version: what says
//! that one is not another is its name, which is signed, too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What releases call it (`scripts/lib/update_list.py`).
pub(super) fn name(version: &str) -> String {
    let processor = if cfg!(target_arch = "x86_64") { "amd64" } else { std::env::consts::ARCH };
    match std::env::consts::OS {
        "windows" => format!("Fieldkey_{version}_x64-setup.exe"),
        "macos" => "Fieldkey.app.tar.gz".to_owned(),
        _ => format!("Fieldkey_{version}_{processor}.AppImage"),
    }
}

/// The file that a signature is for, by its own words. Only a signature that was held against its package says it.
///
/// minisign's form: four lines, of which the third is signed by the fourth.
pub(super) fn signed(signature: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(signature).ok()?).ok()?;
    let said = text.lines().nth(2)?.strip_prefix("trusted comment: ")?;
    said.split('\t').find_map(|word| word.strip_prefix("file:")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(lines: &str) -> String {
        STANDARD.encode(lines)
    }

    #[test]
    fn the_signed_name_is_read_from_the_line_that_is_signed() {
        let said =
            "untrusted comment: x\nRUQx\ntrusted comment: timestamp:1\tfile:Fieldkey.app.tar.gz\tversion:1.2.3\nyy\n";
        assert_eq!(signed(&signature(said)).as_deref(), Some("Fieldkey.app.tar.gz"));
        let pretended =
            "trusted comment: file:Fieldkey.app.tar.gz\nRUQx\ntrusted comment: timestamp:1\tfile:other\nyy\n";
        assert_eq!(signed(&signature(pretended)).as_deref(), Some("other"), "anybody can write the first line");
        for nothing in ["", "one line", "untrusted comment: x\nRUQx\ntrusted comment: timestamp:1\nyy"] {
            assert_eq!(signed(&signature(nothing)), None, "{nothing:?}");
        }
        assert_eq!(signed("no base64"), None);
    }
}
