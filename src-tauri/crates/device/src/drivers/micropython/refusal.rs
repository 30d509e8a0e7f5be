//! From what Python raises to the codes that people and scripts act on.

use fieldkey_core::{Code, Failure, Why};

use super::probe::Features;
use crate::serial::Line;

/// Numbers are POSIX's; names are found in the text of boards that give them.
const KNOWN: [(Code, &[u32], &[&str]); 3] = [
    (Code::TargetFull, &[28], &["ENOSPC", "No space", "no more storage"]),
    (Code::TargetReadOnly, &[30], &["EROFS", "ead-only"]),
    (Code::TargetPermission, &[1, 13], &["EPERM", "EACCES"]),
];

/// `raised` is a traceback. Its last line says what happened; only an `OSError`'s is passed on: others may show what
/// was sent.
pub(super) fn failure(line: &Line, raised: &[u8], board: Option<&Features>) -> Failure {
    let text = String::from_utf8_lossy(raised);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let (kind, words) = last.split_once(':').unwrap_or((last, ""));
    let rejected = |en: &str, ja: &str| line.failure(Code::DeviceRejected).because_of(Why::new(en, ja));
    match kind {
        "OSError" => refused(line, words.trim(), board),
        "MemoryError" => rejected("it has not enough memory left", "メモリが足りません"),
        "KeyboardInterrupt" => rejected("it was interrupted", "処理が中断されました"),
        "SyntaxError" | "IndentationError" | "NameError" | "ValueError" | "UnicodeError" => {
            rejected("what was sent arrived damaged", "送信したデータが壊れて届きました")
        }
        _ => rejected("it raised an error that was not expected", "想定外のエラーが発生しました"),
    }
}

pub(super) fn is_out_of_memory(raised: &[u8]) -> bool {
    raised.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"MemoryError"))
}

fn refused(line: &Line, words: &str, board: Option<&Features>) -> Failure {
    let number = words.split(|letter: char| !letter.is_ascii_digit()).find_map(|digits| digits.parse::<u32>().ok());
    let is = |numbers: &[u32], names: &[&str]| {
        number.is_some_and(|number| numbers.contains(&number)) || names.iter().any(|name| words.contains(name))
    };
    let code = KNOWN.iter().find(|(_, numbers, names)| is(numbers, names)).map(|(code, ..)| *code);
    if code == Some(Code::TargetReadOnly) && board.is_some_and(Features::is_circuit_python) {
        let why = Why::new(
            "the computer holds its drive CIRCUITPY: eject it, or write to that drive instead",
            "パソコンが CIRCUITPY ドライブを使用中です。取り出すか、そのドライブに書き込んでください",
        );
        return line.failure(Code::TargetReadOnly).because_of(why);
    }
    if is(&[19], &["ENODEV"]) {
        let why = Why::new("it has no file system", "ファイルシステムがありません");
        return line.failure(Code::TargetRefused).because_of(why);
    }
    line.failure(code.unwrap_or(Code::TargetRefused)).because(words)
}
