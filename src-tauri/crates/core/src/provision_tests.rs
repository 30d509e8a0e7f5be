use super::*;
use crate::fakes::{FakeCloud, FakeTarget, Seen};
use crate::ports::Entry;
use crate::site::tests::site;
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn request(wait: Option<u64>) -> Provision {
    Provision {
        run: "r1".into(),
        serial_number: "SN-1".into(),
        parameters: BTreeMap::new(),
        replace: false,
        wait: wait.map(Duration::from_secs),
    }
}

async fn run(request: &Provision, cloud: &FakeCloud, target: &FakeTarget) -> (Result<Provisioned, Failure>, Seen) {
    let seen = Seen::default();
    let result = provision(request, &site(), "ca", target, seen.ports(cloud)).await;
    (result, seen)
}

#[tokio::test]
async fn events_come_in_the_promised_order() {
    let (result, seen) = run(&request(None), &FakeCloud::default(), &FakeTarget::default()).await;
    assert_eq!(result.expect("provisioned").registered, None, "nobody waited");
    let steps = ["Target", "SignIn", "Credentials", "Claim", "Write", "Verify", "Release"];
    let mut expected = vec!["started".to_owned()];
    for step in steps {
        expected.extend([step.to_owned(), format!("{step} done")]);
    }
    expected.push("finished".into());
    assert_eq!(seen.words(), expected);
}

#[tokio::test]
async fn a_target_that_cannot_take_it_costs_no_claim() {
    let cloud = FakeCloud::default();
    let target = FakeTarget { refuse: Some((Step::Target, Code::TargetFull)), ..FakeTarget::default() };
    let (result, seen) = run(&request(None), &cloud, &target).await;
    assert_eq!(result.expect_err("full").code, Code::TargetFull);
    assert!(cloud.calls().is_empty(), "AWS must not have been asked");
    assert_eq!(seen.words().last().map(String::as_str), Some("failed target-full at Some(Target)"));
}

#[tokio::test]
async fn what_fails_before_the_step_sign_in_is_recorded_as_whose_it_is() {
    for (standing, operator) in [(Some("mori@example.com"), "mori@example.com"), (None, "")] {
        let cloud = FakeCloud { standing, ..FakeCloud::default() };
        let target = FakeTarget { refuse: Some((Step::Target, Code::TargetFull)), ..FakeTarget::default() };
        let (_, seen) = run(&request(None), &cloud, &target).await;
        let Some(Entry::Ended(end)) = seen.entries().pop() else { panic!("a failed run has an end") };
        assert_eq!(end.operator, operator, "somebody who is signed in is named, and nobody who is not");
        assert!(cloud.calls().is_empty(), "nobody is asked for it");
    }
}

#[tokio::test]
async fn success_is_never_said_after_a_failed_read_back() {
    let target = FakeTarget { refuse: Some((Step::Verify, Code::VerifyMismatch)), ..FakeTarget::default() };
    let (result, seen) = run(&request(Some(60)), &FakeCloud::default(), &target).await;
    assert_eq!(result.expect_err("mismatch").step, Some(Step::Verify));
    let words = seen.words();
    assert!(!words.iter().any(|w| w == "finished"), "{words:?}");
    assert_eq!(words.iter().filter(|w| w.starts_with("failed")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn registered_means_a_certificate_that_was_not_there_before() {
    let cloud = FakeCloud { certificates: vec![Ok("old"), Ok("old"), Ok("old new")], ..FakeCloud::default() };
    let (result, seen) = run(&request(Some(60)), &cloud, &FakeTarget::default()).await;
    assert_eq!(result.expect("registered").registered, Some(true));
    assert_eq!(cloud.looks.load(Ordering::SeqCst), 3, "one look before the write and two after");
    assert!(seen.words().contains(&"Register done".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_old_certificate_is_not_a_registration() {
    let cloud = FakeCloud { certificates: vec![Ok("old")], ..FakeCloud::default() };
    let (result, _) = run(&request(Some(5)), &cloud, &FakeTarget::default()).await;
    let failure = result.expect_err("nothing new");
    assert_eq!((failure.code, failure.step), (Code::NotRegistered, Some(Step::Register)));
    assert_eq!(failure.about, "Fleet_Index_SN-1");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_claim_lives() {
    let cloud = FakeCloud { lifetime: Some(Duration::from_secs(300)), ..FakeCloud::default() };
    let begun = Instant::now();
    let (result, _) = run(&request(Some(u64::MAX)), &cloud, &FakeTarget::default()).await;
    assert_eq!(result.expect_err("no device").code, Code::NotRegistered);
    assert!(begun.elapsed() <= Duration::from_secs(300), "after that the claim registers nothing");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_blinks_does_not_end_the_wait() {
    let cloud = FakeCloud { certificates: vec![Ok(""), Err(Code::Offline), Ok("new")], ..FakeCloud::default() };
    let (result, _) = run(&request(Some(60)), &cloud, &FakeTarget::default()).await;
    assert_eq!(result.expect("registered").registered, Some(true));
}

#[tokio::test]
async fn a_claim_that_ran_out_is_not_brought_into_force() {
    let cloud = FakeCloud { lifetime: Some(Duration::ZERO), ..FakeCloud::default() };
    let (result, _) = run(&request(None), &cloud, &FakeTarget::default()).await;
    assert_eq!(result.expect_err("too late").code, Code::ClaimExpired);
}

#[tokio::test]
async fn a_refused_claim_writes_nothing() {
    let cloud = FakeCloud { refuse_claim: Some(Code::NotAllowed), ..FakeCloud::default() };
    let target = FakeTarget::default();
    let (result, _) = run(&request(None), &cloud, &target).await;
    assert_eq!(result.expect_err("refused").step, Some(Step::Claim));
    assert_eq!(target.committed.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_ends_as_interrupted() {
    let seen = Seen::default();
    {
        let (cloud, target) = (FakeCloud::default(), FakeTarget::default());
        let (request, site) = (request(Some(60)), site());
        let job = provision(&request, &site, "ca", &target, seen.ports(&cloud));
        assert!(tokio::time::timeout(Duration::from_secs(2), job).await.is_err(), "still waiting");
    }
    assert_eq!(seen.words().last().map(String::as_str), Some("failed interrupted at Some(Register)"));
    assert_eq!(seen.entries().len(), 2, "the journal has its start and its end");
}

#[tokio::test]
async fn a_run_that_panics_is_not_said_to_have_been_stopped_by_anybody() {
    let seen = Arc::new(Seen::default());
    let told = Arc::clone(&seen);
    let run = tokio::spawn(async move {
        let (cloud, target) = (FakeCloud::default(), FakeTarget { panics: true, ..FakeTarget::default() });
        provision(&request(None), &site(), "ca", &target, told.ports(&cloud)).await.map(drop)
    });
    assert!(run.await.expect_err("the driver has a bug").is_panic());
    assert_eq!(seen.words().last().map(String::as_str), Some("failed internal-error at Some(Write)"));
    assert_eq!(seen.entries().len(), 2, "the journal has its end, too");
}

#[tokio::test]
async fn a_second_serial_number_among_the_parameters_is_refused() {
    let mut request = request(None);
    request.parameters.insert("SerialNumber".into(), "SN-2".into());
    let (result, _) = run(&request, &FakeCloud::default(), &FakeTarget::default()).await;
    assert_eq!(result.expect_err("which one?").code, Code::Usage);
}

#[tokio::test(start_paused = true)]
async fn a_drive_that_goes_after_the_read_back_is_no_failure() {
    let cloud = FakeCloud { certificates: vec![Ok(""), Ok("new")], ..FakeCloud::default() };
    let target = FakeTarget { refuse: Some((Step::Release, Code::TargetGone)), ..FakeTarget::default() };
    let (result, _) = run(&request(Some(60)), &cloud, &target).await;
    assert_eq!(result.expect("what was compared is on the device").registered, Some(true));
}

#[tokio::test]
async fn parameters_that_aws_sets_itself_are_refused() {
    let mut request = request(None);
    request.parameters.insert("AWS::IoT::Certificate::Id".into(), "x".into());
    let (result, _) = run(&request, &FakeCloud::default(), &FakeTarget::default()).await;
    assert_eq!(result.expect_err("reserved").code, Code::Usage);
}

#[tokio::test]
async fn a_target_that_writes_down_the_role_alias_gets_it_and_its_endpoint() {
    for (wants, expected) in [(true, vec!["role alias fieldkey credentials.localhost ap-northeast-1"]), (false, vec![])]
    {
        let target = FakeTarget { wants_credentials_endpoint: wants, ..FakeTarget::default() };
        let site = Site { role_alias: Some("fieldkey".into()), ..site() };
        let (seen, cloud) = (Seen::default(), FakeCloud::default());
        provision(&request(None), &site, "ca", &target, seen.ports(&cloud)).await.expect("provisioned");
        let mut acts = target.acts();
        acts.retain(|act| act.starts_with("role alias"));
        assert_eq!(acts, expected, "others are not told, and AWS is not asked for them");
    }
}

#[tokio::test]
async fn a_role_alias_that_the_site_lacks_is_missed_before_a_claim_is_spent() {
    let cloud = FakeCloud::default();
    let target = FakeTarget { wants_credentials_endpoint: true, ..FakeTarget::default() };
    let failure = run(&request(None), &cloud, &target).await.0.expect_err("nothing could be written down");
    assert_eq!((failure.code, failure.about.as_str()), (Code::SiteInvalid, "roleAlias"));
    assert!(failure.reason_ja.is_some_and(|why| !why.is_ascii()));
    assert!(cloud.calls().is_empty(), "AWS must not have been asked");
}
