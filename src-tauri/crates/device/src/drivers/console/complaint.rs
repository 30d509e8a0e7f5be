//! From the shell's own words to the code that people and scripts act on.

use fieldkey_core::Code;

/// What systems call it when they do not store something, in the C locale. glibc's words, musl's and uclibc's.
const COMPLAINTS: [(&str, Code); 8] = [
    ("no space left", Code::TargetFull),
    ("quota exceeded", Code::TargetFull),
    ("file too large", Code::TargetFull),
    ("read-only file system", Code::TargetReadOnly),
    ("permission denied", Code::TargetPermission),
    ("operation not permitted", Code::TargetPermission),
    ("not a directory", Code::TargetRefused),
    ("is a directory", Code::TargetRefused),
];

/// The known words in a complaint, and their code.
pub(super) fn known(text: &str) -> Option<(&'static str, Code)> {
    let text = text.to_ascii_lowercase();
    COMPLAINTS.into_iter().find(|(words, _)| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_each_shell_have_their_code() {
        let of = |text| known(text).map(|(_, code)| code);
        assert_eq!(of("base64: write error: No space left on device"), Some(Code::TargetFull));
        assert_eq!(of("sh: can't create x: Read-only file system"), Some(Code::TargetReadOnly), "busybox");
        assert_eq!(of("sh: 1: cannot create x: Permission denied"), Some(Code::TargetPermission), "dash");
        assert_eq!(of("mkdir: cannot create directory '/etc/x': Not a directory"), Some(Code::TargetRefused));
        assert_eq!(of("mv: can't rename 'a': No such file or directory"), None);
    }
}
