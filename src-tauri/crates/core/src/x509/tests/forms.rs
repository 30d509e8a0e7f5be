//! Other forms of a key, judged by OpenSSL.

use super::*;

/// A key and a certificate for it.
fn made(key_type: KeyType) -> (SecretString, String) {
    let made = key_and_csr(key_type, "Fleet_Index_A1", &Subject::default()).expect("a key");
    let key = made.private_key_pem.expect("ours");
    let pair = match key_type {
        KeyType::P256 => rcgen::KeyPair::from_pem(key.expose_secret()),
        KeyType::Rsa2048 => rcgen::KeyPair::from_pkcs8_pem_and_sign_algo(key.expose_secret(), &rcgen::PKCS_RSA_SHA256),
    };
    let certificate = rcgen::CertificateParams::default().self_signed(&pair.expect("a pair")).expect("signed");
    (key, certificate.pem())
}

#[test]
fn openssl_reads_each_form_as_the_same_key() {
    let cases = [
        (KeyType::P256, KeyForm::Pkcs8, "PRIVATE KEY"),
        (KeyType::P256, KeyForm::Pkcs1, "EC PRIVATE KEY"),
        (KeyType::Rsa2048, KeyForm::Pkcs8, "PRIVATE KEY"),
        (KeyType::Rsa2048, KeyForm::Pkcs1, "RSA PRIVATE KEY"),
    ];
    for (key_type, form, label) in cases {
        let (key, certificate) = made(key_type);
        let formed = private_key_as(key.expose_secret().as_bytes(), Some(&certificate), form).expect("formed");
        let pem = formed.to_pem().expect("PEM");
        assert!(pem.expose_secret().starts_with(&format!("-----BEGIN {label}-----\n")), "{label}");
        assert_eq!(openssl(&["pkey", "-pubout"], pem.expose_secret().as_bytes()), public_half(&key), "{label}");
        let der = formed.der;
        let tool = match (form, key_type) {
            (KeyForm::Pkcs8, _) => "pkey",
            (KeyForm::Pkcs1, KeyType::P256) => "ec",
            (KeyForm::Pkcs1, KeyType::Rsa2048) => "rsa",
        };
        assert_eq!(openssl(&[tool, "-inform", "DER", "-pubout"], &der), public_half(&key), "{label} as DER");
        let again = read(&certificate_der(&certificate).expect("DER"), Some(&der), None).expect("a pair");
        assert_eq!(again.preview.key_matches, Some(true), "and we read it ourselves");
    }
}

#[test]
fn der_holds_one_certificate() {
    let (_, certificate) = made(KeyType::P256);
    let der = certificate_der(&certificate).expect("one");
    assert_eq!(der.first(), Some(&0x30));
    let failure = certificate_der(&format!("{certificate}{certificate}")).expect_err("two");
    assert_eq!(failure.code, Code::CertificateInvalid);
    assert_eq!(certificate_der("").expect_err("none").code, Code::CertificateInvalid);
}

#[test]
fn what_stands_around_certificates_is_left_out() {
    let (key, certificate) = made(KeyType::P256);
    let text = format!("# 19\" rack, 現場\r\n{certificate}\n{}{certificate}", key.expose_secret());
    let plain = certificates_pem(&text).expect("two of them");
    assert_eq!(plain.matches("-----BEGIN CERTIFICATE-----\n").count(), 2);
    assert!(!plain.contains('"') && !plain.contains("PRIVATE KEY") && !plain.contains('\r'), "{plain}");
    assert_eq!(certificates_pem("nothing").as_deref(), Ok(""));
}
