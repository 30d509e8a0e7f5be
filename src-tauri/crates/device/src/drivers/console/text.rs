//! What people see on a console, as text.

use std::time::Duration;

use fieldkey_core::Failure;
use zeroize::Zeroizing;

use crate::serial::Line;

/// So much of what came last is looked at, in bytes.
const TAIL: usize = 4096;

/// Listens until nothing has come for so long, or for `limit`. Returns the last of what it said since it was last
/// discarded, without colours.
pub(super) fn settled(line: &mut Line, quiet: Duration, limit: Duration) -> Result<Zeroizing<String>, Failure> {
    let end = line.now() + limit;
    loop {
        let until = end.min(line.now() + quiet);
        if !line.wait(until)? {
            return Ok(plain(line.seen()));
        }
        let surplus = line.seen().len().saturating_sub(TAIL);
        if surplus > 0 {
            line.take(surplus);
        }
    }
}

/// Lines of text. Colours, window titles and cursor movements (ECMA-48's control sequences) are left out.
fn plain(bytes: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\x1b' => match rest.next() {
                Some('[') => drop(rest.find(|c| ('@'..='~').contains(c))),
                Some(']') => drop(rest.find(|c| *c == '\x07')),
                _ => {}
            },
            '\n' => plain.push('\n'),
            character if character.is_control() => {}
            character => plain.push(character),
        }
    }
    plain
}

/// The same without lines of the kernel's log, which begin with the seconds since it started (`[   12.345678] `) and come
/// wherever they like, even in the middle of a word.
pub(super) fn without_log(text: &str) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, line) = rest.split_at(at);
        match line.split_once('\n') {
            Some((line, after)) if is_log(line) => {
                kept.push_str(before);
                rest = after;
            }
            _ => {
                kept.push_str(before);
                kept.push('[');
                rest = line.get(1..).unwrap_or_default();
            }
        }
    }
    kept.push_str(rest);
    kept
}

fn is_log(line: &str) -> bool {
    let time = line.strip_prefix('[').and_then(|line| line.split_once("] "));
    let parts = time.and_then(|(time, _)| time.trim_start().split_once('.'));
    parts.is_some_and(|(seconds, rest)| {
        rest.len() == 6 && seconds.chars().chain(rest.chars()).all(|c| c.is_ascii_digit())
    })
}

/// The last line that is not empty.
pub(super) fn last_line(text: &str) -> &str {
    text.trim_end().rsplit('\n').next().unwrap_or_default().trim_end()
}

/// Does it look as if a shell waited here? Only ever a hint.
pub(super) fn is_prompt(text: &str) -> bool {
    last_line(text).ends_with(['#', '$', '%', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_log_is_no_part_of_the_text() {
        let said = "a[b]\nc[   12.345678] usb 1-1: [x] new\nd[    0.5] e\n[1] f[   12.345678] cut";
        assert_eq!(*without_log(said), "a[b]\ncd[    0.5] e\n[1] f[   12.345678] cut");
    }

    #[test]
    fn colours_and_titles_are_no_part_of_the_text() {
        let said = b"\x1b]0;root@board\x07\x1b[1;32mroot@board\x1b[0m:\x1b[34m~\x1b[0m# \x1b[6n";
        assert_eq!(last_line(&plain(said)), "root@board:~#");
        assert!(is_prompt(&plain(said)));
        assert!(!is_prompt("board login:"));
    }
}
