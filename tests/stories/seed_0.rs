//! Fleet provisioning by a trusted user, with mosquitto as the device.

use std::process::Command;

use crate::support::broker::Broker;
use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::support;

#[test]
fn seed_0_a_trusted_user_s_claim_becomes_a_device_certificate() {
    // The article: sign in, download the claim, and let mosquitto_rr do the two exchanges.
    let (desk, operator) = (Desk::new(), cloud().operator());
    Said::by(&mut desk.provision(&operator, "SEED0-1", &[])).result();
    let mosquitto = Command::new(support("mosquitto_provision.sh"))
        .arg(desk.path("drive"))
        .env("TMPDIR", desk.path("tmp"))
        .output()
        .expect("it runs");
    assert!(mosquitto.status.success(), "{}", String::from_utf8_lossy(&mosquitto.stderr));
    let registry = cloud().registry("Fleet_Index_SEED0-1");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE", "{registry}");

    // The same by Fieldkey alone, with keys from AWS, as the article has them…
    let desk = Desk::new();
    let words = ["--via", "claim", "--key", "aws"];
    let said = Said::by(&mut desk.enroll(&operator, "SEED0-2", &words));
    let result = said.result();
    let registry = cloud().registry("Fleet_Index_SEED0-2");
    assert_eq!(registry["certificates"][0]["id"], result["certificateId"], "{registry}");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE");

    // …and with a key that AWS never sees.
    let broker = Broker::start();
    let desk = broker.desk();
    let said = Said::by(&mut desk.enroll(&operator, "SEED0-3", &["--via", "claim"]));
    let result = said.result();
    let registry = cloud().registry("Fleet_Index_SEED0-3");
    assert_eq!(registry["certificates"][0]["id"], result["certificateId"], "{registry}");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE");
    let seen = serde_json::to_string(&broker.seen()).expect("JSON");
    assert!(seen.contains("certificateSigningRequest"), "{seen}");
    assert!(!seen.contains("PRIVATE KEY"), "the key crossed no wire");
    let subscribed = seen.find("create-from-csr/json/rejected").expect("listens for a refusal");
    let published = seen.find("certificateSigningRequest").expect("asks");
    assert!(subscribed < published, "whoever asks first may miss the answer");
}
