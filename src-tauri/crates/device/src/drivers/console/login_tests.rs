//! Logins, prompts, and where a console may stand when somebody comes along.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fieldkey_core::Code;
use fieldkey_core::ports::Caution;
use fieldkey_simulators::Fault;
use secrecy::SecretString;

use super::Console;
use super::counterpart::{BASE64, Board, Disturbed, PtyWire, SHELLS, line};
use super::pace::Pace;
use super::shell::Shell;
use crate::drivers::{Driver, Files};
use crate::serial::{Line, Settings, Wire};

const SECOND: Duration = Duration::from_secs(1);

fn typed(line: &mut Line, keys: &str) {
    line.send(keys.as_bytes(), SECOND).expect("sends");
    line.hush(SECOND / 5, 3 * SECOND).expect("waits");
}

/// Whether whoever sits down there next finds a shell that shows what is typed.
fn usable(board: &Board) -> bool {
    let mut line = board.line();
    typed(&mut line, "");
    line.send(b"echo it $((6*7)) works\n", SECOND).expect("sends");
    let echoed = line.until(b"echo it $((6", SECOND).expect("waits").is_some();
    echoed && line.until(b"it 42 works", SECOND).expect("waits").is_some()
}

fn writes(board: &Board, console: &mut Console, line: &mut Line) {
    console.greet(line).expect("greets");
    console.write(line, "key.pem", b"new").expect("writes");
    assert_eq!(fs::read(board.keys().join("key.pem")).expect("file"), b"new");
    console.leave(line);
}

#[test]
fn a_shell_with_colours_and_a_greeting_is_left_as_it_was_found() {
    let prompt = r"\[\e]0;\u@\h\a\]\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ ";
    let board = Board::with(SHELLS[2], &[("PS1", prompt), ("PROMPT_COMMAND", "echo 'password: login: '")]);
    let mut line = board.line();
    typed(&mut line, "");
    writes(&board, &mut board.console(4, None), &mut line);
    assert!(usable(&board), "the echo is on again");
    writes(&board, &mut board.console(4, None), &mut line);
}

#[test]
fn every_shell_is_left_as_it_was_found() {
    for shell in SHELLS {
        let board = Board::start(shell);
        writes(&board, &mut board.console(4, None), &mut board.line());
        assert!(usable(&board), "{shell:?}");
    }
}

#[test]
fn what_somebody_left_half_typed_is_not_carried_out() {
    for shell in SHELLS {
        let board = Board::start(shell);
        let mut line = board.line();
        typed(&mut line, "touch harm");
        writes(&board, &mut board.console(4, None), &mut line);
        assert!(!board.home.path().join("harm").exists(), "{shell:?}");
        assert!(usable(&board), "{shell:?}");
    }
}

#[test]
fn a_pager_a_quote_and_a_command_that_waits_are_left_behind() {
    for keys in ["busybox less /etc/services\n", "echo 'half\n", "cat\n", "busybox more /etc/services\n"] {
        let board = Board::start(SHELLS[2]);
        let mut line = board.line();
        typed(&mut line, "");
        typed(&mut line, keys);
        writes(&board, &mut board.console(4, None), &mut line);
        assert!(usable(&board), "{keys}");
    }
}

#[test]
fn a_session_that_broke_off_is_taken_over() {
    let board = Board::start(SHELLS[0]);
    let mut wire = Disturbed::new(board.wire());
    wire.faults = [(4000, Fault::Cut)].into();
    let (mut broken, mut console) = (line(wire), board.console(10, Some(BASE64)));
    console.greet(&mut broken).expect("greets");
    let failure = console.write(&mut broken, "key.pem", &[b'A'; 9000]).expect_err("cut");
    assert_eq!(failure.code, Code::DeviceSilent);
    console.leave(&mut broken);
    writes(&board, &mut board.console(4, None), &mut board.line());
    assert!(usable(&board));
}

#[test]
fn a_port_that_disappears_is_gone() {
    let board = Board::start(SHELLS[0]);
    let mut wire = Disturbed::new(board.wire());
    wire.faults = [(4000, Fault::Gone)].into();
    let (mut line, mut console) = (line(wire), board.console(10, None));
    console.greet(&mut line).expect("greets");
    let failure = console.write(&mut line, "key.pem", &[b'A'; 9000]).expect_err("gone");
    assert_eq!(failure.code, Code::TargetGone);
    console.leave(&mut line);
}

#[test]
fn a_run_that_nobody_waits_for_is_tidied_up() {
    let board = Board::start(SHELLS[0]);
    let stopped = Arc::new(AtomicBool::new(false));
    let mut line = Line::new(Box::new(board.wire()), "serial:/dev/ttyS0", stopped.clone());
    let mut console = board.console(4, None);
    console.greet(&mut line).expect("greets");
    stopped.store(true, Ordering::Release);
    assert_eq!(console.write(&mut line, "key.pem", b"new").expect_err("stopped").code, Code::Interrupted);
    line.carry_on();
    console.leave(&mut line);
    assert!(usable(&board));
}

#[test]
fn a_silent_line_and_one_that_is_no_console_are_told_apart() {
    for (program, code) in [
        (&["sh", "-c", "stty raw -echo;sleep 60"][..], Code::DeviceSilent),
        (&["sh", "-c", "stty raw -echo;while :;do head -c 1 >/dev/null;echo NMEA;done"], Code::DeviceRejected),
        (&["sh", "-c", "stty raw -echo;while :;do head -c 1 >/dev/null;printf '\\r\\n=> ';done"], Code::DeviceRejected),
    ] {
        let board = Board::start(program);
        let (mut line, mut console) = (board.line(), board.console(10, None));
        assert_eq!(console.greet(&mut line).expect_err("no console").code, code, "{program:?}");
        console.leave(&mut line);
    }
}

#[test]
fn settings_that_a_shell_would_not_take_as_they_are_are_refused() {
    for (key, value) in
        [("user", "a b"), ("user", ""), ("user", "-f"), ("dir", "etc"), ("dir", "/a/../b"), ("dir", "/a'b")]
    {
        let mut settings = Settings::new([(key, value)]).expect("settings");
        let failure = Console::new(&mut settings, None).err().expect("refused");
        assert_eq!((failure.code, failure.about), (Code::Usage, format!("?{key}={value}")));
    }
}

/// busybox's own `login`, in a mount namespace where it finds users of its own: root, and lock, whose password is
/// `correct horse`. `None` where no such namespace is permitted.
fn login(home: &Path) -> Option<Board> {
    let board = Board::start(&["unshare", "-m", "true"]);
    let permitted = { board }.ended(5 * SECOND) && rustix::process::geteuid().is_root();
    if !permitted {
        eprintln!("SKIPPED: this machine permits no users of one's own");
        return None;
    }
    let hash = std::process::Command::new("openssl").args(["passwd", "-6", "correct horse"]).output().expect("openssl");
    let hash = String::from_utf8(hash.stdout).expect("hash");
    fs::write(home.join("shadow"), format!("open::1::::::\nlock:{}:1::::::\n", hash.trim())).expect("file");
    let users: Vec<_> = ["open", "lock"].map(|user| format!("{user}:x:0:0::{}:/bin/dash", home.display())).into();
    fs::write(home.join("passwd"), users.join("\n") + "\n").expect("file");
    fs::write(home.join("motd"), "Last login: never\nPasswords: none in here #\n").expect("file");
    let script = format!(
        "mount --make-rprivate /; for f in passwd shadow; do mount --bind {0}/$f /etc/$f; done; trap : INT; \
         if [ -e /etc/motd ]; then mount --bind {0}/motd /etc/motd; fi; while :; do busybox login; done",
        home.display()
    );
    Some(Board::start(&["unshare", "-m", "sh", "-c", &script]))
}

fn user(board: &Board, user: Option<&str>, password: Option<&str>) -> Console {
    let keys = board.keys();
    let dir = Some(("dir", keys.to_str().expect("utf-8")));
    let mut settings = Settings::new(dir.into_iter().chain(user.map(|user| ("user", user)))).expect("settings");
    let mut console = Console::new(&mut settings, password.map(SecretString::from)).expect("console");
    // A wrong password costs three seconds.
    console.shell = Shell::new(Pace { login: 16 * SECOND, ..Pace::faster(3) });
    console
}

/// Does it ask for a name, as it did before?
fn asks(board: &Board) -> bool {
    let mut line = board.line();
    line.send(b"\r", SECOND).expect("sends");
    line.until(b"login:", 6 * SECOND).expect("waits").is_some()
}

#[test]
fn a_user_is_logged_in_and_out_again() {
    let home = tempfile::tempdir().expect("folder");
    let Some(board) = login(home.path()) else { return };
    for (name, password, cautions) in
        [("lock", Some("correct horse"), vec![]), ("open", None, vec![Caution::ReadableKey])]
    {
        let (mut line, mut console) = (board.line(), user(&board, Some(name), password));
        writes(&board, &mut console, &mut line);
        assert_eq!(console.cautions(), cautions, "{name}");
        assert!(asks(&board), "{name} is logged out");
    }
    let heard = String::from_utf8_lossy(&board.heard.lock().expect("heard")).into_owned();
    assert!(!heard.contains("correct horse"), "a password is not shown: {heard}");
}

#[test]
fn a_password_that_is_wrong_or_missing_is_refused_once() {
    let home = tempfile::tempdir().expect("folder");
    let Some(board) = login(home.path()) else { return };
    for (name, password, reason) in [
        (Some("lock"), Some("wrong pony"), "refused the login of user lock"),
        (None, Some("correct horse"), "asks who logs in"),
        (Some("lock"), None, "asks for the password of user lock"),
        // Afterwards: it stood at the question for a password.
        (Some("nobody"), Some("wrong pony"), "refused the login of user nobody"),
    ] {
        let (mut line, mut console) = (board.line(), user(&board, name, password));
        let failure = console.greet(&mut line).expect_err("refused");
        assert_eq!(failure.code, Code::DeviceLogin, "{failure}");
        assert!(failure.reason.contains(reason), "{failure}");
        assert!(failure.reason_ja.is_some());
        console.leave(&mut line);
    }
    let heard = String::from_utf8_lossy(&board.heard.lock().expect("heard")).into_owned();
    assert!(heard.matches("incorrect").count() <= 3, "one try each, and one to leave a question: {heard}");
}

/// A line on which nobody waits any more once this has been sent.
struct Impatient {
    wire: PtyWire,
    last: &'static str,
    stopped: Arc<AtomicBool>,
}

impl Wire for Impatient {
    fn now(&self) -> Instant {
        self.wire.now()
    }

    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        let sent = self.wire.send(bytes, until)?;
        if bytes[..sent].ends_with(self.last.as_bytes()) {
            self.stopped.store(true, Ordering::Release);
        }
        Ok(sent)
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        self.wire.receive(buffer, until)
    }
}

#[test]
fn a_login_that_nobody_waits_for_leaves_no_shell_behind() {
    let home = tempfile::tempdir().expect("folder");
    let Some(board) = login(home.path()) else { return };
    for (name, last) in [("lock", "correct horse\r"), ("lock", "lock\r"), ("open", "open\r")] {
        let stopped = Arc::new(AtomicBool::new(false));
        let wire = Impatient { wire: board.wire(), last, stopped: stopped.clone() };
        let mut line = Line::new(Box::new(wire), "serial:/dev/ttyS0", stopped);
        let mut console = user(&board, Some(name), Some("correct horse"));
        assert_eq!(console.greet(&mut line).expect_err("stopped").code, Code::Interrupted, "{last}");
        line.carry_on();
        console.leave(&mut line);
        // Its greeting has a login in it, too.
        line.hush(SECOND, 9 * SECOND).expect("waits");
        let mut console = user(&board, None, None);
        let failure = console.greet(&mut board.line()).expect_err("it asks for a name");
        assert!(failure.reason.contains("asks who logs in"), "{last}: {failure}");
    }
}

/// What comes of a login where this is said when the name has been given; and all that came out of it.
fn said_after_the_name(script: &str) -> (Option<Code>, String) {
    let script = format!(
        "printf 'board login: '; read name; [ \"$name\" ] || {{ printf 'board login: '; read name; }}; {script}"
    );
    let board = Board::start(&["dash", "-c", &script]);
    let (mut line, mut console) = (board.line(), user(&board, Some("root"), Some("correct horse")));
    let code = console.greet(&mut line).err().map(|failure| failure.code);
    console.leave(&mut line);
    let heard = String::from_utf8_lossy(&board.heard.lock().expect("heard")).into_owned();
    (code, heard)
}

#[test]
fn a_greeting_that_names_a_password_is_no_question_for_one() {
    for greeting in ["Default password: root", "Your password:"] {
        let (code, heard) = said_after_the_name(&format!("echo '{greeting}'; sleep 1; exec dash -i"));
        assert_eq!(code, None, "{greeting}: {heard}");
        assert!(!heard.contains("correct horse"), "{heard}");
    }
}

#[test]
fn a_question_with_the_kernel_s_log_behind_it_is_one() {
    let log = "[   12.345678] usb 1-1: new high-speed USB device number 2";
    let (code, heard) = said_after_the_name(&format!(
        "stty -echo; printf 'Password: {log}\\n'; read word; stty echo; [ \"$word\" = 'correct horse' ] && exec dash -i"
    ));
    assert_eq!(code, None, "{heard}");
}
