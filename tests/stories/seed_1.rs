//! A key and a CSR on the client, the certificate by REST, then MQTT.

use std::process::Command;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::openssl::public_key;
use crate::support::proxy::Proxy;

#[test]
fn seed_1_a_certificate_by_rest_for_a_key_that_stays_where_it_was_made() {
    let proxy = Proxy::before(cloud().port());
    let (desk, operator) = (Desk::with_site(&cloud().site_at(&proxy.url)), cloud().operator());
    let said = Said::by(&mut desk.enroll(&operator, "SEED1-1", &["--via", "api"]));
    let result = said.result();
    assert_eq!(result["issued"], true);
    assert_eq!(result["thingName"], "Fleet_Index_SEED1-1");
    assert!(said.step("prove").is_some(), "it connected and published on its own topic");

    let id = result["certificateId"].as_str().expect("an ID");
    let registry = cloud().registry("Fleet_Index_SEED1-1");
    assert_eq!(registry["certificates"][0]["id"], id, "{registry}");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE");
    assert_eq!(registry["certificates"][0]["policies"].as_array().map(Vec::len), Some(1), "{registry}");

    let file = |end: &str| desk.path("drive").join(format!("{}-{end}", &id[..10]));
    assert_eq!(public_key(&file("certificate.pem.crt")), public_key(&file("private.pem.key")), "openssl agrees");
    let call = proxy.take().into_iter().find(|call| call.name.ends_with("/certificates")).expect("a POST");
    let request = String::from_utf8(call.request).expect("JSON");
    assert!(request.contains("CERTIFICATE REQUEST"), "the CSR crossed the wire");
    let private_key = std::fs::read_to_string(file("private.pem.key")).expect("a key");
    let line = private_key.lines().nth(1).expect("base64");
    assert!(!request.contains(line), "and the private key did not");

    // Only when there is none yet.
    let said = Said::by(&mut desk.enroll(&operator, "SEED1-1", &["--via", "api"]));
    assert_eq!(said.result()["issued"], false, "a target that holds a valid identity is proved instead");
    assert_eq!(cloud().registry("Fleet_Index_SEED1-1")["certificates"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_rsa_key_and_the_site_s_subject_are_made_where_the_site_wants_them() {
    let mut site = cloud().site();
    site["keyType"] = "rsa-2048".into();
    site["certificateSubject"] = serde_json::json!({"country": "JP", "organization": "Example K.K."});
    let (desk, operator) = (Desk::with_site(&site), cloud().operator());
    let said = Said::by(&mut desk.enroll(&operator, "SEED1-2", &["--via", "api"]));
    let id = said.result()["certificateId"].as_str().expect("an ID").to_owned();
    let key = desk.path("drive").join(format!("{}-private.pem.key", &id[..10]));
    let output = Command::new("openssl").args(["pkey", "-noout", "-text", "-in"]).arg(key).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("2048 bit"), "{}", text.lines().next().unwrap_or_default());
}
