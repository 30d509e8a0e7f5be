//! What the device has to store and compare files with.

use fieldkey_core::Failure;

use super::shell::Shell;
use crate::serial::Line;

/// Programs, by what they are for. All but `rz` are text that may stand in a command.
#[derive(Clone, Debug, Default)]
pub(super) struct Tools {
    /// Receives a file by ZMODEM (lrzsz; some systems call it `lrz`).
    pub(super) rz: Option<&'static str>,
    /// From base64 on standard input to bytes.
    pub(super) decode: Option<&'static str>,
    /// From bytes on standard input to base64.
    pub(super) encode: Option<&'static str>,
    /// From bytes on standard input to hex.
    pub(super) dump: Option<&'static str>,
    /// From bytes on standard input to a SHA-256 in hex, with other words around it.
    pub(super) digest: Option<&'static str>,
    /// `printf` is built into the shell: nobody sees its arguments.
    pub(super) printf: bool,
}

/// Each is tried, and its word said if it works: a busybox may have a program and not the option. The answer is short,
/// so that it gets through a line on which there is much else.
const QUESTION: &str = concat!(
    "h(){ test \"$2\" = \"$3\"&&echo $1;};has(){ command -v $1 >/dev/null&&echo $1;};has rz;has lrz;",
    "h b64 $(echo QQ==|base64 -d)$(printf A|base64) AQQ==;",
    "h ssl $(echo QQ==|openssl base64 -d)$(printf A|openssl base64) AQQ==;",
    "d=559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd;",
    "h sum $(printf A|sha256sum|sed 's/ .*//') $d;h dgst $(printf A|openssl dgst -sha256|sed 's/.* //') $d;",
    "h od $(printf A|od -An -v -tx1) 41;h hd $(printf A|hexdump -v -e '/1 \"%02x \"') 41;",
    "h printf $(type printf|grep -c builtin) 1"
);

impl Tools {
    pub(super) fn of(shell: &mut Shell, line: &mut Line) -> Result<Self, Failure> {
        let within = shell.pace().answer * 10;
        let answer = shell.run(line, &format!("({QUESTION}) 2>/dev/null"), within)?;
        let has = |word: &str| answer.text.lines().any(|line| line.trim_end() == word);
        let first =
            |choices: &[(&str, &'static str)]| choices.iter().find(|(word, _)| has(word)).map(|(_, tool)| *tool);
        Ok(Self {
            rz: first(&[("rz", "rz"), ("lrz", "lrz")]),
            decode: first(&[("b64", "base64 -d"), ("ssl", "openssl base64 -d")]),
            encode: first(&[("b64", "base64"), ("ssl", "openssl base64")]),
            dump: first(&[("od", "od -An -v -tx1"), ("hd", "hexdump -v -e '/1 \"%02x \"'")]),
            digest: first(&[("sum", "sha256sum"), ("dgst", "openssl dgst -sha256")]),
            printf: has("printf"),
        })
    }
}
