//! Keys that the device makes.

use fieldkey_core::ports::NewKey;
use fieldkey_core::x509::{KeyType, Subject, check_request};
use fieldkey_core::{Code, Failure};
use fieldkey_simulators::Fault;

use super::*;

fn new_key(key_type: KeyType) -> NewKey {
    let subject =
        Subject { country: Some("JP".into()), organization: Some("山田電機".into()), ..Subject::default() };
    NewKey { key_type, common_name: "Fleet_Index_SN-1".into(), subject }
}

fn request(line: &mut Line, key: &NewKey) -> Result<String, Failure> {
    let mut driver = Framed::new(115_200);
    driver.greet(line)?;
    driver.request(line, key)
}

#[test]
fn a_csr_comes_whole_with_its_subject() {
    let (mut line, _) = simulated(Frames { sanitized: true, payload: 256, ..Frames::default() }, Faults::none());
    let csr = request(&mut line, &new_key(KeyType::P256)).expect("a CSR");
    check_request(&csr).expect("signed with its own key");
    let der = pem::parse(&csr).expect("PEM");
    assert_eq!(der.tag(), "CERTIFICATE REQUEST");
    for text in ["Fleet_Index_SN-1", "山田電機", "JP"] {
        let there = der.contents().windows(text.len()).any(|window| window == text.as_bytes());
        assert!(there, "{text} is in the subject");
    }
    assert!(der.contents().len() > 250, "it came in more than one reply: {}", der.contents().len());
}

#[test]
fn a_csr_that_was_lost_in_a_restart_is_made_anew() {
    // The request itself, its reply, and the reading.
    for at in (60..700).step_by(13) {
        let (mut line, _) = simulated(Frames::default(), Faults(vec![(at, Fault::Reboot)]));
        let csr = request(&mut line, &new_key(KeyType::P256)).unwrap_or_else(|failure| panic!("byte {at}: {failure}"));
        check_request(&csr).unwrap_or_else(|failure| panic!("byte {at}: {failure}"));
    }
}

#[test]
fn a_type_that_it_does_not_make_and_a_generator_that_fails_are_named() {
    let (mut line, _) = simulated(Frames::default(), Faults::none());
    let failure = request(&mut line, &new_key(KeyType::Rsa2048)).expect_err("only P-256");
    assert_eq!(failure.code, Code::Usage);
    let board = Board::new(Frames::default()).keys_by(|_| vec![]);
    let (mut line, _) = shared(Simulated::new(board, Faults::none()));
    let failure = request(&mut line, &new_key(KeyType::P256)).expect_err("no key");
    assert_eq!((failure.code, &*failure.reason), (Code::DeviceRejected, "it made no key"));
}

#[test]
fn a_key_that_takes_longer_than_a_session_of_silence_is_fetched_at_once() {
    let frames = Frames { slow: true, sanitized: true, ..Frames::default() };
    let made = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&made);
    let board = Board::new(frames).keys_by(move |_| {
        *counted.lock().expect("count") += 1;
        b"\x30\x03\x02\x01\x07".to_vec()
    });
    let (mut line, _) = shared(Simulated::new(board, Faults::none()));
    let begin = line.now();
    request(&mut line, &new_key(KeyType::P256)).expect("a CSR");
    let took = line.now() - begin;
    assert!((40..45).contains(&took.as_secs()), "the key alone takes 40 s: {took:?}");
    assert_eq!(*made.lock().expect("count"), 1, "the first one was still there");
}
