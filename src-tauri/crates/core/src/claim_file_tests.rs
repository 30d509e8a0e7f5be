use super::*;
use crate::site::tests::site;

const PASSPHRASE: &str = "k7fw-2m9x-t3qh-8vbn";

pub(crate) fn claim_file(expires: OffsetDateTime) -> ClaimFile {
    ClaimFile {
        site: site().name,
        serial_number: "SN-1".into(),
        bundle: ClaimBundle {
            certificate_pem: "the certificate".into(),
            private_key_pem: "the private key".into(),
            ca_pem: "the CA".into(),
            certificate_id: "c1a1".into(),
            expires,
            region: "ap-northeast-1".into(),
            endpoint: Endpoint { host: "localhost".into(), port: 8883 },
            role_alias: Some(RoleAlias { name: "alias".into(), host: "credentials.localhost".into() }),
            template_name: "fieldkey".into(),
            thing_name: "Fleet_Index_SN-1".into(),
            parameters: BTreeMap::from([("SerialNumber".into(), "SN-1".into())]),
        },
    }
}

pub(crate) fn in_minutes(minutes: i64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + time::Duration::minutes(minutes)
}

/// As the site for practice exports it.
pub(crate) fn practice(expires: OffsetDateTime) -> ClaimFile {
    let mut file = claim_file(expires);
    file.bundle.endpoint.host = "iot.practise.example".into();
    file
}

fn sealed() -> Vec<u8> {
    seal(&claim_file(in_minutes(5)), &PASSPHRASE.into()).expect("sealed")
}

fn refused(bytes: &[u8], passphrase: &str) -> Failure {
    unseal("claim.age", bytes, &passphrase.into()).expect_err("refused")
}

#[test]
fn what_was_sealed_is_opened_with_all_that_a_device_needs() {
    let expires = in_minutes(5);
    let bytes = seal(&claim_file(expires), &PASSPHRASE.into()).expect("sealed");
    let opened = unseal("claim.age", &bytes, &format!(" {PASSPHRASE}\n").into()).expect("a paste's white space");
    let before = claim_file(expires);
    assert_eq!((&opened.site, &opened.serial_number), (&before.site, &before.serial_number));
    let (opened, before) = (opened.bundle, before.bundle);
    assert_eq!(opened.private_key_pem.expose_secret(), before.private_key_pem.expose_secret());
    assert_eq!((opened.certificate_pem, opened.ca_pem), (before.certificate_pem, before.ca_pem));
    assert_eq!((opened.expires, opened.endpoint), (before.expires, before.endpoint));
    assert_eq!((opened.role_alias, opened.parameters), (before.role_alias, before.parameters));
    assert_eq!((opened.template_name, opened.thing_name), (before.template_name, before.thing_name));
}

#[test]
fn a_claim_for_practice_is_known_by_where_it_leads() {
    assert!(practice(in_minutes(5)).is_practice());
    for host in ["localhost", "a1b2c3-ats.iot.ap-northeast-1.amazonaws.com", "iot.practise.example.com"] {
        let mut file = claim_file(in_minutes(5));
        file.site = "Practise / 練習".into();
        file.bundle.endpoint.host = host.into();
        assert!(!file.is_practice(), "{host} may be somebody's, whatever the site is called");
    }
}

#[test]
fn nothing_of_the_inside_is_seen_outside() {
    let bytes = sealed();
    for secret in ["the private key", "Fleet_Index_SN-1", PASSPHRASE] {
        let shows = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!shows, "{secret} is in the file");
    }
}

#[test]
fn a_wrong_passphrase_and_a_broken_file_are_told_apart() {
    let bytes = sealed();
    assert_eq!(refused(&bytes, "k7fw-2m9x-t3qh-8vbm").code, Code::PassphraseWrong);
    let cut = refused(&bytes[..bytes.len() - 20], PASSPHRASE);
    assert_eq!((cut.code, cut.about.as_str()), (Code::ClaimFileInvalid, "claim.age"));
    let mut edited = bytes.clone();
    *edited.last_mut().expect("not empty") ^= 1;
    assert_eq!(refused(&edited, PASSPHRASE).code, Code::ClaimFileInvalid);
    for other in [&b""[..], b"PK\x03\x04", b"age-encryption.org/v1\n"] {
        assert_eq!(refused(other, PASSPHRASE).code, Code::ClaimFileInvalid);
    }
}

#[test]
fn another_version_s_inside_is_not_guessed_at() {
    let mut recipient = age::scrypt::Recipient::new(PASSPHRASE.into());
    recipient.set_work_factor(COST);
    let wrap = |inside: &[u8]| {
        let recipients = std::iter::once(&recipient as &dyn age::Recipient);
        let mut sealed = vec![];
        let mut writer =
            age::Encryptor::with_recipients(recipients).expect("one").wrap_output(&mut sealed).expect("a writer");
        writer.write_all(inside).expect("written");
        writer.finish().expect("finished");
        sealed
    };
    let newer = refused(&wrap(br#"{"version":2,"claim":"somewhere else"}"#), PASSPHRASE);
    assert!(newer.reason.contains("newer"), "{}", newer.reason);
    assert!(refused(&wrap(b"a shopping list"), PASSPHRASE).reason.contains("damaged"));
    let bomb = vec![b' '; LIMIT + 1];
    assert!(refused(&wrap(&bomb), PASSPHRASE).reason.contains("damaged"), "it is not read to its end");
}

#[test]
fn a_suggested_passphrase_is_long_enough_and_never_the_same() {
    let suggest = || suggested_passphrase().expect("random numbers").expose_secret().to_owned();
    let (one, other) = (suggest(), suggest());
    assert_ne!(one, other);
    assert_eq!(one.len(), 19, "{one}");
    assert!(one.chars().all(|c| c == '-' || LETTERS.contains(&(c as u8))), "{one}");
    check_passphrase(&one.into()).expect("long enough");
}

#[test]
fn a_short_passphrase_is_refused_with_its_length() {
    let failure = check_passphrase(&"  elevenchars   ".into()).expect_err("too short");
    assert_eq!((failure.code, failure.about.as_str()), (Code::PassphraseShort, "11/12"));
    check_passphrase(&"とても長い合言葉を決めました".into()).expect("characters, not bytes");
}

#[test]
fn a_dead_claim_says_when_it_died_and_by_which_clock() {
    claim_file(in_minutes(1)).check_alive("claim.age").expect("alive");
    let failure = claim_file(in_minutes(-1)).check_alive("claim.age").expect_err("dead");
    assert_eq!((failure.code, failure.about.as_str()), (Code::ClaimFileExpired, "claim.age"));
    assert!(failure.reason.contains("clock says"), "{}", failure.reason);
}
