//! The driver at real interpreters: what lies on the board afterwards, by the board's own account.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Code, Failure, Language, Target};
use fieldkey_simulators::Terminal;

use super::patience::Patience;
use super::peers::{Board, Cable, MicroBit, UnixPort, asked, mpremote, target};
use crate::drivers::Driver;
use crate::layout::real::{real_claim, real_identity};
use crate::layout::{self, IDENTITY, Layout};
use crate::serial::fault_runs::put;
use crate::serial::{Line, Settings};

const PROGRAM: &[u8] = b"import time\nn = 0\nwhile True:\n    n += 1\n    print('tick', n)\n    time.sleep_ms(3)\n";

type Held = BTreeMap<String, Vec<u8>>;

fn contents(bundle: &Bundle) -> Held {
    let contents = Layout::Drive.contents(bundle).expect("contents");
    contents.into_iter().map(|content| (format!("/{}", content.name), content.bytes.to_vec())).collect()
}

fn with(program: &[u8]) -> Held {
    Held::from([("/main.py".to_owned(), program.to_vec())])
}

fn identity(number: u8) -> Bundle {
    Bundle::Identity(real_identity(number))
}

async fn put_on(cable: &Arc<Mutex<Cable>>, settings: &str, bundle: &Bundle, kind: Kind) -> Result<(), Failure> {
    put(&target(cable, settings, Patience::default()), bundle, kind, true).await
}

fn driver(settings: &[(&str, &str)]) -> super::MicroPython {
    super::MicroPython::new(&mut Settings::new(settings.iter().copied()).expect("settings")).expect("driver")
}

fn line(cable: &Arc<Mutex<Cable>>) -> Line {
    Line::new(super::peers::wire(cable), "serial:board", Arc::new(AtomicBool::new(false)))
}

#[tokio::test]
async fn claims_and_identities_arrive_byte_for_byte() {
    let (board, line) = Board::start(&Held::new());
    let cable = Cable::new(line, None);
    put_on(&cable, "", &real_claim(), Kind::Claim).await.expect("claim");
    assert_eq!(board.files(), contents(&real_claim()));
    put_on(&cable, "", &identity(1), Kind::Identity).await.expect("identity");
    let held = board.files();
    let names: Vec<&String> = held.keys().collect();
    assert!(contents(&identity(1)).iter().all(|(name, bytes)| held.get(name) == Some(bytes)), "{names:?}");
    put_on(&cable, "", &identity(2), Kind::Identity).await.expect("another identity");
    let held = board.files();
    assert!(contents(&identity(2)).iter().all(|(name, bytes)| held.get(name) == Some(bytes)), "{:?}", held.keys());
    let old = contents(&identity(1)).into_keys().filter(|name| !contents(&identity(2)).contains_key(name));
    assert_eq!(old.filter(|name| held.contains_key(name)).count(), 0, "the old certificate and key are gone");
}

#[tokio::test]
#[ignore = "FIELDKEY_MICROPYTHON has to name MicroPython's port to Unix"]
async fn the_raw_paste_of_the_boards_takes_what_is_sent() {
    let binary = std::env::var_os("FIELDKEY_MICROPYTHON").expect("FIELDKEY_MICROPYTHON");
    for (bundle, kind) in [(real_claim(), Kind::Claim), (identity(1), Kind::Identity)] {
        let (board, line) = UnixPort::start(binary.as_ref());
        put_on(&Cable::new(line, None), "dir=a/b&reset=no", &bundle, kind).await.expect("written");
        for (name, bytes) in contents(&bundle) {
            let path = board.folder.path().join(format!("a/b{name}"));
            assert!(std::fs::read(&path).expect("file") == bytes, "{} differs", path.display());
        }
    }
}

#[tokio::test]
async fn mpremote_reads_what_was_written() {
    let (board, line) = Board::start(&Held::new());
    let copy = line.try_clone().expect("socket");
    put_on(&Cable::new(line, None), "dir=/certs/aws", &real_claim(), Kind::Claim).await.expect("claim");
    let terminal = Terminal::paced(copy);
    for (name, bytes) in contents(&real_claim()) {
        let said = mpremote(&terminal.path, &["sha256sum", &format!(":/certs/aws{name}")]);
        assert!(said.contains(&layout::sha256(&bytes)), "{name}: {said}");
    }
    assert!(board.files().keys().all(|path| path.starts_with("/certs/aws/")), "{:?}", board.files().keys());
}

#[tokio::test]
async fn a_board_that_runs_a_program_gets_its_files_and_runs_it_again() {
    let (board, line) = Board::start(&with(PROGRAM));
    let mut copy = line.try_clone().expect("socket");
    put_on(&Cable::new(line, None), "", &identity(1), Kind::Identity).await.expect("identity");
    let heard = heard(&mut copy);
    assert!(heard.contains("tick 1") && heard.contains("tick 2"), "the program was started again: {heard}");
    let mut expected = contents(&identity(1));
    expected.extend(with(PROGRAM));
    // A program that runs holds up the board's account of itself.
    put_on(&Cable::new(copy, None), "reset=no", &identity(1), Kind::Identity).await.expect("the same again");
    assert_eq!(board.files(), expected);
}

#[tokio::test]
async fn without_a_reset_the_board_stays_at_its_prompt_with_nothing_left_behind() {
    let (_board, line) = Board::start(&with(PROGRAM));
    let mut copy = line.try_clone().expect("socket");
    put_on(&Cable::new(line, None), "reset=no", &real_claim(), Kind::Claim).await.expect("claim");
    assert_eq!(heard(&mut copy), "", "nothing runs");
    let names = String::from_utf8(asked(&mut copy, "print([n for n in dir()if n[:2]=='_k'])")).expect("text");
    assert_eq!(names.trim(), "[]");
}

#[tokio::test]
async fn whatever_state_somebody_left_the_board_in_it_is_reached() {
    // Raw; a statement typed half; raw paste with a part of a statement; paste mode; a program; a line typed half.
    let states: [&[u8]; 6] = [
        b"\x01",
        b"\x01print('x",
        b"\x01\x05A\x01print('''x",
        b"\x05x = '''y",
        b"while 1:print('tick')\r\n\r\n",
        b"open('/typed','w')",
    ];
    for state in states {
        let (board, mut line) = Board::start(&Held::new());
        std::io::Write::write_all(&mut line, state).expect("line");
        std::thread::sleep(Duration::from_millis(100));
        let outcome = put_on(&Cable::new(line, None), "", &real_claim(), Kind::Claim).await;
        assert_eq!(outcome.map_err(|failure| failure.to_string()), Ok(()), "{}", state.escape_ascii());
        assert_eq!(board.files(), contents(&real_claim()), "no line that was typed half was run");
    }
}

#[tokio::test]
async fn bytes_of_every_kind_arrive() {
    let (board, socket) = Board::start(&Held::new());
    let cable = Cable::new(socket, None);
    let (mut driver, mut line) = (driver(&[]), line(&cable));
    let all: Vec<u8> =
        (0..5_000_u32).map(|n| u8::try_from(n * 7 % 256).expect("byte") ^ u8::from(n % 3 == 0)).collect();
    driver.greet(&mut line).expect("greeting");
    let crate::drivers::Store::Files(files) = driver.store() else { panic!("files") };
    for bytes in [&all[..], b"", b"'''", b"\\", b"\r\n\n\r"] {
        files.write(&mut line, "x.bin", bytes).expect("written");
        assert_eq!(board.files().get("/x.bin").map(Vec::as_slice), Some(bytes), "by the board's own account");
        assert_eq!(files.read(&mut line, "x.bin").expect("read").as_deref().map(Vec::as_slice), Some(bytes));
        assert_eq!(files.sha256(&mut line, "x.bin").expect("digest"), Some(layout::sha256(bytes)));
    }
    assert_eq!(files.read(&mut line, "none").expect("read"), None);
    assert_eq!(files.rename(&mut line, "x.bin", "it's").map_err(|failure| failure.to_string()), Ok(()));
    assert_eq!(
        files.list(&mut line).expect("list").first().map(|file| (file.name.clone(), file.bytes)),
        Some(("it's".into(), Some(4)))
    );
    files.remove(&mut line, "it's").expect("removed");
    files.remove(&mut line, "it's").expect("no such file is fine");
    assert_eq!(files.list(&mut line), Ok(vec![]));
    driver.leave(&mut line);
}

#[tokio::test]
async fn a_board_that_starts_again_in_the_middle_keeps_the_old_identity() {
    let (board, line) = Board::start(&Held::new());
    let cable = Cable::new(line, Some(board.reboot()));
    put_on(&cable, "", &identity(1), Kind::Identity).await.expect("identity");
    let before = board.files();
    let reboot = fieldkey_simulators::Faults(vec![(6_000, fieldkey_simulators::Fault::Reboot)]);
    cable.lock().expect("cable").fail(&reboot);
    let patience = Patience { answer: Duration::from_secs(1), running: Duration::from_secs(1), ..Patience::default() };
    let failure = put(&target(&cable, "", patience), &identity(2), Kind::Identity, true).await.expect_err("a reboot");
    assert!([Code::DeviceSilent, Code::DeviceRejected].contains(&failure.code), "{failure}");
    // What lies there under a temporary name is nobody's identity, and the next run's first look clears it away.
    let is_whole = || board.files().into_iter().filter(|(name, _)| !name.contains("fieldkey-new-")).eq(before.clone());
    assert!(is_whole(), "after {failure}: {:?}", board.files().keys());
    // What the fault did to the line may still be in the first greeting's way; a person tries again, too.
    let mut looked = target(&cable, "", Patience::default()).check(Kind::Identity, true).await;
    for _ in 0..2 {
        if looked.is_err() {
            looked = target(&cable, "", Patience::default()).check(Kind::Identity, true).await;
        }
    }
    looked.expect("it answers again");
    assert!(board.files() == before, "{:?}", board.files().keys());
}

/// What a file system that is full or read-only says, said by one.
#[tokio::test]
async fn a_full_or_read_only_file_system_is_named() {
    let patched =
        |number: u8| format!("import builtins as _b\ndef _o(*a):raise OSError({number})\n_b.open=_o\n").into_bytes();
    for (number, code) in [(28, Code::TargetFull), (30, Code::TargetReadOnly), (13, Code::TargetPermission)] {
        let (_board, line) = Board::start(&Held::from([("/boot.py".to_owned(), patched(number))]));
        let failure = put_on(&Cable::new(line, None), "", &real_claim(), Kind::Claim).await.expect_err("refused");
        assert_eq!(failure.code, code, "{failure}");
    }
}

#[tokio::test]
async fn a_drive_that_the_computer_holds_is_told_apart() {
    let boot = b"import sys,builtins as _b\nclass I:\n _machine='Board'\n def __getitem__(s,i):return('circuitpython',(9,2,1))[i]\n\
        class S:\n implementation=I()\nsys.modules['sys']=S\n\
        def _o(*a):raise OSError(30,'Read-only filesystem')\n_b.open=_o\n";
    let (_board, line) = Board::start(&Held::from([("/boot.py".to_owned(), boot.to_vec())]));
    let failure = put_on(&Cable::new(line, None), "", &real_claim(), Kind::Claim).await.expect_err("refused");
    assert_eq!(failure.code, Code::TargetReadOnly, "{failure}");
    for language in [Language::English, Language::Japanese] {
        assert!(failure.why(language).contains("CIRCUITPY"), "{}", failure.why(language));
    }
}

#[tokio::test]
async fn another_kind_of_device_is_refused_and_nothing_changes_on_it() {
    let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().expect("sockets");
    let patience = Patience { entering: Duration::from_millis(600), ..Patience::default() };
    let cable = Cable::new(ours, None);
    let failure = put(&target(&cable, "", patience), &real_claim(), Kind::Claim, false).await.expect_err("silence");
    assert_eq!(failure.code, Code::DeviceSilent, "{failure}");
    std::io::Write::write_all(&mut theirs, b"ERROR\r\n").expect("line");
    let failure = put(&target(&cable, "", patience), &real_claim(), Kind::Claim, false).await.expect_err("a modem");
    assert_eq!(failure.code, Code::DeviceRejected, "{failure}");
    theirs.set_nonblocking(true).expect("socket");
    let mut sent = [0; 4096];
    let count = std::io::Read::read(&mut theirs, &mut sent).expect("bytes");
    assert!(sent[..count].iter().all(|byte| [1, 3, b'\r'].contains(byte)), "{}", sent[..count].escape_ascii());
}

#[tokio::test]
async fn a_micro_bit_without_stat_rename_and_hashes_holds_what_was_written() {
    let (_board, line) = MicroBit::start();
    let mut copy = line.try_clone().expect("socket");
    let cable = Cable::new(line, None);
    for (bundle, kind) in [(real_claim(), Kind::Claim), (identity(1), Kind::Identity), (identity(2), Kind::Identity)] {
        put_on(&cable, "", &bundle, kind).await.expect("written");
        for (path, bytes) in contents(&bundle) {
            let shown = asked(&mut copy, &format!("print(open('{}','rb').read())", &path[1..]));
            let held = super::literal::value(shown.trim_ascii()).expect("bytes");
            assert!(*held == bytes, "{path} differs");
        }
    }
    let names = String::from_utf8(asked(&mut copy, "import os;print(os.listdir())")).expect("text");
    assert!(names.contains(IDENTITY) && !names.contains("fieldkey-new"), "{names}");
}

#[tokio::test]
async fn a_micro_bit_that_runs_a_program_is_interrupted_and_runs_it_again() {
    let (board, mut line) = MicroBit::start();
    let program = "while True:\\n    print('tick')\\n";
    asked(&mut line, &format!("f=open('main.py','wb');f.write(b'''{program}''');f.close()"));
    board.reboot()();
    let mut copy = line.try_clone().expect("socket");
    assert!(heard(&mut copy).contains("tick"), "it runs");
    put_on(&Cable::new(line, None), "", &real_claim(), Kind::Claim).await.expect("claim");
    assert!(heard(&mut copy).contains("tick"), "it runs again");
}

/// What comes within half a second.
fn heard(line: &mut std::os::unix::net::UnixStream) -> String {
    std::thread::sleep(Duration::from_millis(500));
    line.set_nonblocking(true).expect("socket");
    let mut all = vec![];
    let mut buffer = [0; 65_536];
    while let Ok(count @ 1..) = std::io::Read::read(line, &mut buffer) {
        all.extend_from_slice(&buffer[..count]);
        if all.len() > 200_000 {
            break;
        }
    }
    line.set_nonblocking(false).expect("socket");
    String::from_utf8_lossy(&all).into_owned()
}
