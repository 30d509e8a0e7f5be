use super::*;

/// Every kind of file that is read, and the tool that it comes from.
const READABLE: [&str; 15] = [
    "openssl3.p12",
    "openssl3-legacy.p12",
    "openssl3-no-mac.p12",
    "openssl3-chain.p12",
    "openssl3-sha1-prf.p12",
    "openssl3-unencrypted.p12",
    "openssl3-rc2-128.p12",
    "keychain.p12",
    "windows-3des.p12",
    "windows-aes.p12",
    "certtool.p12",
    "nss.p12",
    "pbmac1.p12",
    "quick-legacy.p12",
    "quick-aes.p12",
];

#[test]
fn files_of_every_tool_give_the_same_certificate_and_key() {
    let certificate = text("p256.pem");
    let public = public_half(&SecretString::from(text("p256-key.pem")));
    for name in READABLE {
        let file = read_fixture(name).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(file.certificate_pem, certificate, "{name} was made of this certificate");
        assert_eq!(file.preview.key_matches, Some(true), "{name}");
        assert_eq!(public_half(&file.private_key_pem.unwrap()), public, "{name} was made of this key");
    }
}

#[test]
fn an_empty_password_may_be_written_in_two_ways_and_left_out() {
    let names = ["openssl3-empty.p12", "openssl3-legacy-empty.p12", "null-3des.p12", "null-aes.p12", "nss-empty.p12"];
    for name in names {
        for password in [None, Some(SecretString::from(""))] {
            let file = read(&fixture(name), None, password.as_ref());
            let file = file.unwrap_or_else(|failure| panic!("{name}: {failure}"));
            assert_eq!(file.preview.key_matches, Some(true), "{name}");
        }
    }
}

#[test]
fn a_password_outside_ascii_and_the_basic_plane_opens() {
    let file = read(&fixture("openssl3-unicode.p12"), None, Some(&SecretString::from("パス𠮟word")));
    assert!(file.unwrap().private_key_pem.is_some(), "PKCS#12 has UTF-16 with surrogates, as OpenSSL writes it");
}

#[test]
fn a_wrong_or_missing_password_is_said_to_be_one() {
    for name in ["openssl3.p12", "openssl3-legacy.p12", "keychain.p12", "openssl3-no-mac.p12", "quick-aes.p12"] {
        let wrong = read(&fixture(name), None, Some(&SecretString::from("Test")));
        assert_eq!(code(wrong), Code::P12Password, "{name}: letters count");
        assert_eq!(code(read(&fixture(name), None, None)), Code::P12Password, "{name}: none is an empty one");
    }
    let wrong = SecretString::from("no");
    assert_eq!(code(read(&fixture("openssl3-empty.p12"), None, Some(&wrong))), Code::P12Password);
    assert_eq!(code(read(&fixture("pbmac1.p12"), None, Some(&wrong))), Code::P12Password);
}

#[test]
fn a_certificate_without_a_key_is_read_and_takes_one_from_beside_it() {
    let file = read_fixture("openssl3-no-key.p12").unwrap();
    assert!(file.private_key_pem.is_none());
    assert_eq!(file.preview.key_matches, None, "there was nothing to compare");
    let file = read(&fixture("openssl3-no-key.p12"), Some(&fixture("p256-sec1.pem")), Some(&password())).unwrap();
    assert_eq!(file.preview.key_matches, Some(true));
}

#[test]
fn of_two_certificates_the_key_tells_which_is_meant() {
    let both = fixture("openssl3-two-no-key.p12");
    let failure = read(&both, None, Some(&password())).unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid);
    assert!(failure.reason.contains("2 certificates"), "it says why: {}", failure.reason);
    for name in ["p256", "p384"] {
        let key = fixture(&format!("{name}-key.pem"));
        let file = read(&both, Some(&key), Some(&password())).unwrap();
        assert_eq!(file.certificate_pem, text(&format!("{name}.pem")));
    }
    assert_eq!(code(read(&both, Some(&fixture("rsa-key.pem")), Some(&password()))), Code::KeyMismatch);
}

#[test]
fn two_whole_identities_need_a_choice() {
    let failure = read_fixture("certtool-two.p12").unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid, "nothing tells which of them is meant");
    assert!(failure.reason.contains("2 certificates"), "{}", failure.reason);
}

#[test]
fn armor_around_pkcs12_is_taken_off() {
    let armored = pem::encode(&pem::Pem::new("PKCS12", fixture("quick-aes.p12")));
    let file = read(armored.as_bytes(), None, Some(&password())).unwrap();
    assert_eq!(file.preview.key_matches, Some(true), "GnuTLS writes it like this unless told otherwise");
}

#[test]
fn a_cipher_that_is_not_read_is_named() {
    let failure = read_fixture("openssl3-rc4.p12").unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid);
    assert!(failure.reason.contains("1.2.840.113549.1.12.1.1"), "pbeWithSHA1And128BitRC4: {}", failure.reason);
    assert!(failure.reason_ja.is_some_and(|reason| reason.contains("AES")), "the way out is said in Japanese, too");
}

#[test]
fn what_is_cut_short_or_changed_is_refused() {
    let whole = fixture("openssl3.p12");
    let failure = read(&whole[..whole.len() - 1], None, Some(&password())).unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid);
    assert!(failure.reason.contains("cut short"), "{}", failure.reason);
    let nss = fixture("nss-empty.p12");
    assert_eq!(code(read(&nss[..nss.len() - 4], None, None)), Code::CertificateInvalid);
    let mut changed = whole;
    changed[200] ^= 1;
    assert_eq!(code(read(&changed, None, Some(&password()))), Code::P12Password, "the MAC no longer holds");
}
