//! The driver, over simulated modems that Nordic's own client takes for real ones.

use std::collections::BTreeSet;
use std::time::Duration;

use fieldkey_core::Language;
use fieldkey_core::ports::Kind;
use fieldkey_core::x509::Subject;
use fieldkey_simulators::nrf91::{Nrf91 as Modem, Options, Terminator as Ends, device};
use fieldkey_simulators::{Device, zephyr};

use super::*;
use crate::drivers::Held;
use crate::drivers::bench::{Bench, Says, bench, contents, identity, line, slots, wire_time, write};
use crate::layout;
use crate::layout::real::real_claim;
use crate::serial::fault_runs::{fault_runs, holds, put, target};

pub(super) fn driver(settings: &[(&str, &str)]) -> Nrf91 {
    let mut settings = Settings::new(settings.iter().copied()).expect("settings");
    let driver = Nrf91::new(&mut settings).expect("a driver");
    settings.none_left("nrf91").expect("all of them are known");
    driver
}

pub(super) fn quiet() -> Options {
    Options::default()
}

pub(super) fn modem(options: Options) -> Bench<Modem> {
    bench(Modem::new(1, options))
}

fn a_key() -> NewKey {
    let subject = Subject { organization: Some("Example Inc.".into()), ..Subject::default() };
    NewKey { key_type: KeyType::P256, common_name: "Fleet_Index_SN-1".into(), subject }
}

#[tokio::test]
async fn claims_and_identities_reach_modems_of_every_kind() {
    for seed in 0..40 {
        for (bundle, kind) in [(real_claim(), Kind::Claim), (identity(1), Kind::Identity)] {
            let bench = bench(device(seed));
            let target = target(&bench, || Box::new(driver(&[])));
            let put = put(&target, &bundle, kind, false).await;
            assert_eq!(put, Ok(()), "seed {seed}");
            let held = bench.lock().expect("bench").device.stored();
            assert!(holds(&held, &bundle), "seed {seed}: {:?}", held.keys());
            assert_eq!(held.len(), 3, "seed {seed}: nothing else is there");
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
fn a_modem_is_left_as_it_was_found() {
    for functional in [0, 1, 4] {
        let bench = modem(Options { functional, ..quiet() });
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        let device = driver.greet(&mut line).expect("a modem");
        assert_eq!(device.as_deref(), Some("Nordic Semiconductor ASA mfw_nrf9160_1.3.5"));
        assert_eq!(bench.lock().expect("bench").device.functional(), functional, "a look changes nothing");
        write(&mut driver, &mut line, &contents(&identity(1))).expect("written");
        let switched_off = if functional == 1 { 4 } else { functional };
        assert_eq!(bench.lock().expect("bench").device.functional(), switched_off);
        driver.leave(&mut line);
        let bench = bench.lock().expect("bench");
        assert_eq!((bench.device.functional(), bench.device.numbers_errors()), (functional, false));
    }
}

#[test]
fn a_host_that_waits_for_a_closing_quote_is_freed_and_nothing_is_stored() {
    for old in [false, true] {
        for terminator in [Ends::CrLf, Ends::Cr, Ends::Lf, Ends::Null] {
            for half in [&b"AT%CMNG=0,42,0,\"-----BEGIN CERTIFICATE-----\r\nMIIC"[..], &[b'"'; 4095], b"AT+", b"\""] {
                let bench = modem(Options { old, terminator, functional: 4, ..quiet() });
                let (mut line, mut driver) = (line(&bench), driver(&[]));
                line.send(half, WITHIN).expect("sent");
                let greeted = driver.greet(&mut line);
                assert!(greeted.is_ok(), "{greeted:?}: old {old}, {terminator:?}, {} bytes", half.len());
                write(&mut driver, &mut line, &contents(&identity(1))).expect("written");
                assert_eq!(bench.lock().expect("bench").device.stored().len(), 3, "half a certificate is none");
            }
        }
    }
}

#[test]
fn what_the_settings_say_is_not_looked_for() {
    let bench = modem(Options { terminator: Ends::Lf, ..quiet() });
    driver(&[("term", "lf"), ("shell", "no")]).greet(&mut line(&bench)).expect("a modem");
    let bench = modem(Options { shell: Some("uart:~$ ".into()), ..quiet() });
    driver(&[("shell", "yes")]).greet(&mut line(&bench)).expect("a modem");
    for wrong in [("term", "crcr"), ("shell", "maybe"), ("sectag", "2147483648"), ("sectag", "-1")] {
        let mut settings = Settings::new([wrong]).expect("settings");
        assert_eq!(Nrf91::new(&mut settings).err().map(|failure| failure.code), Some(Code::Usage), "{wrong:?}");
    }
}

#[test]
fn the_tag_of_the_settings_is_used_and_no_other_is_touched() {
    let bench = modem(quiet());
    bench.lock().expect("bench").device.hold(42, 2, b"somebody else's");
    let (mut line, mut driver) = (line(&bench), driver(&[("sectag", "16842753")]));
    driver.greet(&mut line).expect("a modem");
    assert_eq!(slots(&mut driver).held(&mut line), Ok(vec![]));
    write(&mut driver, &mut line, &contents(&identity(1))).expect("written");
    slots(&mut driver).remove(&mut line, Part::PrivateKey).expect("removed");
    let held: Vec<String> = bench.lock().expect("bench").device.stored().into_keys().collect();
    assert_eq!(held, ["16842753,0", "16842753,1", "42,2"]);
    assert_eq!(slots(&mut driver).place(Part::Ca).as_deref(), Some("sec_tag 16842753, type 0"));
}

#[test]
fn what_is_held_is_listed_and_certificates_are_given_back_to_the_byte() {
    let bench = modem(quiet());
    let text = b"-----BEGIN CERTIFICATE-----\r\nMIIC\r\n-----END CERTIFICATE-----";
    bench.lock().expect("bench").device.hold(42, 1, text);
    bench.lock().expect("bench").device.hold(42, 2, b"secret");
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    let digest = Some(format!("sha256:{}", layout::sha256(text)));
    let held = slots(&mut driver).held(&mut line).expect("a list");
    assert_eq!(held.first(), Some(&Held { part: Part::Certificate, bytes: None, digest }));
    assert_eq!(held.len(), 2);
    let mut read = |part| slots(&mut driver).read(&mut line, part).expect("read").map(|content| content.to_vec());
    assert_eq!(read(Part::Certificate), Some(text.to_vec()));
    assert_eq!(read(Part::PrivateKey), None, "a modem gives no keys away");
    assert_eq!(read(Part::Ca), None);
}

#[tokio::test]
async fn a_host_with_too_small_a_buffer_is_known_before_anything_is_removed() {
    let bench = modem(Options { buffer: 1024, ..quiet() });
    bench.lock().expect("bench").device.hold(42, 1, b"old");
    let before = bench.lock().expect("bench").device.stored();
    let target = target(&bench, || Box::new(driver(&[])));
    let failure = put(&target, &real_claim(), Kind::Claim, true).await.expect_err("no room");
    assert_eq!(failure.code, Code::TargetFull, "{failure}");
    assert_eq!(bench.lock().expect("bench").device.stored(), before);
}

#[test]
fn a_modem_that_is_full_says_so() {
    let bench = modem(Options { capacity: 1000, ..quiet() });
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    let failure = write(&mut driver, &mut line, &contents(&real_claim())).expect_err("no room");
    assert_eq!(failure.code, Code::TargetFull);
}

#[test]
fn each_error_has_its_own_words_in_both_languages() {
    let mut words = BTreeSet::new();
    let numbers = [0, 50, 513, 514, 515, 518, 519, 520, 523, 527, 528];
    for number in numbers {
        let bench = modem(Options { refuses: Some(number), ..quiet() });
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a modem");
        let failure = write(&mut driver, &mut line, &contents(&identity(1))).expect_err("refused");
        let code = match number {
            515 => Code::TargetFull,
            519 => Code::IdentityPresent,
            _ => Code::DeviceRejected,
        };
        assert_eq!(failure.code, code, "{number}");
        assert_eq!(failure.about, "serial:simulated");
        assert_ne!(failure.why(Language::English), failure.why(Language::Japanese), "{number}");
        words.insert(failure.reason);
    }
    assert_eq!(words.len(), numbers.len(), "nobody looks numbers up: {words:?}");
}

#[test]
fn a_modem_makes_a_key_and_a_csr_for_it() {
    for (old, shell) in [(false, None), (true, None), (true, Some("mosh:~$ ".to_owned()))] {
        let bench = bench(Modem::new(1, Options { old, shell, noisy: true, ..quiet() }));
        bench.lock().expect("bench").device.hold(42, 2, b"the key before");
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a modem");
        let csr = driver.request(&mut line, &a_key()).expect("a CSR");
        assert_eq!(x509::check_request(&csr), Ok(()), "signed with the key in it, in a form that AWS takes");
        let held = bench.lock().expect("bench").device.stored();
        assert_ne!(held["42,2"], b"the key before");
    }
}

#[test]
fn a_key_without_a_csr_is_removed() {
    let bench = modem(Options { small_heap: true, ..quiet() });
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    let failure = driver.request(&mut line, &a_key()).expect_err("no CSR");
    assert_eq!(failure.code, Code::DeviceRejected);
    assert!(failure.reason.contains("buffer"), "{failure}");
    assert_eq!(bench.lock().expect("bench").device.stored().len(), 0, "nobody has a certificate for it");
}

#[test]
fn a_subject_that_would_break_the_command_is_refused() {
    let bench = modem(quiet());
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    for name in ["a\"b", "a,CN=b", "a=b", "a\r\nb", "", "日本"] {
        let wanted = NewKey { common_name: name.into(), ..a_key() };
        let failure = driver.request(&mut line, &wanted).expect_err(name);
        assert_eq!((failure.code, failure.about.as_str()), (Code::SiteInvalid, "commonName"), "{name}");
    }
    let rsa = NewKey { key_type: KeyType::Rsa2048, ..a_key() };
    assert_eq!(driver.request(&mut line, &rsa).map_err(|failure| failure.code), Err(Code::Usage));
}

#[test]
fn others_are_told_apart_and_silence_ends() {
    let of = |outcome: Result<Option<String>, Failure>| outcome.map_err(|failure| failure.code);
    let shell = bench(zephyr::Zephyr::new(1, zephyr::Options::default()));
    assert_eq!(of(driver(&[]).greet(&mut line(&shell))), Err(Code::DeviceRejected), "a shell without a modem");
    for (says, code) in [
        ("", Code::DeviceSilent),
        ("\r\nlogin: ", Code::DeviceRejected),
        ("\r\nERROR\r\n", Code::DeviceRejected),
        ("Quectel\r\nOK\r\n", Code::DeviceRejected),
        ("<boot>", Code::DeviceRejected),
    ] {
        let bench = bench(Says(says));
        let begun = bench.lock().expect("bench").now();
        assert_eq!(of(driver(&[]).greet(&mut line(&bench))), Err(code), "{says:?}");
        let took = bench.lock().expect("bench").now() - begun;
        assert!(took < Duration::from_secs(20), "{says:?}: {took:?}");
    }
}

/// Exact, because simulated: a modem that takes no time itself.
#[test]
fn a_claim_takes_hardly_longer_than_its_bytes_are_on_the_wire() {
    let bench = modem(quiet());
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    let contents = contents(&real_claim());
    let payload: usize = contents.iter().map(|content| content.bytes.len()).sum();
    let count = |bench: &Bench<Modem>| {
        let bench = bench.lock().expect("bench");
        (bench.traffic().iter().sum::<u64>(), bench.now())
    };
    let (bytes, begun) = count(&bench);
    write(&mut driver, &mut line, &contents).expect("written");
    let (end, now) = count(&bench);
    let (bytes, took) = (end - bytes, now - begun);
    let overhead = bytes as f64 / payload as f64;
    assert!(overhead <= 1.15, "{bytes} bytes for {payload}");
    assert!(took <= wire_time(bytes) * 6 / 5, "{took:?} for {:?} on the wire", wire_time(bytes));
}
