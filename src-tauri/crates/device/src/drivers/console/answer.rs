//! Answers of the shell, told apart from everything else on the line.
//!
//! An answer is framed: `<token:number:status:text:number:token>`. The token is the session's own, the number the
//! command's. Each answer comes at least twice, and counts when two are equal: a line of the kernel's log, which may
//! come in the middle of a word and is only left out where it is whole, or a damaged byte spoils one of them, not two in
//! the same way.

use zeroize::Zeroizing;

use super::text::without_log;

/// What a command left behind.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u32,
    /// What it said, on both outputs. Lines end in LF.
    pub(super) text: Zeroizing<String>,
}

impl Answer {
    pub(super) fn succeeded(&self) -> bool {
        self.status == 0
    }
}

/// All whole answers to this command among what has come.
pub(super) fn answers(seen: &[u8], token: &str, number: u32) -> Vec<Answer> {
    let text = without_log(&Zeroizing::new(String::from_utf8_lossy(seen).replace('\r', "")));
    let (begin, end) = (format!("<{token}:{number}:"), format!(":{number}:{token}>"));
    text.split(&begin).skip(1).filter_map(|rest| answer(rest.split_once(&end)?.0)).collect()
}

/// The answer of which there are two.
pub(super) fn agreed(answers: &[Answer]) -> Option<&Answer> {
    answers.iter().enumerate().find_map(|(at, answer)| answers.iter().skip(at + 1).find(|other| *other == answer))
}

fn answer(framed: &str) -> Option<Answer> {
    let (status, text) = framed.split_once(':')?;
    Some(Answer { status: status.parse().ok()?, text: Zeroizing::new(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed_on(seen: &str) -> Option<(u32, String)> {
        let answers = answers(seen.as_bytes(), "fk1", 7);
        agreed(&answers).map(|answer| (answer.status, answer.text.to_string()))
    }

    #[test]
    fn an_answer_counts_when_two_are_equal() {
        let once = "\r\n<fk1:7:1:no\r\nway:7:fk1>\r\n";
        assert_eq!(agreed_on(once), None, "it may be damaged");
        assert_eq!(agreed_on(&once.repeat(2)), Some((1, "no\nway".into())));
        assert_eq!(agreed_on(&format!("{once}{}", once.replace("way", "day"))), None, "which of them?");
        assert_eq!(agreed_on(&format!("{once}{}{once}", once.replace("way", "day"))), Some((1, "no\nway".into())));
        assert_eq!(agreed_on(&once.replace(":7:", ":6:").repeat(2)), None, "that is the last command's");
    }

    #[test]
    fn a_driver_s_message_in_an_answer_spoils_that_one_only() {
        let log = "usb 1-1: new high-speed USB device\r\n";
        let once = "<fk1:7:0:a b:7:fk1>";
        for at in 0..=once.len() {
            let broken = format!("{}{log}{}", &once[..at], &once[at..]);
            let all = format!("{broken}\r\n{once}\r\n{log}{once}\r\n");
            assert_eq!(agreed_on(&all), Some((0, "a b".into())), "log after {at} bytes");
        }
    }
}
