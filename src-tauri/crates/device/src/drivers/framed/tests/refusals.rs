//! What a device does not do.

use fieldkey_core::Code;
use secrecy::ExposeSecret;

use super::super::refusal::Refusal;
use super::*;

fn greeted() -> (Framed, Line, Shared) {
    let (mut line, board) = simulated(Frames::default(), Faults::none());
    let mut driver = Framed::new(115_200);
    driver.greet(&mut line).expect("greeted");
    (driver, line, board)
}

#[test]
fn a_private_key_is_not_given_back() {
    let (mut driver, mut line, _) = greeted();
    let key = fieldkey_core::x509::key_and_csr(Default::default(), "SN-1", &Default::default()).expect("made");
    let key = pem::parse(key.private_key_pem.expect("ours").expose_secret()).expect("PEM");
    let text = pem::encode(&key);
    for (name, bytes) in [("fieldkey-new-0", text.as_bytes()), ("fieldkey-new-1", key.contents())] {
        driver.write(&mut line, name, bytes).expect("written");
        let failure = driver.read(&mut line, name).expect_err("it is a key");
        assert_eq!((failure.code, &*failure.reason), (Code::DeviceRejected, "it does not give private keys away"));
    }
    driver.write(&mut line, "fieldkey-new-2", b"{}").expect("written");
    assert!(driver.read(&mut line, "fieldkey-new-2").expect("settings are").is_some(), "whatever they are called");
}

#[test]
fn what_does_not_fit_is_refused_before_it_is_sent() {
    let (mut driver, mut line, board) = greeted();
    let before = board.lock().expect("board").traffic()[0];
    let failure = driver.write(&mut line, "a.pem", &[b'a'; 4097]).expect_err("4096 is the limit");
    assert_eq!(failure.code, Code::TargetFull);
    assert!(failure.reason.contains("4096"), "the limit is said: {failure}");
    assert_eq!(board.lock().expect("board").traffic()[0], before);
    for i in 0..16 {
        driver.write(&mut line, &format!("{i}.pem"), b"a").expect("room");
    }
    assert_eq!(driver.room(&mut line), Ok(Some(0)));
    assert_eq!(driver.write(&mut line, "17.pem", b"a").map_err(|failure| failure.code), Err(Code::TargetFull));
    driver.write(&mut line, "3.pem", b"b").expect("one that is there is overwritten all the same");
    assert_eq!(driver.list(&mut line).expect("list").len(), 16, "the list comes in pages");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let (mut driver, mut line, board) = greeted();
    let long = "n".repeat(65);
    for name in ["", "../a", "a b", "@csr", "é", &long] {
        let failure = driver.write(&mut line, name, b"a").expect_err(name);
        assert_eq!((failure.code, &*failure.reason), (Code::DeviceRejected, "it does not take an object of that name"));
    }
    assert!(stored(&board).is_empty());
}

#[test]
fn a_commit_with_one_wrong_name_does_nothing() {
    let (mut driver, mut line, board) = greeted();
    driver.write(&mut line, "a.new", b"a").expect("written");
    let failure = driver.rename_all(&mut line, &[("a.new", "a"), ("b.new", "b")]).expect_err("no b.new");
    assert_eq!((failure.code, &*failure.reason), (Code::DeviceRejected, "it has no object of that name"));
    assert_eq!(stored(&board), BTreeMap::from([("a.new".to_owned(), b"a".to_vec())]));
    let moves = [("a.new", "a"), ("a", "b"), ("b", "a.new")];
    assert_eq!(driver.rename_all(&mut line, &moves), Ok(()), "one after the other, back to where it was");
    assert_eq!(stored(&board).keys().collect::<Vec<_>>(), ["a.new"]);
}

#[test]
fn another_device_on_the_same_line_is_not_taken_for_the_first() {
    let (mut driver, mut line, _) = greeted();
    let hello = driver.hello.as_mut().expect("greeted");
    hello.who =
        super::super::hello::Hello::parse(b"\x01\x00\x04\0\0\0\x10\0\0\0\x10\0\x10\x0f\x01\x10\x40\x01X\0\0\x02SN")
            .expect("sound")
            .who;
    driver.link.bye(&mut line);
    let failure = driver.list(&mut line).expect_err("it answers with another serial number");
    assert_eq!(failure.code, Code::TargetGone);
}

#[test]
fn a_device_that_does_not_speak_it_is_silent() {
    let (mut line, _) = simulated(Frames::default(), Faults(vec![(0, fieldkey_simulators::Fault::Cut)]));
    let begin = line.now();
    let mut driver = Framed::new(115_200);
    assert_eq!(driver.greet(&mut line).map_err(|failure| failure.code), Err(Code::DeviceSilent));
    assert!((line.now() - begin).as_secs() < 12, "soon enough to try another driver");
}

#[test]
fn the_specification_the_header_and_the_driver_agree_on_the_errors() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
    let read = |name: &str| std::fs::read_to_string(docs.join(name)).expect(name);
    let (text, header) = (read("device-protocol.md"), read("device-protocol/fieldkey_device.h"));
    let (line, _) = simulated(Frames::default(), Faults::none());
    for number in 1..=15 {
        let failure = Refusal::parse(&[number]).failure(&line);
        let row = text.lines().find(|row| row.starts_with(&format!("| {number} | ")) && row.contains(&failure.reason));
        let row = row.unwrap_or_else(|| panic!("{number} is told as `{}`", failure.reason));
        let cells: Vec<&str> = row.split(" | ").collect();
        let code = format!("`{}`", failure.code);
        assert!(cells[2].starts_with(&code) || cells[2].starts_with("none"), "{row}");
        assert!(header.contains(&format!("FIELDKEY_{} = {number}", cells[1])), "{row}");
    }
}
