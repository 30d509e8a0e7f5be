use super::*;

fn subject() -> Subject {
    Subject {
        country: Some("JP".into()),
        state: Some("東京都".into()),
        locality: Some("Chiyoda".into()),
        organization: Some("Example, Inc.".into()),
        organizational_unit: Some("Lamps".into()),
    }
}

fn verified(made: &KeyAndCsr) -> String {
    let request = made.csr_pem.as_bytes();
    let subject = openssl(&["req", "-verify", "-noout", "-subject", "-nameopt", "RFC2253,utf8,-esc_msb"], request);
    let public = openssl(&["req", "-noout", "-pubkey"], request);
    assert_eq!(public, public_half(made.private_key_pem.as_ref().expect("ours")), "the CSR is for the key beside it");
    subject
}

#[test]
fn openssl_verifies_the_csr() {
    let made = key_and_csr(KeyType::P256, "Fleet_Index_A1", &subject()).unwrap();
    let expected = "subject=CN=Fleet_Index_A1,OU=Lamps,O=Example\\, Inc.,L=Chiyoda,ST=東京都,C=JP";
    assert_eq!(verified(&made), expected);
    assert!(made.csr_pem.len() <= 4096, "AWS IoT takes CSRs up to there");
    let key =
        openssl(&["pkey", "-noout", "-text"], made.private_key_pem.as_ref().expect("ours").expose_secret().as_bytes());
    assert!(key.contains("NIST CURVE: P-256"), "{key}");
}

#[test]
fn openssl_verifies_the_csr_of_an_rsa_key() {
    let made = key_and_csr(KeyType::Rsa2048, "Fleet_Index_A1", &Subject::default()).unwrap();
    assert_eq!(verified(&made), "subject=CN=Fleet_Index_A1", "fields that are not set are not there");
    let key =
        openssl(&["pkey", "-noout", "-text"], made.private_key_pem.as_ref().expect("ours").expose_secret().as_bytes());
    assert!(key.contains("2048 bit"), "{key}");
}

#[test]
fn a_key_is_never_made_twice() {
    let make = || key_and_csr(KeyType::P256, "Fleet_Index_A1", &Subject::default()).unwrap();
    let key = || make().private_key_pem.expect("ours");
    assert_ne!(key().expose_secret(), key().expose_secret());
}

#[test]
fn a_subject_that_no_name_can_hold_is_the_sites_mistake() {
    let wrong = |change: fn(&mut Subject)| {
        let mut subject = subject();
        change(&mut subject);
        let failure = key_and_csr(KeyType::P256, "Fleet_Index_A1", &subject).unwrap_err();
        assert_eq!((failure.code, failure.about.as_str()), (Code::SiteInvalid, "certificateSubject"));
        failure.reason
    };
    assert!(wrong(|subject| subject.country = Some("Japan".into())).contains("country"));
    assert!(wrong(|subject| subject.country = Some("jp".into())).contains("capital"), "ISO 3166 has capitals");
    assert!(wrong(|subject| subject.country = Some("日本".into())).contains("country"));
    assert!(wrong(|subject| subject.state = Some(" ".into())).contains("state"));
    assert!(wrong(|subject| subject.locality = Some("a\nb".into())).contains("locality"));
    assert!(wrong(|subject| subject.organization = Some("x".repeat(65))).contains("64"), "RFC 5280 appendix A.1");
}

#[test]
fn debug_output_shows_no_key() {
    let made = key_and_csr(KeyType::P256, "Fleet_Index_A1", &Subject::default()).unwrap();
    assert!(!format!("{made:?}").contains("PRIVATE KEY"));
    let file = read_fixture("quick-aes.p12").unwrap();
    assert!(!format!("{file:?}").contains("PRIVATE KEY"));
}
