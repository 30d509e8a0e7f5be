//! Certificates that exist already: registered again, in another account, and made by Keychain Access.

use serde_json::json;

use crate::support::cloud::{Cloud, cloud};
use crate::support::command::{Desk, Said};
use crate::support::identity::Identity;
use crate::support::openssl::openssl;

fn certificate_file(desk: &Desk, identity: &Identity) -> String {
    let copy = desk.path("kept.pem");
    std::fs::copy(identity.file("certificate"), &copy).expect("writable");
    copy.display().to_string()
}

#[test]
fn seed_4_a_certificate_in_hand_is_deleted_registered_again_and_moved_to_another_account() {
    // A certificate of AWS IoT's that works.
    let (desk, operator, helpdesk) = (Desk::new(), cloud().operator(), cloud().helpdesk());
    Said::by(&mut desk.enroll(&operator, "SEED4-1", &["--via", "api"])).result();
    let identity = Identity::on(&desk.path("drive"));
    let file = certificate_file(&desk, &identity);
    identity.connects_by_awsiotsdk().expect("AWS's SDK connects with it");
    let said = Said::by(&mut desk.verify(&["--mqtt"]));
    assert_eq!((said.result()["certificateId"].as_str(), said.verdict("echo")), (Some(identity.id()), "passed"));

    // Deleted from the registry, it cannot connect any more.
    let thing = "Fleet_Index_SEED4-1";
    Said::by(&mut desk.job(&helpdesk, &["revoke", "--thing", thing, "--yes"])).result();
    identity.connects_by_awsiotsdk().expect_err("the registry does not know it");
    let said = Said::by(&mut desk.verify(&["--mqtt"]));
    assert_eq!(said.failure(), (4, "identity-refused", "connect"));

    // Registered again it is inactive, until it is activated; the policy is attached with it.
    let register =
        |more: &[&str]| desk.job(&operator, &[&["register", "--thing", thing, "--certificate", &file], more].concat());
    let said = Said::by(&mut register(&[]));
    assert_eq!(said.result()["status"], "INACTIVE");
    assert_eq!(said.result()["certificateId"], identity.id(), "SHA-256 of what is inside");
    identity.connects_by_awsiotsdk().expect_err("it is inactive");
    let again = Said::by(&mut register(&["--status", "active"]));
    assert_eq!(again.failure(), (4, "certificate-duplicate", "register"));
    let words = again.last()["message"].as_str().expect("words").to_owned();
    assert!(words.contains("INACTIVE"), "its state is shown: {words}");
    let words = ["activate", "--thing", thing, "--certificate", identity.id()];
    Said::by(&mut desk.job(&helpdesk, &words)).result();
    identity.connects_by_awsiotsdk().expect("it is active again");

    // Another account has another endpoint and another registry.
    let other = Cloud::start();
    let elsewhere = Desk::at(&other);
    let operator = other.operator();
    for entry in std::fs::read_dir(desk.path("drive")).expect("a folder").flatten() {
        std::fs::copy(entry.path(), elsewhere.path("drive").join(entry.file_name())).expect("writable");
    }
    identity_at(&elsewhere, &other);
    let moved = Identity::on(&elsewhere.path("drive"));
    moved.connects_by_awsiotsdk().expect_err("that registry does not know it");
    let words = ["register", "--thing", thing, "--certificate", &file, "--status", "active"];
    Said::by(&mut elsewhere.job(&operator, &words)).result();
    moved.connects_by_awsiotsdk().expect("the same certificate, in another account");
    Said::by(&mut elsewhere.verify(&["--mqtt"])).result();
}

/// Points the identity's settings to another account's endpoint, as one would on the device.
fn identity_at(desk: &Desk, cloud: &Cloud) {
    let path = desk.path("drive/identity.json");
    let text = std::fs::read_to_string(&path).expect("an identity");
    let mut settings: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    settings["port"] = cloud.site()["endpoints"]["mqttPort"].clone();
    let ca = settings["files"]["ca"].as_str().expect("a name").to_owned();
    std::fs::write(desk.path("drive").join(&ca), cloud.ca()).expect("writable");
    settings["sha256"].as_object_mut().expect("hashes").remove(&ca);
    settings["sha256"][&ca] = json!(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(cloud.ca())));
    std::fs::write(path, settings.to_string()).expect("writable");
}

#[test]
fn seed_4_a_certificate_made_on_a_mac_is_previewed_and_registered() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let folder = desk.path("tmp");
    // What Keychain Access makes: a self-signed certificate, exported as .cer and as .p12 with an empty password.
    openssl(
        &folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 365 -subj /CN=MyCertSample",
    );
    openssl(&folder, "x509 -in cert.pem -outform DER -out MyCertSample.cer");
    openssl(
        &folder,
        "pkcs12 -export -legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -in cert.pem -inkey key.pem \
         -passout pass: -out MyCertSample.p12",
    );
    let file = |name: &str| folder.join(name).display().to_string();
    let (cer, p12, key) = (file("MyCertSample.cer"), file("MyCertSample.p12"), file("key.pem"));

    let preview = |words: &[&str]| {
        let output = desk.fieldkey(&[&["register", "--preview", "--json"], words].concat()).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("one line of JSON")
    };
    let shown = preview(&["--certificate", &cer, "--private-key", &key]);
    assert_eq!(shown["keyMatches"], true, "{shown}");
    assert!(shown["subject"].as_str().is_some_and(|subject| subject.contains("MyCertSample")), "{shown}");
    let of_p12 = preview(&["--certificate", &p12]);
    assert_eq!(of_p12["certificateId"], shown["certificateId"], "the same certificate, with its key inside");
    assert_eq!(of_p12["keyMatches"], true);

    let thing = "Fleet_Index_SEED4-MAC";
    let words = ["register", "--thing", thing, "--certificate", &p12, "--status", "active"];
    let said = Said::by(&mut desk.job(&operator, &words));
    assert_eq!(said.result()["certificateId"], shown["certificateId"], "as the preview said");
    let registry = cloud().registry(thing);
    assert_eq!(registry["certificates"][0]["id"], shown["certificateId"], "{registry}");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE");
}
