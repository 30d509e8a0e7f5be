//! Enrolment cut off at each of its steps: what is left in the registry and on the drive.

use serde_json::{Value, json};

use crate::support::broker::{Broker, Fault};
use crate::support::cloud::{Cloud, cloud};
use crate::support::command::{Desk, Said};
use crate::support::identity::Identity;
use crate::support::proxy::{Proxy, Spoil};

/// The certificates of a thing that are active.
fn active(thing: &str) -> Vec<Value> {
    let registry = cloud().registry(thing);
    let certificates = registry["certificates"].as_array().expect("a list");
    certificates.iter().filter(|certificate| certificate["status"] == "ACTIVE").cloned().collect()
}

#[test]
fn a_connection_cut_at_any_request_of_a_claim_s_way_leaves_no_active_certificate() {
    let (broker, operator) = (Broker::start(), cloud().operator());
    let faults = [("create-from-csr", Fault::Cut), ("create-from-csr", Fault::Lose), ("provision", Fault::Cut)];
    for (n, (on, fault)) in faults.into_iter().enumerate() {
        let (desk, serial) = (broker.desk(), format!("CUT-{n}"));
        broker.fault(on, fault.clone());
        let said = Said::by(&mut desk.enroll(&operator, &serial, &["--via", "claim"]));
        assert_eq!(said.failure().0, 4, "{on} {fault:?}: {:?}", said.last());
        assert!(active(&format!("Fleet_Index_{serial}")).is_empty(), "{on} {fault:?}");
        // Whatever lies there now, the next run brings it to its end.
        let said = Said::by(&mut desk.enroll(&operator, &serial, &["--via", "claim", "--replace"]));
        assert_eq!(said.result()["issued"], true, "{on} {fault:?}");
        assert_eq!(active(&format!("Fleet_Index_{serial}")).len(), 1);
    }
}

#[test]
fn an_answer_lost_after_the_registration_costs_nothing() {
    let (broker, operator) = (Broker::start(), cloud().operator());
    let desk = broker.desk();
    broker.fault("provision", Fault::Lose);
    let said = Said::by(&mut desk.enroll(&operator, "LOST-1", &["--via", "claim"]));
    assert_eq!(said.result()["issued"], true, "the proof told what the answer could not");
    assert_eq!(active("Fleet_Index_LOST-1").len(), 1);
    assert_eq!(Identity::on(&desk.path("drive")).id(), said.result()["certificateId"]);
}

#[test]
fn a_refusal_leaves_the_drive_as_it_was() {
    let (broker, operator) = (Broker::start(), cloud().operator());
    let rejected =
        |code: &str, status: u16| Fault::Reject(json!({"statusCode": status, "errorCode": code, "errorMessage": "no"}));
    for (on, fault, code) in [
        ("provision", rejected("AccessDenied", 403), "registration-refused"),
        ("provision", rejected("InvalidTemplate", 400), "template-not-found"),
        ("create-from-csr", rejected("InternalFailure", 500), "service-error"),
    ] {
        let desk = broker.desk();
        broker.fault(on, fault);
        let said = Said::by(&mut desk.enroll(&operator, "REFUSED-1", &["--via", "claim"]));
        assert_eq!(said.failure().1, code, "{:?}", said.last());
        assert!(desk.files().is_empty(), "{code}: {:?}", desk.files());
        assert!(active("Fleet_Index_REFUSED-1").is_empty());
    }
}

#[test]
fn the_hook_s_no_is_told() {
    let site = cloud().another_site("picky", &["ThingNamePrefix=Picky_", "SerialNumberPattern=^OK-[0-9]+$"]);
    let operator = cloud().of_groups(&["--site", "picky"]);
    // A site file older than the stack lets through what the hook does not.
    let mut lax = site;
    lax["serialNumberPattern"] = json!("^[A-Z0-9-]+$");
    let desk = Desk::with_site(&lax);
    let said = Said::by(&mut desk.enroll(&operator, "NOT-OK", &["--via", "claim", "--key", "aws"]));
    assert_eq!(said.failure(), (4, "registration-refused", "register"));
    assert!(desk.files().is_empty(), "{:?}", desk.files());
    Said::by(&mut desk.enroll(&operator, "OK-1", &["--via", "claim", "--key", "aws"])).result();
}

#[test]
fn a_template_that_is_switched_off_is_named() {
    let cloud = Cloud::start();
    let (desk, operator) = (Desk::at(&cloud), cloud.operator());
    let template = cloud.site()["provisioningTemplateName"].clone();
    cloud.call("iot", "update-provisioning-template", json!({"templateName": template, "enabled": false}));
    let said = Said::by(&mut desk.enroll(&operator, "OFF-1", &["--via", "claim", "--key", "aws"]));
    assert_eq!((said.failure().0, said.failure().1), (4, "template-not-found"), "{:?}", said.last());
    assert!(desk.files().is_empty(), "{:?}", desk.files());
    assert!(cloud.registry("Fleet_Index_OFF-1")["thing"].is_null());
}

#[test]
fn an_older_broker_and_a_blocked_port_are_no_obstacles() {
    let (broker, operator) = (Broker::start(), cloud().operator());
    broker.refuse_mqtt5();
    let desk = broker.desk();
    Said::by(&mut desk.enroll(&operator, "OLD-1", &["--via", "claim"])).result();
    // One firewall refuses, another swallows what is sent.
    for (n, block) in [Broker::block, Broker::hang].into_iter().enumerate() {
        let broker = Broker::start();
        block(&broker);
        let said = Said::by(&mut broker.desk().enroll(&operator, &format!("BLOCKED-{n}"), &["--via", "claim"]));
        said.result();
        let seen = broker.seen();
        let connects: Vec<&Value> = seen.iter().filter(|act| !act["connect"].is_null()).collect();
        assert_eq!(connects.len(), 2, "as the claim and as the thing: {seen:?}");
        assert!(connects.iter().all(|connect| connect["where"] == "443"), "{connects:?}");
    }
}

#[test]
fn a_certificate_deactivated_between_two_steps_is_not_called_a_success() {
    let (broker, operator) = (Broker::start(), cloud().operator());
    let desk = broker.desk();
    broker.fault("provision", Fault::Deactivate);
    let said = Said::by(&mut desk.enroll(&operator, "SWITCHED-1", &["--via", "claim"]));
    assert_eq!(said.failure(), (4, "identity-refused", "prove"), "{:?}", said.last());
    assert!(active("Fleet_Index_SWITCHED-1").is_empty());
}

#[test]
fn an_answer_of_the_certificate_api_that_is_lost_is_asked_for_again() {
    let proxy = Proxy::before(cloud().port());
    let (desk, operator) = (Desk::with_site(&cloud().site_at(&proxy.url)), cloud().operator());
    proxy.spoil("/certificates", Spoil::Cut, 1);
    let said = Said::by(&mut desk.enroll(&operator, "APILOST-1", &["--via", "api"]));
    assert_eq!(active("Fleet_Index_APILOST-1").len(), 1, "the same CSR gives the same certificate");
    assert_eq!(said.result()["certificateId"], active("Fleet_Index_APILOST-1")[0]["id"]);
}

#[test]
fn a_token_that_ran_out_is_renewed_and_a_drive_that_cannot_be_written_costs_nothing() {
    let proxy = Proxy::before(cloud().port());
    let (desk, operator) = (Desk::with_site(&cloud().site_at(&proxy.url)), cloud().operator());
    proxy.spoil("/certificates", Spoil::Answer(401, r#"{"message":"Unauthorized"}"#), 1);
    Said::by(&mut desk.enroll(&operator, "TOKEN-1", &["--via", "api"])).result();
    let gone = desk.path("nowhere").display().to_string();
    let words = ["enroll", "--serial-number", "GONE-1", "--target", &format!("drive:{gone}"), "--via", "api"];
    let said = Said::by(&mut desk.job(&operator, &words));
    assert_eq!(said.failure(), (5, "target-gone", "target"));
    assert!(active("Fleet_Index_GONE-1").is_empty(), "nothing was asked for");
}
