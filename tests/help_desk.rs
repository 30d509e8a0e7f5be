//! The help desk's jobs, and that independent clients see what they did.

use serde_json::json;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::identity::Identity;

#[test]
fn a_device_is_looked_up_re_issued_and_revoked() {
    let (desk, operator, helpdesk) = (Desk::new(), cloud().operator(), cloud().helpdesk());
    Said::by(&mut desk.enroll(&operator, "DESK-1", &["--via", "api"])).result();
    let old = Identity::on(&desk.path("drive")).id().to_owned();
    let old_files = desk.files();

    // Look up: an installer may, too.
    let said = Said::by(&mut desk.job(&operator, &["inspect", "--serial-number", "DESK-1"]));
    let thing = said.result();
    assert_eq!(thing["name"], "Fleet_Index_DESK-1");
    assert_eq!(thing["certificates"][0]["id"], old.as_str());
    assert_eq!(thing["certificates"][0]["status"], "ACTIVE");
    assert_eq!(thing["certificates"][0]["policies"].as_array().map(Vec::len), Some(1), "{thing}");

    // Re-issue: not an installer's.
    let target = desk.target();
    let words = ["reissue", "--serial-number", "DESK-1", "--target", &target, "--via", "api"];
    let said = Said::by(&mut desk.job(&operator, &words));
    assert_eq!(said.failure(), (4, "not-allowed", "sign-in"));
    assert_eq!(desk.files(), old_files, "nothing was touched");
    let said = Said::by(&mut desk.job(&helpdesk, &words));
    let result = said.result();
    assert_eq!(result["deactivated"], json!([old]));
    let new = Identity::on(&desk.path("drive"));
    assert_eq!(new.id(), result["certificateId"]);
    assert_eq!(desk.files().len(), old_files.len(), "the old key does not lie about: {:?}", desk.files());
    new.connects_by_awsiotsdk().expect("the new identity works");
    let registry = cloud().registry("Fleet_Index_DESK-1");
    let status = |id: &str| {
        let certificates = registry["certificates"].as_array().expect("a list");
        certificates.iter().find(|c| c["id"] == id).map(|c| c["status"].clone()).unwrap_or_default()
    };
    assert_eq!((status(&old), status(new.id())), (json!("INACTIVE"), json!("ACTIVE")), "boto's view: {registry}");

    // Deactivate, then delete.
    let revoke =
        |more: &[&str]| desk.job(&helpdesk, &[&["revoke", "--serial-number", "DESK-1", "--yes"], more].concat());
    let said = Said::by(&mut revoke(&["--certificate", &new.id()[..10], "--deactivate"]));
    assert_eq!(said.result()["act"], "deactivate");
    new.connects_by_awsiotsdk().expect_err("it is inactive");
    let activate = ["activate", "--serial-number", "DESK-1", "--certificate", new.id()];
    Said::by(&mut desk.job(&helpdesk, &activate)).result();
    new.connects_by_awsiotsdk().expect("it is active again");
    let said = Said::by(&mut revoke(&[]));
    assert_eq!(said.result()["certificates"].as_array().map(Vec::len), Some(2), "the old one, too");
    let registry = cloud().registry("Fleet_Index_DESK-1");
    assert_eq!(registry["certificates"], json!([]), "{registry}");
    let said = Said::by(&mut revoke(&[]));
    assert_eq!(said.failure(), (4, "certificate-not-found", "look-up"));
}

#[test]
fn a_re_issue_that_cannot_write_leaves_the_old_identity_as_it_was() {
    let (desk, operator, helpdesk) = (Desk::new(), cloud().operator(), cloud().helpdesk());
    Said::by(&mut desk.enroll(&operator, "DESK-2", &["--via", "api"])).result();
    let old = Identity::on(&desk.path("drive"));
    let (id, files) = (old.id().to_owned(), desk.files());
    let gone = format!("drive:{}", desk.path("nowhere").display());
    let words = ["reissue", "--serial-number", "DESK-2", "--target", &gone, "--via", "api"];
    let said = Said::by(&mut desk.job(&helpdesk, &words));
    assert_eq!(said.failure(), (5, "target-gone", "target"));
    assert_eq!(desk.files(), files);
    let registry = cloud().registry("Fleet_Index_DESK-2");
    assert_eq!(registry["certificates"].as_array().map(Vec::len), Some(1), "{registry}");
    assert_eq!(registry["certificates"][0]["id"], id.as_str());
    old.connects_by_awsiotsdk().expect("it still works");
}

#[test]
fn revoking_asks_before_it_acts() {
    let (desk, operator, helpdesk) = (Desk::new(), cloud().operator(), cloud().helpdesk());
    Said::by(&mut desk.enroll(&operator, "DESK-3", &["--via", "api"])).result();
    let output = desk.job(&helpdesk, &["revoke", "--serial-number", "DESK-3"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "a script says it out loud: --yes");
    Identity::on(&desk.path("drive")).connects_by_awsiotsdk().expect("nothing happened");
}
