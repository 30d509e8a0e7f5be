//! Files on a real file system, by a real shell.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fieldkey_core::ports::{Caution, Kind};
use fieldkey_core::{Bundle, Code, Failure};
use fieldkey_simulators::Chance;

use super::counterpart::{BASE64, Board, Disturbed, PRINTF, SHELLS, ZMODEM, console, line};
use crate::drivers::{Driver, Files};
use crate::layout::real::real_identity;
use crate::layout::tests::bundle;
use crate::layout::{Content, Layout, sha256};
use crate::sandbox;
use crate::serial::fault_runs::put;
use crate::serial::{Connect, Serial, Wire};

fn contents() -> Vec<Content> {
    let of = |bundle: &Bundle| Layout::Drive.contents(bundle).expect("contents");
    of(&bundle()).into_iter().chain(of(&Bundle::Identity(real_identity(1)))).collect()
}

#[test]
fn every_shell_takes_every_file_by_every_way() {
    for shell in SHELLS {
        for (way, name) in [(ZMODEM, "rz"), (BASE64, "base64"), (PRINTF, "printf")] {
            let board = Board::start(shell);
            let (mut line, mut console) = (board.line(), board.console(4, Some(way)));
            let is = console.greet(&mut line).expect("greets").expect("says what it is");
            assert!(is.contains("Linux"), "{is}");
            for content in contents() {
                console.write(&mut line, &content.name, &content.bytes).expect("writes");
                let path = board.keys().join(&*content.name);
                let there = fs::read(&path).expect("file");
                assert!(there == *content.bytes, "{shell:?} {name} {}", content.name);
                let mode = fs::metadata(&path).expect("file").permissions().mode() & 0o7777;
                assert_eq!(mode, 0o600, "{shell:?} {name} {}", content.name);
            }
            let folder = fs::metadata(board.keys()).expect("folder").permissions().mode() & 0o7777;
            assert_eq!(folder, 0o700, "the folder is for its owner alone");
            console.leave(&mut line);
        }
    }
}

struct Plug(Arc<Board>);

impl Connect for Plug {
    fn connect(&self) -> Result<Box<dyn Wire>, Failure> {
        Ok(Box::new(self.0.wire()))
    }
}

#[tokio::test]
async fn a_claim_and_then_identities_come_into_force_on_a_real_device() {
    let board = Arc::new(Board::start(SHELLS[0]));
    let driven = Arc::clone(&board);
    let target = Serial::new(
        "serial:/dev/ttyS0".into(),
        Box::new(Plug(Arc::clone(&board))),
        Box::new(move |_| Ok(Box::new(driven.console(4, None)))),
        Layout::Drive,
        false,
    );
    let identities = [1, 2].map(|number| (Bundle::Identity(real_identity(number)), Kind::Identity));
    for (bundle, kind) in [(bundle(), Kind::Claim)].into_iter().chain(identities) {
        put(&target, &bundle, kind, true).await.expect("it is put in force");
        let contents = Layout::Drive.contents(&bundle).expect("contents");
        for content in &contents {
            let there = fs::read(board.keys().join(&*content.name)).expect("file");
            assert!(there == *content.bytes, "{}", content.name);
        }
        let left = fs::read_dir(board.keys()).expect("folder").flatten().map(|file| file.file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("new")), "nothing temporary is left");
    }
}

#[test]
fn bytes_of_every_kind_arrive_by_every_way() {
    let board = Board::start(SHELLS[0]);
    let mut chance = Chance::new(1);
    let bytes: Vec<u8> = (0..5000).map(|at| if at < 256 { at as u8 } else { chance.draw() as u8 }).collect();
    for way in [ZMODEM, BASE64, PRINTF] {
        let (mut line, mut console) = (board.line(), board.console(4, Some(way)));
        console.greet(&mut line).expect("greets");
        for bytes in [&bytes[..], &bytes[..1], b""] {
            console.write(&mut line, "some", bytes).expect("writes");
            assert!(fs::read(board.keys().join("some")).expect("file") == bytes, "{} bytes", bytes.len());
            let read = console.read(&mut line, "some").expect("reads").expect("there");
            assert!(*read == bytes, "{} bytes", bytes.len());
        }
        console.leave(&mut line);
    }
}

#[test]
fn a_receiver_that_is_killed_leaves_the_line_to_the_next_way() {
    let board = Board::start(SHELLS[0]);
    let rz = board.home.path().join(".bin/rz");
    fs::remove_file(&rz).expect("the real one");
    fs::write(&rz, "#!/bin/sh\nstty raw\nkill -9 $$\n").expect("file");
    fs::set_permissions(&rz, fs::Permissions::from_mode(0o755)).expect("mode");
    let (mut line, mut console) = (board.line(), board.console(4, None));
    console.greet(&mut line).expect("greets");
    for content in contents() {
        console.write(&mut line, &content.name, &content.bytes).expect("base64 gets its end of input");
        assert!(fs::read(board.keys().join(&*content.name)).expect("file") == *content.bytes, "{}", content.name);
    }
    console.leave(&mut line);
}

#[test]
fn files_are_listed_compared_renamed_and_removed() {
    for shell in SHELLS {
        let board = Board::start(shell);
        let (mut line, mut console) = (board.line(), board.console(4, None));
        console.greet(&mut line).expect("greets");
        assert_eq!(console.list(&mut line).expect("lists"), [], "the folder has been made");
        console.write(&mut line, "a.pem", b"old").expect("writes");
        console.write(&mut line, ".b.pem", b"newer").expect("writes");
        fs::create_dir(board.keys().join("folder")).expect("folder");
        let mut listed = console.list(&mut line).expect("lists");
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        let listed: Vec<_> = listed.iter().map(|listed| (&*listed.name, listed.bytes)).collect();
        assert_eq!(listed, [(".b.pem", Some(5)), ("a.pem", Some(3))]);
        assert_eq!(console.sha256(&mut line, "a.pem").expect("digest"), Some(sha256(b"old")));
        assert_eq!(console.rename(&mut line, ".b.pem", "a.pem"), Ok(()));
        assert_eq!(fs::read(board.keys().join("a.pem")).expect("file"), b"newer");
        assert_eq!(console.rename(&mut line, "a.pem", "folder").expect_err("a folder").code, Code::TargetRefused);
        assert!(board.keys().join("a.pem").exists(), "nothing vanishes in a folder");
        assert!(console.room(&mut line).expect("room").is_some_and(|room| room > 0));
        console.sync(&mut line).expect("syncs");
        console.remove(&mut line, "a.pem").expect("removes");
        console.remove(&mut line, "a.pem").expect("twice, too");
        assert!(console.read(&mut line, "a.pem").expect("reads").is_none());
        assert_eq!(console.write(&mut line, "a b;c", b"").expect_err("no plain name").code, Code::Usage);
        console.leave(&mut line);
    }
}

#[test]
fn a_replaced_file_gets_the_mode_of_a_new_one_and_is_no_link_to_elsewhere() {
    for way in [ZMODEM, BASE64, PRINTF] {
        let board = Board::start(SHELLS[0]);
        let (mut line, mut console) = (board.line(), board.console(4, Some(way)));
        fs::create_dir(board.keys()).expect("folder");
        let (path, other) = (board.keys().join("key.pem"), board.home.path().join("other"));
        fs::write(&other, "somebody else's").expect("file");
        std::os::unix::fs::symlink(&other, &path).expect("link");
        console.greet(&mut line).expect("greets");
        console.write(&mut line, "key.pem", b"new").expect("writes");
        assert_eq!(fs::read(&other).expect("file"), b"somebody else's");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("mode");
        console.write(&mut line, "key.pem", b"newer").expect("writes");
        let mode = fs::symlink_metadata(&path).expect("file").permissions().mode();
        assert_eq!(mode, 0o100_600, "a file of its own, for its owner alone");
        console.leave(&mut line);
    }
}

#[test]
fn the_kernel_s_log_in_the_middle_of_everything_does_no_harm() {
    for (seed, way) in [ZMODEM, BASE64, PRINTF].into_iter().enumerate() {
        let board = Board::start(SHELLS[0]);
        let mut wire = Disturbed::new(board.wire());
        wire.log = Some((Chance::new(seed as u64), 150));
        let (mut line, mut console) = (line(wire), board.console(6, Some(way)));
        console.greet(&mut line).expect("greets");
        for content in contents().into_iter().take(4) {
            console.write(&mut line, &content.name, &content.bytes).expect("writes");
            let there = fs::read(board.keys().join(&*content.name)).expect("file");
            assert!(there == *content.bytes, "{}", content.name);
        }
        assert_eq!(console.list(&mut line).expect("lists").len(), 4);
        console.leave(&mut line);
    }
}

#[test]
fn a_full_device_says_so_by_every_way() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
    fs::create_dir(folder.join("keys")).expect("folder");
    for ways in [ZMODEM, BASE64, PRINTF] {
        sandbox::fill(&folder);
        let board = Board::start(SHELLS[0]);
        let (mut line, mut console) = (board.line(), console(&folder.join("keys"), 8, Some(ways)));
        console.greet(&mut line).expect("greets");
        assert_eq!(console.room(&mut line).expect("room"), Some(0));
        assert!(console.cautions().contains(&Caution::VolatileStorage), "a tmpfs is lost with the power");
        let failure = console.write(&mut line, "key.pem", &[b'A'; 3000]).expect_err("no room");
        assert_eq!(failure.code, Code::TargetFull, "{failure}");
        console.leave(&mut line);
    }
}

#[test]
fn a_read_only_device_says_so_by_every_way() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
    fs::create_dir(folder.join("keys")).expect("folder");
    sandbox::run("mount", &["-o", "remount,ro"], &folder);
    for (shell, way) in SHELLS.into_iter().flat_map(|shell| [(shell, ZMODEM), (shell, BASE64), (shell, PRINTF)]) {
        let board = Board::start(shell);
        let (mut line, mut console) = (board.line(), console(&folder.join("keys"), 8, Some(way)));
        console.greet(&mut line).expect("greets");
        let failure = console.write(&mut line, "key.pem", b"new").expect_err("read-only");
        assert_eq!(failure.code, Code::TargetReadOnly, "{shell:?}: {failure}");
        console.leave(&mut line);
        let (mut line, mut console) = (board.line(), super::counterpart::console(&folder.join("new"), 8, Some(way)));
        console.greet(&mut line).expect("greets");
        let failure = console.list(&mut line).expect_err("no folder can be made");
        assert_eq!(failure.code, Code::TargetReadOnly, "{shell:?}: {failure}");
        console.leave(&mut line);
    }
}

/// Every argument of every process, until it is told to stop. Returns those with one of the words in it.
fn spied(words: &[String], stop: &AtomicBool) -> Vec<String> {
    let (mut found, mut looked) = (vec![], 0);
    while !stop.load(Ordering::Acquire) {
        looked += 1;
        for process in fs::read_dir("/proc").expect("proc").flatten() {
            let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).into_owned();
            if words.iter().any(|word| command.contains(word)) {
                found.push(command);
            }
        }
    }
    assert!(looked > 3, "it must have had a look");
    found
}

#[test]
fn the_key_is_in_no_history_no_argument_and_on_no_screen() {
    let key = contents().into_iter().nth(1).expect("key");
    let text = String::from_utf8(key.bytes.to_vec()).expect("PEM");
    // As it is, and as base64 of it, wherever in a group of three it begins: some of the middle.
    let middle = &text[text.len() / 2..text.len() / 2 + 24];
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let words: Vec<String> = [middle.trim().replace('\n', ""), middle[..8].to_owned()]
        .into_iter()
        .chain((0..3).map(|skip| encode(&middle[skip..skip + 18])))
        .collect();
    for shell in SHELLS {
        for way in [ZMODEM, BASE64, PRINTF] {
            let mut board = Board::with(shell, &[("HISTFILE", "history"), ("HISTSIZE", "1000")]);
            let (mut line, mut console) = (board.line(), board.console(4, Some(way)));
            let stop = Arc::new(AtomicBool::new(false));
            let spy = std::thread::spawn({
                let (words, stop) = (words.clone(), stop.clone());
                move || spied(&words, &stop)
            });
            console.greet(&mut line).expect("greets");
            console.write(&mut line, "key.pem", &key.bytes).expect("writes");
            assert!(fs::read(board.keys().join("key.pem")).expect("file") == *key.bytes);
            console.leave(&mut line);
            stop.store(true, Ordering::Release);
            assert_eq!(spy.join().expect("spy"), [""; 0], "{shell:?}");
            line.send(b"echo the last line\nexit\n", Duration::from_secs(1)).expect("sends");
            line.wait(Instant::now() + Duration::from_secs(1)).expect("waits");
            assert!(board.ended(Duration::from_secs(5)), "{shell:?} takes commands again and ends");
            let heard = String::from_utf8_lossy(&board.heard.lock().expect("heard")).into_owned();
            assert!(!words.iter().any(|word| heard.contains(word)), "{shell:?}: {heard}");
            let mut kept = BTreeMap::new();
            for file in fs::read_dir(board.home.path()).expect("home").flatten().filter(|f| f.path().is_file()) {
                kept.insert(file.file_name(), fs::read_to_string(file.path()).expect("text"));
            }
            if shell[0] == "bash" {
                assert!(kept.values().any(|text| text.contains("echo the last line")), "it keeps a history: {kept:?}");
            }
            assert!(!kept.values().any(|text| words.iter().any(|word| text.contains(word))), "{kept:?}");
        }
    }
}
