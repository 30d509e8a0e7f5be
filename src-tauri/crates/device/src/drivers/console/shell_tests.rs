//! The reader: when it is slow, when it does not come to an end, and when it is no more.

use std::fs;
use std::time::Instant;

use fieldkey_core::Code;

use super::counterpart::Board;
use super::encoded::output;
use super::pace::Pace;
use super::shell::Shell;
use crate::serial::Line;

/// A shell, and when that has ended something that shows what it gets, as a login does.
const RESTARTS: [&str; 3] = ["sh", "-c", "sh 2>/dev/null; stty sane; while :; do cat; done"];

fn started(board: &Board) -> (Shell, Line) {
    let (mut shell, mut line) = (Shell::new(Pace::faster(10)), board.line());
    shell.start(&mut line, true).expect("starts");
    assert!(shell.is_silent(), "nothing is shown");
    (shell, line)
}

#[test]
fn a_secret_is_not_sent_again_to_what_stands_in_the_reader_s_place() {
    let board = Board::start(&RESTARTS);
    let (mut shell, mut line) = started(&board);
    let within = shell.patience();
    let failure = shell.run_secret(&mut line, "kill -9 $$;: correct horse", within).err().expect("it is no more");
    assert_eq!(failure.code, Code::DeviceSilent);
    let heard = String::from_utf8_lossy(&board.heard.lock().expect("heard")).into_owned();
    assert!(heard.contains("\n?\r\n"), "a question is shown: {heard}");
    assert!(!heard.contains("correct horse"), "{heard}");
}

#[test]
fn a_secret_that_is_slow_to_be_stored_is_stored_once() {
    let board = Board::start(&RESTARTS);
    let (mut shell, mut line) = started(&board);
    let within = shell.patience();
    let answer = shell.run_secret(&mut line, "sleep 0.6;echo it >>there", within).expect("an answer");
    assert!(answer.succeeded());
    assert_eq!(fs::read(board.home.path().join("there")).expect("file"), b"it\n");
}

#[test]
fn output_that_goes_on_and_on_is_given_up() {
    let board = Board::start(&RESTARTS);
    let (mut shell, mut line) = started(&board);
    let (begun, patience) = (Instant::now(), shell.patience());
    let said = output(&mut shell, &mut line, "while :;do echo A;sleep 0.05;done").expect("the line is there");
    assert!(said.is_none(), "it has no end");
    assert!(begun.elapsed() >= patience, "it was waited for, as it went on");
    assert!(begun.elapsed() < patience * 2, "{:?}", begun.elapsed());
}
