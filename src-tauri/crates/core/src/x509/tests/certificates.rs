use super::*;

#[test]
fn the_preview_says_what_openssl_says() {
    for name in ["p256.pem", "p384.pem", "p521.pem", "rsa.pem", "ed25519.pem", "sha1.pem"] {
        let pem = fixture(name);
        let shown = preview(&text(name)).unwrap();
        let fingerprint = openssl(&["x509", "-noout", "-fingerprint", "-sha256"], &pem);
        let fingerprint = fingerprint.split_once('=').unwrap().1.replace(':', "").to_lowercase();
        assert_eq!(shown.certificate_id, fingerprint, "{name}: AWS IoT's certificate ID is the SHA-256 of the DER");
        let said = |option| openssl(&["x509", "-noout", option, "-nameopt", "RFC2253,utf8,-esc_msb"], &pem);
        assert_eq!(format!("subject={}", shown.subject), said("-subject"), "{name}");
        assert_eq!(format!("issuer={}", shown.issuer), said("-issuer"), "{name}");
        let dates = openssl(&["x509", "-noout", "-dates", "-dateopt", "iso_8601"], &pem);
        for (label, date) in [("notBefore", shown.not_before), ("notAfter", shown.not_after)] {
            let format = time::format_description::well_known::Rfc3339;
            let date = date.format(&format).unwrap().replace('T', " ");
            assert!(dates.contains(&format!("{label}={date}")), "{name}: {date} in {dates}");
        }
    }
}

#[test]
fn the_preview_names_algorithms_as_people_do() {
    let names = [
        ("p256.pem", "P-256", "ECDSA-SHA256"),
        ("p384.pem", "P-384", "ECDSA-SHA384"),
        ("p521.pem", "P-521", "ECDSA-SHA512"),
        ("rsa.pem", "RSA 2048", "RSA-SHA256"),
        ("rsa-pss.pem", "RSA 2048", "RSASSA-PSS-SHA256"),
        ("rsa1024.pem", "RSA 1024", "RSA-SHA256"),
        ("ed25519.pem", "Ed25519", "Ed25519"),
        ("sha1.pem", "P-256", "ECDSA-SHA1"),
        ("secp256k1.pem", "secp256k1", "ECDSA-SHA256"),
    ];
    for (name, key, signature) in names {
        let shown = preview(&text(name)).unwrap();
        assert_eq!((shown.key.as_str(), shown.signature.as_str()), (key, signature), "{name}");
        assert_eq!(shown.key_matches, None, "no key was given");
    }
}

#[test]
fn what_aws_iot_does_not_take_is_refused_by_name() {
    for name in ["p256.pem", "p384.pem", "p521.pem", "rsa.pem", "rsa-pss.pem"] {
        check_supported(&text(name)).unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
    let names = [
        ("ed25519.pem", "Ed25519"),
        ("rsa1024.pem", "RSA 1024"),
        ("sha1.pem", "SHA-1"),
        ("secp256k1.pem", "secp256k1"),
    ];
    for (name, what) in names {
        let failure = check_supported(&text(name)).unwrap_err();
        assert_eq!((failure.code, failure.about.as_str()), (Code::CertificateUnsupported, what), "{name}");
    }
}

#[test]
fn a_certificate_that_is_too_long_for_aws_iot_is_refused() {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&[1, 2, 3], vec![0; 50_000]));
    let long = parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem();
    let failure = check_supported(&long).unwrap_err();
    assert_eq!(failure.code, Code::CertificateUnsupported);
    assert!(failure.reason.contains("65536"), "{}", failure.reason);
}

#[test]
fn a_certificate_is_read_however_it_is_written_down() {
    let certificate = text("p256.pem");
    let crlf = certificate.replace('\n', "\r\n");
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(crlf.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let files = [
        ("DER", fixture("p256.cer")),
        ("CRLF", crlf.clone().into_bytes()),
        ("a byte order mark", format!("\u{feff}{crlf}").into_bytes()),
        ("UTF-16", utf16),
        ("text around it", format!("Lamp 1, Müller\n\n{certificate}\nend\n").into_bytes()),
        ("no last line feed", certificate.trim_end().as_bytes().to_vec()),
        ("more certificates", format!("{certificate}{}", text("ca.pem")).into_bytes()),
    ];
    for (how, file) in files {
        let file = read(&file, None, None).unwrap_or_else(|failure| panic!("{how}: {failure}"));
        assert_eq!(file.certificate_pem, certificate, "{how}");
        assert!(file.private_key_pem.is_none(), "{how}");
    }
}

#[test]
fn a_key_in_the_same_pem_is_found_and_tells_the_certificate() {
    let file = read_fixture("bag-attributes.pem").unwrap();
    assert_eq!(file.preview.key_matches, Some(true), "as `openssl pkcs12 -nodes` writes it");
    let chain_first = format!("{}{}{}", text("ca.pem"), text("p256-sec1.pem"), text("p256.pem"));
    let file = read(chain_first.as_bytes(), None, None).unwrap();
    assert_eq!(file.certificate_pem, text("p256.pem"), "the CA's came first, but the key is the device's");
}

#[test]
fn what_is_no_certificate_says_what_it_is() {
    let cases: [(&[u8], &str); 9] = [
        (b"", "neither PEM nor DER"),
        (b"hello", "neither PEM nor DER"),
        (&fixture("p256.cer")[..300], "cut short"),
        (&fixture("request.pem"), "signing request"),
        (&fixture("bundle-pkcs7.pem"), "PKCS#7"),
        (&fixture("bundle-pkcs7.der"), "PKCS#7"),
        (&fixture("p256-key.pem"), "no certificate"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "keytool"),
        (&vec![0x30; (1 << 20) + 1], "1 MiB"),
    ];
    for (file, reason) in cases {
        let failure = read(file, None, None).unwrap_err();
        assert_eq!(failure.code, Code::CertificateInvalid, "{reason}");
        assert!(failure.reason.contains(reason), "{reason}: {}", failure.reason);
        assert!(failure.reason_ja.is_some(), "{reason}: said in Japanese, too");
    }
}

#[test]
fn a_chain_is_known_by_its_signature_not_its_names() {
    let certificate = text("p256.pem");
    let others = format!("{}{}", text("rsa.pem"), text("ca.pem"));
    assert_eq!(chain(&certificate, &others).unwrap(), Chain::Signed);
    assert_eq!(chain(&certificate, &text("impostor.pem")).unwrap(), Chain::Forged, "the same name, another key");
    let both = format!("{}{}", text("impostor.pem"), text("ca.pem"));
    assert_eq!(chain(&certificate, &both).unwrap(), Chain::Signed, "one of that name did sign it");
    assert_eq!(chain(&certificate, &text("rsa.pem")).unwrap(), Chain::IssuerAbsent);
    assert_eq!(chain(&certificate, "").unwrap(), Chain::IssuerAbsent);
    assert_eq!(chain(&text("rsa.pem"), "").unwrap(), Chain::SelfSigned);
    assert_eq!(chain(&text("rsa-pss.pem"), "").unwrap(), Chain::SelfSigned);
    assert_eq!(chain(&text("p521.pem"), "").unwrap(), Chain::IssuerAbsent, "this signature cannot be checked here");
}

#[test]
fn a_changed_certificate_is_forged() {
    let mut der = fixture("p256.cer");
    let place = der.windows(14).position(|window| window == b"Fleet_Index_A1").unwrap();
    der[place + 13] = b'2';
    let changed = pem::encode(&pem::Pem::new("CERTIFICATE", der));
    assert_eq!(chain(&changed, &text("ca.pem")).unwrap(), Chain::Forged);
}
