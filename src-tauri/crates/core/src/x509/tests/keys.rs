use super::*;

fn with_key(certificate: &str, key: &str) -> Result<CertificateFile, Failure> {
    read(&fixture(certificate), Some(&fixture(key)), Some(&password()))
}

#[test]
fn a_key_may_come_in_any_usual_form() {
    let public = public_half(&SecretString::from(text("p256-key.pem")));
    let names = [
        "p256-key.pem",
        "p256-pkcs8.der",
        "p256-sec1.pem",
        "p256-sec1.der",
        "p256-no-public.pem",
        "encrypted-aes.pem",
        "encrypted-aes.der",
        "encrypted-aes-sha1.pem",
        "encrypted-des3.pem",
        "encrypted-pkcs12-3des.pem",
        "openssl3.p12",
    ];
    for name in names {
        let file = with_key("p256.cer", name).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let key = file.private_key_pem.unwrap();
        assert!(key.expose_secret().starts_with("-----BEGIN PRIVATE KEY-----\n"), "{name} became PKCS#8");
        assert_eq!(public_half(&key), public, "{name} is the same key to OpenSSL");
        rcgen::KeyPair::from_pem(key.expose_secret()).unwrap_or_else(|error| panic!("{name} in TLS: {error}"));
    }
    let public = public_half(&SecretString::from(text("rsa-key.pem")));
    for name in ["rsa-key.pem", "rsa-pkcs1.pem", "rsa-pkcs1.der"] {
        let file = with_key("rsa.pem", name).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(public_half(&file.private_key_pem.unwrap()), public, "{name} is the same key to OpenSSL");
    }
}

#[test]
fn keys_of_other_algorithms_match_their_certificates() {
    for name in ["p384", "p521", "rsa", "ed25519", "rsa1024"] {
        let file = with_key(&format!("{name}.pem"), &format!("{name}-key.pem"));
        let file = file.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(file.preview.key_matches, Some(true), "{name}");
        let public = public_half(&SecretString::from(text(&format!("{name}-key.pem"))));
        assert_eq!(public_half(&file.private_key_pem.unwrap()), public, "{name} is the same key to OpenSSL");
    }
}

#[test]
fn another_key_is_refused() {
    for key in ["ca-key.pem", "p384-key.pem", "rsa-key.pem", "ed25519-key.pem"] {
        assert_eq!(code(with_key("p256.pem", key)), Code::KeyMismatch, "{key}");
    }
    assert_eq!(code(with_key("rsa.pem", "rsa1024-key.pem")), Code::KeyMismatch);
    assert_eq!(code(with_key("openssl3.p12", "ca-key.pem")), Code::KeyMismatch, "the key given goes before the file's");
    assert!(!key_matches(&text("p256.pem"), &SecretString::from(text("ca-key.pem"))).unwrap());
    assert!(key_matches(&text("p256.pem"), &SecretString::from(text("p256-key.pem"))).unwrap());
}

#[test]
fn an_encrypted_key_needs_its_password() {
    for password in [None, Some(SecretString::from("wrong"))] {
        let outcome = read(&fixture("p256.pem"), Some(&fixture("encrypted-aes.pem")), password.as_ref());
        let failure = outcome.unwrap_err();
        assert_eq!(failure.code, Code::P12Password);
        assert!(failure.reason.contains("private key"), "of two files, it says which: {}", failure.reason);
    }
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let failure = with_key("rsa.pem", "rsa-old-encryption.pem").unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid);
    assert!(failure.reason.contains("openssl pkcs8 -topk8"), "{}", failure.reason);
    let failure = with_key("p256.pem", "encrypted-md5-des.pem").unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid, "PKCS#5 v1.5 is not read");
    let failure = with_key("p256.pem", "encrypted-scrypt.pem").unwrap_err();
    assert!(failure.reason.contains("scrypt"), "{}", failure.reason);
    let failure = with_key("p521.pem", "p521-no-public.pem").unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid, "nothing to compare it with");
    let failure = with_key("p256.pem", "ca.pem").unwrap_err();
    assert!(failure.reason.contains("private key"), "a certificate is no key: {}", failure.reason);
}

#[test]
fn a_key_whose_parts_do_not_fit_together_is_damaged() {
    let mut key = fixture("rsa-pkcs1.der");
    let end = key.len() - 1;
    key[600] ^= 1;
    key[end] ^= 1;
    let failure = read(&fixture("rsa.pem"), Some(&key), None).unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid, "its modulus is right, but it could not sign");
}

#[test]
fn a_key_that_aws_iot_does_not_take_is_named() {
    let failure = with_key("secp256k1.pem", "secp256k1-key.pem").unwrap_err();
    assert_eq!((failure.code, failure.about.as_str()), (Code::CertificateUnsupported, "secp256k1"));
}

#[test]
fn keys_take_the_forms_that_devices_want() {
    let cases = [
        ("rsa-key.pem", KeyForm::Pkcs1, "RSA PRIVATE KEY"),
        ("rsa-pkcs1.der", KeyForm::Pkcs8, "PRIVATE KEY"),
        ("p256-key.pem", KeyForm::Pkcs1, "EC PRIVATE KEY"),
        ("p256-sec1.pem", KeyForm::Pkcs8, "PRIVATE KEY"),
        ("p521-key.pem", KeyForm::Pkcs1, "EC PRIVATE KEY"),
        ("ed25519-key.pem", KeyForm::Pkcs8, "PRIVATE KEY"),
    ];
    for (name, form, label) in cases {
        let key = private_key_as(&fixture(name), None, form).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(key.label, label, "{name}");
        let pem = key.to_pem().unwrap();
        assert!(pem.expose_secret().starts_with(&format!("-----BEGIN {label}-----\n")), "{name}");
        let format = if name.ends_with("der") { "DER" } else { "PEM" };
        let public = openssl(&["pkey", "-pubout", "-inform", format, "-in", &path(name)], b"");
        assert_eq!(public_half(&pem), public, "{name} is the same key to OpenSSL");
    }
    let refused = private_key_as(&fixture("ed25519-key.pem"), None, KeyForm::Pkcs1).err().map(|failure| failure.code);
    assert_eq!(refused, Some(Code::CertificateUnsupported), "Ed25519 has PKCS#8 alone");
}
