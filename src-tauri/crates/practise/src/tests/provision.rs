use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::x509::{self, Chain};
use fieldkey_core::{Again, ClaimBundle, ClaimFile, Cloud, Reissue, Target, reissue};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_device_registers_itself_with_the_claim_that_was_written() {
    for kind in [Kind::Drive, Kind::Serial] {
        let practise = signed_in().await;
        let target = sound(&practise, kind);
        let (outcome, told) = carry_out(&practise, &target, &provision_of("SN-9000")).await;
        let done = outcome.expect("provisioned");
        assert_eq!(done.registered, Some(true));
        assert_eq!(done.files.len(), 4, "certificate, key, CA, settings");
        let steps = [
            Step::Target,
            Step::SignIn,
            Step::Credentials,
            Step::Claim,
            Step::Write,
            Step::Verify,
            Step::Release,
            Step::Register,
        ];
        assert_eq!(told.done(), steps);

        let thing = thing(&practise, "Practise_SN-9000").await;
        let [certificate] = thing.certificates.as_slice() else { panic!("{thing:?}") };
        assert_eq!(certificate.status, CertificateStatus::Active);
        assert_ne!(certificate.id, done.certificate_id, "the claim is not the identity");
        assert_eq!(certificate.policies, ["practise-device"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_identity_on_the_device_is_real_x509_of_the_site_s_own_ca() {
    let practise = signed_in().await;
    let target = sound(&practise, Kind::Drive);
    carry_out(&practise, &target, &provision_of("SN-9000")).await.0.expect("provisioned");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let target = practise.open(&target).expect("still there");
    let identity = target.identity().await.expect("whole").expect("the device registered itself");
    let key = identity.private_key().expect("on a drive");
    x509::check_supported(&identity.certificate_pem).expect("AWS IoT would take it");
    assert_eq!(x509::key_matches(&identity.certificate_pem, key), Ok(true));
    assert_eq!(x509::chain(&identity.certificate_pem, practise.device_ca()), Ok(Chain::Signed));
    let preview = x509::preview(&identity.certificate_pem).expect("readable");
    assert_eq!(preview.certificate_id, identity.certificate_id);
    let registered = practise.certificates_of(&identity.thing_name).await.expect("an answer");
    assert!(registered.contains(&identity.certificate_id), "what is on the device is what is registered");
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_leaves_this_site_is_known_for_one_of_practice() {
    let practise = signed_in().await;
    let claim = practise.claim().await.expect("a claim");
    let bundle = ClaimBundle {
        certificate_pem: claim.certificate_pem,
        private_key_pem: claim.private_key_pem,
        ca_pem: practise.device_ca().into(),
        certificate_id: claim.certificate_id,
        expires: claim.expires,
        region: practise.site().region.clone(),
        endpoint: practise.endpoint().await.expect("an endpoint"),
        role_alias: None,
        template_name: practise.site().provisioning_template_name.clone(),
        thing_name: "Practise_SN-9000".into(),
        parameters: BTreeMap::new(),
    };
    let file = ClaimFile { site: practise.site().name.clone(), serial_number: "SN-9000".into(), bundle };
    assert!(file.is_practice(), "whoever opens it elsewhere is told: {:?}", file.bundle.endpoint);
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_of_no_use_after_five_minutes() {
    let practise = signed_in().await;
    let claim = practise.claim().await.expect("a claim");
    let endpoint = practise.endpoint().await.expect("an endpoint");
    let connect = || fieldkey_core::DeviceSide::with_claim(&practise, &claim, &endpoint, practise.device_ca());
    connect().await.expect("it lives");
    tokio::time::sleep(Duration::from_secs(301)).await;
    assert_eq!(connect().await.err().map(|failure| failure.code), Some(Code::ClaimExpired));
}

#[tokio::test(start_paused = true)]
async fn a_device_is_re_issued_and_its_old_certificate_switched_off() {
    let practise = signed_in().await;
    let attached = practise.plug(Kind::Drive, Some(Fault::HasIdentity)).expect("plugged");
    let serial = attached.serial_number.expect("it has one");
    let name = format!("Practise_{serial}");
    let old = thing(&practise, &name).await.certificates[0].id.clone();
    let told = Told::default();
    let request = Reissue { again: Again::Provision(provision_of(&serial)), compromised: false };
    let target: Box<dyn Target> = practise.open(&attached.target).expect("on the bench");
    let (site, ca_pem) = (practise.site(), practise.device_ca());
    let ports = told.ports(&practise);
    let done = reissue(&request, site, ca_pem, target.as_ref(), &practise, ports).await.expect("re-issued");
    assert_eq!(done.deactivated, std::slice::from_ref(&old));
    let status = |id: &str, thing: &Thing| thing.certificates.iter().find(|c| c.id == id).map(|c| c.status);
    let thing = thing(&practise, &name).await;
    assert_eq!(status(&old, &thing), Some(CertificateStatus::Inactive));
    assert_eq!(status(&done.certificate_id, &thing), Some(CertificateStatus::Active));
}
