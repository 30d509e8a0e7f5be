//! What lies on a drive already is never lost without a word.

use serde_json::Value;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};

#[test]
fn a_live_claim_is_replaced_only_on_request() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let first = Said::by(&mut desk.provision(&operator, "KEEP-1", &[]));
    let manifest = std::fs::read(desk.path("drive/provisioning.json")).expect("written");
    let second = Said::by(&mut desk.provision(&operator, "KEEP-2", &[]));
    assert_eq!(second.failure(), (5, "identity-present", "target"));
    assert_eq!(std::fs::read(desk.path("drive/provisioning.json")).expect("there"), manifest, "untouched");

    let third = Said::by(&mut desk.provision(&operator, "KEEP-2", &["--replace"]));
    assert_ne!(third.result()["certificateId"], first.result()["certificateId"]);
    assert_eq!(desk.files().len(), 4);
}

#[test]
fn an_identity_is_replaced_only_on_request() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    std::fs::write(desk.path("drive/identity.json"), "{}").expect("writable");
    let said = Said::by(&mut desk.provision(&operator, "KEEP-3", &[]));
    assert_eq!(said.failure(), (5, "identity-present", "target"));
    assert_eq!(desk.files(), ["identity.json"]);
}

#[test]
fn an_expired_claim_is_no_obstacle() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    Said::by(&mut desk.provision(&operator, "KEEP-4", &[])).result();
    let path = desk.path("drive/provisioning.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).expect("written")).expect("JSON");
    manifest["expires"] = Value::from("2020-01-01T00:00:00Z");
    std::fs::write(&path, manifest.to_string()).expect("writable");
    Said::by(&mut desk.provision(&operator, "KEEP-5", &[])).result();
}

#[test]
fn other_files_on_the_drive_stay() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    std::fs::write(desk.path("drive/README.TXT"), "theirs").expect("writable");
    Said::by(&mut desk.provision(&operator, "KEEP-6", &[])).result();
    assert_eq!(std::fs::read_to_string(desk.path("drive/README.TXT")).expect("there"), "theirs");
    assert_eq!(desk.files().len(), 5);
}
