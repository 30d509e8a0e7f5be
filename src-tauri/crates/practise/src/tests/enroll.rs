use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::x509::KeyType;
use fieldkey_core::{Enroll, Enrolled, KeySource, Target, Verify, Via, enroll, verify};

use super::*;

fn request(via: Via, key: KeySource) -> Enroll {
    let parameters = BTreeMap::new();
    let (run, serial_number) = ("run".into(), "SN-9000".into());
    Enroll { run, serial_number, parameters, replace: false, via, key, key_type: Some(KeyType::P256) }
}

async fn enrolled(practise: &Practise, target: &str, request: &Enroll) -> Result<Enrolled, Failure> {
    let told = Told::default();
    let target: Box<dyn Target> = practise.open(target).expect("on the bench");
    let (site, ca_pem) = (practise.site(), practise.device_ca());
    enroll(request, site, ca_pem, target.as_ref(), practise, told.ports(practise)).await
}

#[tokio::test(start_paused = true)]
async fn each_way_to_an_identity_ends_with_an_active_certificate() {
    let ways = [
        (Via::Claim, KeySource::Host, Kind::Drive),
        (Via::Claim, KeySource::Aws, Kind::Drive),
        (Via::Claim, KeySource::Device, Kind::Serial),
        (Via::Request, KeySource::Host, Kind::Drive),
        (Via::Request, KeySource::Device, Kind::Serial),
    ];
    for (via, key, kind) in ways {
        let practise = signed_in().await;
        let target = sound(&practise, kind);
        let key_type = (key != KeySource::Aws).then_some(KeyType::P256);
        let request = Enroll { key_type, ..request(via, key) };
        let done = enrolled(&practise, &target, &request).await.expect("enrolled");
        let thing = thing(&practise, "Practise_SN-9000").await;
        let seen: Vec<_> = thing.certificates.iter().map(|c| (c.id.as_str(), c.status)).collect();
        assert_eq!(seen, [(done.certificate_id.as_str(), CertificateStatus::Active)], "{via:?} {key:?}");
        let again = enrolled(&practise, &target, &request).await.expect("proved");
        assert!(!again.issued, "a device that has its identity is proved, not enrolled anew");
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_back_leaves_no_certificate_behind() {
    let practise = signed_in().await;
    let target = faulty(&practise, Fault::BadCable);
    let asked = request(Via::Request, KeySource::Host);
    assert_eq!(failed(enrolled(&practise, &target, &asked).await, Step::Verify), Code::VerifyMismatch);
    assert_eq!(thing(&practise, "Practise_SN-9000").await.certificates, [], "it was taken back");
    enrolled(&practise, &target, &asked).await.expect("the second try succeeds");
}

#[tokio::test(start_paused = true)]
async fn every_check_of_an_identity_passes_until_it_is_switched_off() {
    let practise = signed_in().await;
    let target = sound(&practise, Kind::Drive);
    let done = enrolled(&practise, &target, &request(Via::Claim, KeySource::Host)).await.expect("enrolled");
    let device = practise.open(&target).expect("there");
    let identity = device.identity().await.expect("whole").expect("one");
    let request = Verify { run: "v".into(), mqtt: true, direct: true, bucket: Some("practise".into()) };
    let told = Told::default();
    let check = || verify(&request, practise.site(), device.as_ref(), &identity, &practise, told.ports(&practise));
    let verified = check().await.expect("all checks");
    assert!(verified.checks.iter().all(|check| check.failure.is_none()), "{:?}", verified.checks);
    assert_eq!(verified.checks.len(), 10);

    let off = practise.set_status(&done.thing_name, &done.certificate_id, CertificateStatus::Inactive).await;
    off.expect("switched off");
    assert_eq!(failed(check().await, Step::Connect), Code::IdentityRefused);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cut_off_anywhere_leaves_no_active_certificate_whose_key_nobody_has() {
    let practise = signed_in().await;
    let mut cut_off_on_the_device = 0;
    for tenths in 0..60 {
        let (target, serial_number) = (sound(&practise, Kind::Drive), format!("CUT-{tenths}"));
        let name = format!("Practise_{serial_number}");
        let request = Enroll { serial_number, ..request(Via::Request, KeySource::Host) };
        let run = enrolled(&practise, &target, &request);
        let is_cut_off = tokio::time::timeout(Duration::from_millis(tenths * 100), run).await.is_err();
        let held = practise.open(&target).expect("there").identity().await.expect("whole");
        let held = held.map(|identity| identity.certificate_id);
        let active = practise.certificates_of(&name).await.expect("an answer");
        assert!(active.iter().all(|id| Some(id) == held.as_ref()), "cut off after {tenths} tenths of a second");
        cut_off_on_the_device += usize::from(is_cut_off && held.is_some());
    }
    assert!(cut_off_on_the_device > 5, "runs were cut off after the write, too: {cut_off_on_the_device}");
}
