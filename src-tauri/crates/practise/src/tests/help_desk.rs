use std::collections::BTreeSet;

use fieldkey_core::ports::CertificateStatus::{Active, Inactive, Revoked};
use fieldkey_core::{Act, Inspect, Register, Revoke, inspect, register, revoke, serial_number_in};

use super::*;
use crate::authority::{Authority, END_OF_IDENTITIES};

#[tokio::test(start_paused = true)]
async fn the_registry_holds_something_of_everything() {
    let practise = signed_in().await;
    let names = practise.things();
    assert!(names.len() >= 40, "{}", names.len());
    let (mut statuses, mut counts) = (vec![], BTreeSet::new());
    for name in &names {
        serial_number_in(name, practise.site()).expect("each name is one of this site's");
        let told = Told::default();
        let request = Inspect { run: "i".into(), thing_name: name.clone() };
        let thing = inspect(&request, practise.site(), told.ports(&practise)).await.expect("found");
        let newest_first = thing.certificates.is_sorted_by(|a, b| a.created >= b.created);
        assert!(newest_first, "{name}");
        statuses.extend(thing.certificates.iter().map(|certificate| certificate.status));
        counts.insert(thing.certificates.len());
    }
    for status in [Active, Inactive, Revoked] {
        assert!(statuses.contains(&status), "{status:?}");
    }
    assert!(counts.is_superset(&[0, 1, 2, 5].into()), "{counts:?}");
}

async fn act(practise: &Practise, thing_name: &str, act: Act) -> Result<Vec<String>, Failure> {
    let told = Told::default();
    let request = Revoke { run: "r".into(), thing_name: thing_name.into(), certificate: None, act };
    revoke(&request, practise.site(), told.ports(practise)).await.map(|revoked| revoked.certificates)
}

#[tokio::test(start_paused = true)]
async fn certificates_are_switched_off_and_on_and_deleted() {
    let practise = signed_in().await;
    let statuses =
        async || thing(&practise, "Practise_SN-0005").await.certificates.iter().map(|c| c.status).collect::<Vec<_>>();
    act(&practise, "Practise_SN-0005", Act::Deactivate).await.expect("off");
    assert_eq!(statuses().await, [Inactive, Inactive]);
    act(&practise, "Practise_SN-0005", Act::Activate).await.expect("on");
    assert_eq!(statuses().await, [Active, Active]);
    act(&practise, "Practise_SN-0005", Act::Delete).await.expect("gone");
    assert_eq!(statuses().await, []);
    let gone = act(&practise, "Practise_SN-0005", Act::Delete).await;
    assert_eq!(failed(gone, Step::LookUp), Code::CertificateNotFound);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_another_thing_uses_is_neither_deactivated_nor_deleted() {
    let practise = signed_in().await;
    for act_on in [Act::Deactivate, Act::Delete] {
        let failure = act(&practise, "Practise_TWIN-A", act_on).await.expect_err("shared");
        assert_eq!((failure.code, failure.about.as_str()), (Code::CertificateShared, "Practise_TWIN-B"));
    }
    assert_eq!(thing(&practise, "Practise_TWIN-A").await.certificates.len(), 1);
    let unknown = act(&practise, "Practise_NOBODY", Act::Delete).await;
    assert_eq!(failed(unknown, Step::LookUp), Code::ThingNotFound);
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_another_ca_is_registered_once() {
    let practise = signed_in().await;
    let (issued, _) = Authority::new().expect("a CA").make("elsewhere", END_OF_IDENTITIES).expect("made");
    let attempt = async |thing_name: &str| {
        let told = Told::default();
        let request = Register {
            run: "g".into(),
            thing_name: thing_name.into(),
            name: "device.pem".into(),
            certificate: issued.certificate_pem.clone().into_bytes().into(),
            private_key: None,
            password: None,
            status: Active,
        };
        register(request, practise.site(), told.ports(&practise)).await
    };
    let done = attempt("Practise_SN-9001").await.expect("registered");
    assert_eq!(done.certificate.certificate_id, issued.certificate_id);
    let failure = attempt("Practise_SN-9002").await.expect_err("twice");
    assert_eq!((failure.code, failure.about.as_str()), (Code::CertificateDuplicate, issued.certificate_id.as_str()));
    assert_eq!(failure.reason, "ACTIVE, attached to: Practise_SN-9001");
}

#[tokio::test(start_paused = true)]
async fn an_installer_looks_things_up_and_changes_none() {
    let practise = signed_in().await;
    practise.sign_in("installer@example.com", &"eight888".into()).await.expect("signed in");
    let refused = act(&practise, "Practise_SN-0001", Act::Deactivate).await;
    assert_eq!(failed(refused, Step::SignIn), Code::NotAllowed);
    let told = Told::default();
    let request = Inspect { run: "i".into(), thing_name: "Practise_SN-0001".into() };
    inspect(&request, practise.site(), told.ports(&practise)).await.expect("looking is for everybody");
}
