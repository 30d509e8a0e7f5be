//! The driver, over simulated boards that Nordic's own client takes for real ones.

use fieldkey_core::Language;
use fieldkey_core::ports::Kind;
use fieldkey_core::x509::{self, KeyType, Subject};
use fieldkey_simulators::zephyr::{Options, Zephyr as Board, device};
use fieldkey_simulators::{Device, nrf91};

use super::*;
use crate::drivers::bench::{Bench, Says, bench, contents, identity, line, slots, write};
use crate::layout::real::real_claim;
use crate::layout::{Content, Part};
use crate::serial::fault_runs::{fault_runs, holds, put, target};

pub(super) fn driver(settings: &[(&str, &str)]) -> Zephyr {
    let mut settings = Settings::new(settings.iter().copied()).expect("settings");
    let driver = Zephyr::new(&mut settings).expect("a driver");
    settings.none_left("zephyr").expect("all of them are known");
    driver
}

pub(super) fn quiet() -> Options {
    Options::default()
}

fn board(options: Options) -> Bench<Board> {
    bench(Board::new(1, options))
}

fn a_key() -> NewKey {
    let subject = Subject { organization: Some("Example Inc.".into()), ..Subject::default() };
    NewKey { key_type: KeyType::P256, common_name: "Fleet_Index_SN-1-with-a-name-beyond-one-piece".into(), subject }
}

#[tokio::test]
async fn claims_and_identities_reach_boards_of_every_kind() {
    for seed in 0..40 {
        for (bundle, kind) in [(real_claim(), Kind::Claim), (identity(1), Kind::Identity)] {
            let bench = bench(device(seed));
            let target = target(&bench, || Box::new(driver(&[])));
            let put = put(&target, &bundle, kind, false).await;
            assert_eq!(put, Ok(()), "seed {seed}");
            let bench = bench.lock().expect("bench");
            let held = bench.device.stored();
            assert!(holds(&held, &bundle), "seed {seed}: {:?}", held.keys());
            assert!(held.values().all(|content| content.ends_with(b"-----\n\0")), "mbedTLS takes PEM with a NUL only");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_faults_end_as_verified_or_as_named_failures() {
    let tally = fault_runs(device, || Box::new(driver(&[]))).await;
    assert_eq!(tally.verified + tally.intact + tally.said + tally.broken, 200, "{tally:?}");
    assert!(tally.verified > 40 && tally.intact > 20, "{tally:?}");
}

#[test]
fn no_byte_is_lost_to_the_ring_buffer() {
    for noisy in [false, true] {
        let bench = board(Options { noisy, ..quiet() });
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a board");
        write(&mut driver, &mut line, &contents(&real_claim())).expect("written");
        assert_eq!(bench.lock().expect("bench").device.shell.overruns(), 0, "noisy: {noisy}");
    }
}

#[tokio::test]
async fn a_small_buffer_is_known_before_anything_is_removed() {
    for load in [false, true] {
        let bench = board(Options { credential: 1024, load, ..quiet() });
        bench.lock().expect("bench").device.hold(42, "PK", b"old\0");
        let before = bench.lock().expect("bench").device.stored();
        let target = target(&bench, || Box::new(driver(&[])));
        let failure = put(&target, &real_claim(), Kind::Claim, true).await.expect_err("no room");
        assert_eq!(failure.code, Code::TargetFull, "{failure}");
        assert!(failure.reason.contains("CRED_BUF_SIZE"), "{failure}");
        assert_eq!(bench.lock().expect("bench").device.stored(), before, "load: {load}");
    }
}

#[test]
fn raw_bytes_need_less_room_than_base64() {
    let contents = contents(&identity(1));
    let largest = contents.iter().map(|content| content.bytes.len()).max().expect("three");
    for (format, written) in [("strt", true), ("bint", false)] {
        let bench = board(Options { credential: largest + 1, load: true, ..quiet() });
        let (mut line, mut driver) = (line(&bench), driver(&[("format", format)]));
        driver.greet(&mut line).expect("a board");
        assert_eq!(write(&mut driver, &mut line, &contents).is_ok(), written, "{format}");
    }
    let bench = board(quiet());
    let (mut line, mut driver) = (line(&bench), driver(&[("format", "strt")]));
    driver.greet(&mut line).expect("a board");
    let failure = write(&mut driver, &mut line, &contents).expect_err("no `cred buf load`");
    assert_eq!((failure.code, failure.about.as_str()), (Code::Usage, "?format="));
}

#[test]
fn a_firmware_without_digests_is_compared_by_what_it_gives_back() {
    let bench = board(Options { digests: false, ..quiet() });
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a board");
    let [first, second] = [contents(&identity(1)), contents(&identity(2))];
    write(&mut driver, &mut line, &first).expect("written");
    let key =
        |contents: &[Content]| contents.iter().position(|content| content.part == Part::PrivateKey).expect("a key");
    let failure = slots(&mut driver).verify(&mut line, &second[key(&second)]).expect_err("another key");
    assert_eq!(failure.code, Code::VerifyMismatch);
    assert!(slots(&mut driver).held(&mut line).expect("a list").iter().all(|held| held.digest.is_none()));
}

#[test]
fn volatile_storage_and_readable_keys_are_reported() {
    for (volatile, expected) in
        [(false, vec![Caution::ReadableKey]), (true, vec![Caution::VolatileStorage, Caution::ReadableKey])]
    {
        let bench = board(Options { volatile, ..quiet() });
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a board");
        assert_eq!(driver.cautions(), vec![], "nothing is known yet");
        write(&mut driver, &mut line, &contents(&identity(1))).expect("written");
        assert_eq!(driver.cautions(), expected);
    }
}

#[test]
fn a_private_key_is_given_back_to_be_restored() {
    let bench = board(quiet());
    bench.lock().expect("bench").device.hold(42, "PK", b"old key\0");
    bench.lock().expect("bench").device.hold(42, "CA", b"\x30\x03\x02\x01\x01");
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a board");
    let mut read = |part| slots(&mut driver).read(&mut line, part).expect("read").map(|content| content.to_vec());
    assert_eq!(read(Part::PrivateKey), Some(b"old key".to_vec()));
    assert_eq!(read(Part::Ca), None, "DER cannot be put back as text");
    assert_eq!(read(Part::Certificate), None);
}

#[test]
fn each_refusal_has_its_code_and_its_words() {
    let line = line(&board(quiet()));
    for (said, code) in [
        ("TLS credential with sectag 42 and type CA_CERT already exists.", Code::IdentityPresent),
        ("Not enough room in credential buffer for provided data.", Code::TargetFull),
        ("No reference slot available, cannot copy credential to heap.", Code::TargetFull),
        ("Not enough heap for TLS credential of size 1200.", Code::TargetFull),
        ("Could not decode input from base64, error: -22", Code::DeviceRejected),
        ("Please provide a credential to add.", Code::DeviceRejected),
        ("Failed to add TLS credential with sectag 42 and type CA_CERT. Error: -12", Code::TargetFull),
        ("Failed to add TLS credential with sectag 42 and type CA_CERT. Error: -5", Code::DeviceRejected),
    ] {
        let failure = refusal::refusal(&line, "sec tag 42, CA", said);
        assert_eq!(failure.code, code, "{said}");
        assert!(
            failure.why(Language::English).starts_with("sec tag 42, CA: ") && failure.reason.len() > 20,
            "{failure}"
        );
    }
    let secret = refusal::refusal(&line, "sec tag 42, PK", "cred buf LS0tLS1CRUdJTiBQUklWQVRF");
    assert!(!secret.reason.contains("LS0t"), "an echo is nobody's reason: {secret}");
}

#[test]
fn all_places_taken_is_a_lack_of_room() {
    let bench = board(Options { places: 1, ..quiet() });
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a board");
    let failure = write(&mut driver, &mut line, &contents(&identity(1))).expect_err("one place");
    assert_eq!(failure.code, Code::TargetFull);
}

#[test]
fn a_board_makes_a_key_and_a_csr_for_it() {
    for noisy in [false, true] {
        let bench = board(Options { cloud: true, noisy, ..quiet() });
        bench.lock().expect("bench").device.hold(42, "PK", b"the key before\0");
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a board");
        let csr = driver.request(&mut line, &a_key()).expect("a CSR");
        assert_eq!(x509::check_request(&csr), Ok(()));
        let names = || bench.lock().expect("bench").device.stored().into_keys().collect::<Vec<_>>();
        assert_eq!(names(), ["42,PK_PSA"], "the key before is gone");
        assert_eq!(driver.cautions(), vec![], "this one nobody can read");
        slots(&mut driver).remove(&mut line, Part::PrivateKey).expect("removed");
        assert!(names().is_empty(), "a key without a certificate is of no use");
    }
    let bench = board(quiet());
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a board");
    let failure = driver.request(&mut line, &a_key()).expect_err("no nrf_cloud_cred");
    assert_eq!(failure.code, Code::Usage);
}

#[test]
fn others_are_told_apart_and_silence_ends() {
    let of = |outcome: Result<Option<String>, Failure>| outcome.map_err(|failure| failure.code);
    let without = board(Options { credentials: false, ..quiet() });
    assert_eq!(of(driver(&[]).greet(&mut line(&without))), Err(Code::DeviceRejected), "a shell without `cred`");
    let modem = bench(nrf91::Nrf91::new(1, nrf91::Options::default()));
    assert_eq!(of(driver(&[]).greet(&mut line(&modem))), Err(Code::DeviceSilent), "Enter is no AT command");
    for (says, code) in [
        ("", Code::DeviceSilent),
        ("\r\nlogin: ", Code::DeviceRejected),
        ("sh: not found\r\nroot@box:~# ", Code::DeviceRejected),
        ("\x1b[", Code::DeviceRejected),
    ] {
        let bench = bench(Says(says));
        let begun = bench.lock().expect("bench").now();
        assert_eq!(of(driver(&[]).greet(&mut line(&bench))), Err(code), "{says:?}");
        let took = bench.lock().expect("bench").now() - begun;
        assert!(took < Duration::from_secs(20), "{says:?}: {took:?}");
    }
}

#[test]
fn a_shell_that_does_not_echo_is_understood() {
    let bench = board(Options { echo: false, ..quiet() });
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    assert_eq!(driver.greet(&mut line), Ok(Some("Zephyr version 4.1.99".into())));
    write(&mut driver, &mut line, &contents(&identity(1))).expect("written");
}
