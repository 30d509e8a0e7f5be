use super::*;
use crate::fakes::{FakeCloud, FakeDeviceSide, FakeTarget, Seen};
use crate::ports::Entry;
use crate::site::tests::site;

fn request(via: Via) -> Enroll {
    Enroll {
        run: "r1".into(),
        serial_number: "SN-1".into(),
        parameters: BTreeMap::new(),
        replace: false,
        via,
        key: KeySource::Host,
        key_type: None,
    }
}

struct Bench {
    cloud: FakeCloud,
    target: FakeTarget,
    device_side: FakeDeviceSide,
    seen: Seen,
}

impl Bench {
    fn new(cloud: FakeCloud, device_side: FakeDeviceSide) -> Self {
        Self { cloud, target: FakeTarget::default(), device_side, seen: Seen::default() }
    }

    async fn enroll(&self, request: &Enroll) -> Result<Enrolled, Failure> {
        let ports = self.seen.ports(&self.cloud);
        enroll(request, &site(), "ca", &self.target, &self.device_side, ports).await
    }

    /// What happened to the target, without the certificate's ID.
    fn acts(&self) -> Vec<String> {
        self.target.acts().iter().filter_map(|act| act.split(' ').next().map(str::to_owned)).collect()
    }

    fn steps(&self) -> Vec<String> {
        self.seen.words().into_iter().filter_map(|word| word.strip_suffix(" done").map(str::to_owned)).collect()
    }
}

fn plain() -> Bench {
    Bench::new(FakeCloud::default(), FakeDeviceSide::default())
}

#[tokio::test]
async fn a_claim_s_way_writes_before_it_registers_and_proves_at_the_end() {
    let bench = plain();
    let enrolled = bench.enroll(&request(Via::Claim)).await.expect("enrolled");
    let steps = ["Target", "SignIn", "Key", "Credentials", "Claim", "Connect", "Certificate"];
    let steps = [&steps[..], &["Write", "Verify", "Register", "Prove", "Release"]].concat();
    assert_eq!(bench.steps(), steps, "whatever cuts it off, no active certificate is without its key");
    assert_eq!(
        bench.device_side.calls(),
        [
            "with-claim c1a1",
            "certificate csr",
            "register-thing fieldkey SN-1",
            "connect Fleet_Index_SN-1",
            "publish dt/Fleet_Index_SN-1/fieldkey",
        ]
    );
    assert!(enrolled.issued);
    assert_eq!(bench.acts(), ["commit", "settle"]);
}

#[tokio::test]
async fn keys_from_aws_are_asked_for_without_a_csr() {
    let bench = plain();
    let request = Enroll { key: KeySource::Aws, ..request(Via::Claim) };
    bench.enroll(&request).await.expect("enrolled");
    assert!(bench.device_side.calls().contains(&"certificate keys".to_owned()));
    assert!(!bench.steps().contains(&"Key".to_owned()), "nothing is made here");
}

#[tokio::test]
async fn a_hook_that_says_no_leaves_nothing_on_the_device() {
    let device_side = FakeDeviceSide::default().refusing("register-thing", &[Code::RegistrationRefused]);
    let bench = Bench::new(FakeCloud::default(), device_side);
    let failure = bench.enroll(&request(Via::Claim)).await.expect_err("refused");
    assert_eq!((failure.code, failure.step), (Code::RegistrationRefused, Some(Step::Register)));
    assert_eq!(bench.acts(), ["commit", "withdraw"], "its certificate stays PENDING_ACTIVATION and goes by itself");
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_proof() {
    let device_side = FakeDeviceSide::default().refusing("register-thing", &[Code::Offline]);
    let bench = Bench::new(FakeCloud::default(), device_side);
    bench.enroll(&request(Via::Claim)).await.expect("AWS had heard it");
    assert_eq!(bench.acts(), ["commit", "settle"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_without_proof_keeps_the_key_and_says_so() {
    let refused = [Code::IdentityRefused; 5];
    let device_side = FakeDeviceSide::default().refusing("register-thing", &[Code::Offline]);
    let bench = Bench::new(FakeCloud::default(), device_side.refusing("connect", &refused));
    let failure = bench.enroll(&request(Via::Claim)).await.expect_err("nobody knows");
    assert_eq!((failure.code, failure.step), (Code::Offline, Some(Step::Register)));
    assert!(failure.reason.contains("run it once more"), "{}", failure.reason);
    assert_eq!(bench.acts(), ["commit"], "its key may be an active certificate's");
}

#[tokio::test(start_paused = true)]
async fn a_new_certificate_may_take_a_moment_to_be_known() {
    let device_side = FakeDeviceSide::default().refusing("connect", &[Code::IdentityRefused; 3]);
    let bench = Bench::new(FakeCloud::default(), device_side);
    bench.enroll(&request(Via::Claim)).await.expect("the fourth try");
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_ran_out_is_fetched_anew_before_the_registration() {
    let cloud = FakeCloud { lifetime: Some(std::time::Duration::from_secs(5)), ..FakeCloud::default() };
    let bench = Bench::new(cloud, FakeDeviceSide::default());
    bench.enroll(&request(Via::Claim)).await.expect("enrolled");
    let claims = bench.cloud.calls().iter().filter(|call| *call == "claim").count();
    assert_eq!(claims, 2, "five seconds are too few to begin a registration with");
}

#[tokio::test]
async fn the_template_s_name_for_the_thing_is_what_the_identity_says() {
    let bench = Bench::new(FakeCloud::default(), FakeDeviceSide::default().naming("Other_SN-1"));
    let enrolled = bench.enroll(&request(Via::Claim)).await.expect("enrolled");
    assert_eq!(enrolled.thing_name, "Other_SN-1");
    assert!(bench.device_side.calls().contains(&"connect Other_SN-1".to_owned()));
    let acts = ["commit", "settle", "commit", "settle"];
    assert_eq!(bench.acts(), acts, "what the first write replaced does not wait for the second");
}

#[tokio::test]
async fn a_request_s_way_issues_writes_and_proves() {
    let bench = plain();
    let enrolled = bench.enroll(&request(Via::Request)).await.expect("enrolled");
    let steps = ["Target", "SignIn", "Key", "Credentials", "Certificate", "Write", "Verify", "Prove", "Release"];
    assert_eq!(bench.steps(), steps);
    assert_eq!(bench.cloud.calls(), ["sign-in", "issue Fleet_Index_SN-1"]);
    assert_eq!(enrolled.certificate_id.len(), 64);
    match bench.seen.entries().last() {
        Some(Entry::Ended(end)) => assert_eq!(end.certificate_id, Some(enrolled.certificate_id)),
        other => panic!("the journal has its end: {other:?}"),
    }
}

#[tokio::test]
async fn a_failed_write_takes_the_certificate_back() {
    for step in [Step::Write, Step::Verify] {
        let mut bench = plain();
        bench.target = FakeTarget { refuse: Some((step, Code::TargetGone)), ..FakeTarget::default() };
        let failure = bench.enroll(&request(Via::Request)).await.expect_err("gone");
        assert_eq!((failure.code, failure.step), (Code::TargetGone, Some(step)), "what stopped it is what is said");
        assert_eq!(bench.cloud.calls().last().map(String::as_str), Some("take-back"), "{step:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_taken_back_is_named() {
    let mut bench = plain();
    bench.cloud = FakeCloud::default().refusing("take-back", &[Code::Offline]);
    bench.target = FakeTarget { refuse: Some((Step::Write, Code::TargetGone)), ..FakeTarget::default() };
    let failure = bench.enroll(&request(Via::Request)).await.expect_err("gone");
    assert_eq!(failure.code, Code::TargetGone);
    assert!(failure.reason.contains("is still active"), "{}", failure.reason);
    assert!(failure.reason_ja.is_some_and(|reason| reason.contains("有効なまま")));
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_aws_refuses_is_withdrawn_and_taken_back() {
    let device_side = FakeDeviceSide::default().refusing("connect", &[Code::IdentityRefused; 5]);
    let bench = Bench::new(FakeCloud::default(), device_side);
    let failure = bench.enroll(&request(Via::Request)).await.expect_err("refused");
    assert_eq!((failure.code, failure.step), (Code::IdentityRefused, Some(Step::Prove)));
    assert_eq!(bench.acts(), ["commit", "withdraw"]);
    assert_eq!(bench.cloud.calls().last().map(String::as_str), Some("take-back"));
}

#[tokio::test(start_paused = true)]
async fn a_key_stays_on_the_device_while_its_certificate_may_be_active() {
    let device_side = FakeDeviceSide::default().refusing("connect", &[Code::IdentityRefused; 5]);
    let bench = Bench::new(FakeCloud::default().refusing("take-back", &[Code::Offline]), device_side);
    let failure = bench.enroll(&request(Via::Request)).await.expect_err("refused");
    assert!(failure.reason.contains("is still active"), "{}", failure.reason);
    assert_eq!(bench.acts(), ["commit"], "it was not withdrawn");
}

#[tokio::test]
async fn an_identity_that_this_network_cannot_try_stays() {
    let bench = Bench::new(FakeCloud::default(), FakeDeviceSide::default().refusing("connect", &[Code::Offline]));
    let failure = bench.enroll(&request(Via::Request)).await.expect_err("no MQTT here");
    assert_eq!((failure.code, failure.step), (Code::Offline, Some(Step::Prove)));
    assert_eq!(bench.acts(), ["commit"], "it is whole and active");
    assert!(!bench.cloud.calls().iter().any(|call| call.starts_with("take-back")));
}

#[tokio::test(start_paused = true)]
async fn a_run_interrupted_before_the_device_holds_the_key_takes_the_certificate_back() {
    let mut bench = plain();
    bench.target = FakeTarget { slow: Some(std::time::Duration::from_secs(60)), ..FakeTarget::default() };
    let request = request(Via::Request);
    let interrupted = tokio::time::timeout(std::time::Duration::from_secs(5), bench.enroll(&request)).await;
    assert!(interrupted.is_err(), "it is writing");
    assert_eq!(bench.cloud.calls().last().map(String::as_str), Some("take-back dropped"));
}

/// A target that holds an identity of this thing.
pub(crate) fn holding(thing_name: &str) -> FakeTarget {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec![]).expect("no names");
    let certificate_pem = params.self_signed(&key).expect("signed").pem();
    let identity = Identity {
        certificate_id: crate::fakes::certificate_id(&certificate_pem),
        certificate_pem,
        private_key_pem: Some(key.serialize_pem().into()),
        ca_pem: "ca".into(),
        thing_name: thing_name.into(),
        serial_number: "SN-1".into(),
        region: "ap-northeast-1".into(),
        endpoint: Endpoint { host: "a1b2-ats.iot.ap-northeast-1.amazonaws.com".into(), port: 8883 },
        role_alias: None,
    };
    FakeTarget { identity: Some(identity), ..FakeTarget::default() }
}

#[tokio::test]
async fn a_target_with_a_valid_identity_is_proved_instead() {
    let mut bench = plain();
    bench.target = holding("Fleet_Index_SN-1");
    let enrolled = bench.enroll(&request(Via::Request)).await.expect("proved");
    assert!(!enrolled.issued && enrolled.files.is_empty());
    assert!(bench.cloud.calls().is_empty(), "nobody had to sign in");
    assert_eq!(bench.device_side.calls()[0], "connect Fleet_Index_SN-1");
}

#[tokio::test]
async fn an_identity_of_another_thing_or_a_dead_one_goes_only_if_told_to() {
    let refused = FakeDeviceSide::default().refusing("connect", &[Code::IdentityRefused]);
    for (target, device_side) in
        [(holding("Fleet_Index_SN-2"), FakeDeviceSide::default()), (holding("Fleet_Index_SN-1"), refused)]
    {
        let mut bench = Bench::new(FakeCloud::default(), device_side);
        bench.target = target;
        let failure = bench.enroll(&request(Via::Request)).await.expect_err("present");
        assert_eq!(failure.code, Code::IdentityPresent);
        let replacing = Enroll { replace: true, ..request(Via::Request) };
        assert!(bench.enroll(&replacing).await.expect("replaced").issued);
    }
}

#[tokio::test]
async fn somebody_in_no_group_may_enroll_by_claim_only() {
    let nobody = || FakeCloud { groups: Some(vec![]), ..FakeCloud::default() };
    let bench = Bench::new(nobody(), FakeDeviceSide::default());
    let failure = bench.enroll(&request(Via::Request)).await.expect_err("not allowed");
    assert_eq!((failure.code, failure.step), (Code::NotAllowed, Some(Step::SignIn)));
    assert_eq!(bench.cloud.calls(), ["sign-in"], "AWS did not have to refuse");
    assert!(Bench::new(nobody(), FakeDeviceSide::default()).enroll(&request(Via::Claim)).await.is_ok());
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused_before_anything() {
    for (key, via) in [(KeySource::Device, Via::Claim), (KeySource::Aws, Via::Request)] {
        let bench = plain();
        let failure = bench.enroll(&Enroll { key, ..request(via) }).await.expect_err("refused");
        assert_eq!(failure.code, Code::Usage);
        assert!(bench.cloud.calls().is_empty() && bench.steps().is_empty());
    }
}

/// A device that makes its own keys, and a registry that knows what it holds.
fn with_own_key() -> Bench {
    let csr_pem = x509::key_and_csr(KeyType::P256, "SN-1", &x509::Subject::default()).expect("made").csr_pem;
    let mut bench = plain();
    bench.target.csr_pem = Some(csr_pem);
    bench.cloud.committed = Some(std::sync::Arc::clone(&bench.target.acts));
    bench
}

#[tokio::test]
async fn a_key_made_on_the_device_stays_there_and_the_registry_is_the_proof() {
    for via in [Via::Claim, Via::Request] {
        let bench = with_own_key();
        let enrolled = bench.enroll(&Enroll { key: KeySource::Device, ..request(via) }).await.expect("enrolled");
        assert_eq!(bench.acts(), ["request", "commit", "settle"], "{via:?}");
        assert_eq!(enrolled.key, Some(KeySource::Device));
        let connected = bench.device_side.calls().iter().any(|call| call.starts_with("connect"));
        assert!(!connected, "{via:?}: nobody but the device can connect");
        assert!(bench.steps().contains(&"Prove".to_owned()));
    }
}

#[tokio::test]
async fn a_device_that_keeps_its_key_and_holds_an_identity_is_proved_by_the_registry() {
    for known in [true, false] {
        let mut bench = plain();
        bench.target = holding("Fleet_Index_SN-1");
        bench.target.identity = bench.target.identity.map(|identity| Identity { private_key_pem: None, ..identity });
        let id = bench.target.identity.as_ref().expect("one").certificate_id.clone();
        let acts = if known { vec![format!("commit {id}")] } else { vec![] };
        bench.cloud.committed = Some(std::sync::Arc::new(std::sync::Mutex::new(acts)));
        let outcome = bench.enroll(&request(Via::Request)).await;
        assert_eq!(outcome.as_ref().map(|enrolled| enrolled.issued).ok(), known.then_some(false), "{outcome:?}");
        assert_eq!(outcome.err().map(|failure| failure.code), (!known).then_some(Code::IdentityPresent));
    }
}

#[tokio::test]
async fn an_identity_that_the_registry_does_not_know_is_not_proved() {
    let mut bench = with_own_key();
    bench.cloud.committed = None;
    let enroll = Enroll { key: KeySource::Device, ..request(Via::Request) };
    let failure = bench.enroll(&enroll).await.expect_err("not registered");
    assert_eq!((failure.code, failure.step), (Code::NotRegistered, Some(Step::Prove)));
}

#[tokio::test]
async fn a_request_that_came_over_the_line_damaged_costs_no_certificate() {
    let mut bench = with_own_key();
    bench.target.csr_pem = bench.target.csr_pem.map(|csr| csr.replacen("MI", "MJ", 1));
    let enroll = Enroll { key: KeySource::Device, ..request(Via::Request) };
    let failure = bench.enroll(&enroll).await.expect_err("damaged");
    assert_eq!((failure.code, failure.step), (Code::DeviceRejected, Some(Step::Key)));
    assert!(!bench.cloud.calls().iter().any(|call| call.starts_with("issue")), "{:?}", bench.cloud.calls());
}

#[tokio::test(start_paused = true)]
async fn throttling_is_ridden_out_and_said() {
    let cloud = FakeCloud::default().refusing("issue", &[Code::Throttled, Code::Throttled]);
    let bench = Bench::new(cloud, FakeDeviceSide::default());
    bench.enroll(&request(Via::Request)).await.expect("enrolled");
    let certificate = bench.seen.words().iter().filter(|word| *word == "Certificate").count();
    assert_eq!(certificate, 3, "running, and each wait");
}

#[tokio::test]
async fn a_drive_that_leads_elsewhere_is_not_followed() {
    let mut bench = plain();
    bench.target = holding("Fleet_Index_SN-1");
    let elsewhere = Endpoint { host: "evil.example".into(), port: 8883 };
    bench.target.identity = bench.target.identity.map(|identity| Identity { endpoint: elsewhere, ..identity });
    let failure = bench.enroll(&request(Via::Request)).await.expect_err("not AWS");
    assert_eq!((failure.code, failure.step), (Code::IdentityPresent, Some(Step::Target)));
    assert!(failure.reason.contains("evil.example"), "{}", failure.reason);
    assert!(bench.device_side.calls().is_empty(), "a forged proof is none");
}
