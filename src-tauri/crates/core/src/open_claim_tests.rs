use super::*;
use crate::Policy;
use crate::claim_file::tests::{claim_file, in_minutes, practice};
use crate::fakes::{FakeTarget, Seen};
use crate::ports::Entry;

fn request(minutes: i64) -> OpenClaim {
    OpenClaim { run: "r1".into(), name: "claim.age".into(), file: claim_file(in_minutes(minutes)), replace: false }
}

async fn opened(request: OpenClaim, target: &FakeTarget) -> (Result<Provisioned, Failure>, Seen) {
    let seen = Seen::default();
    let outcome = open_claim(request, target, &Rules::None, &seen, &seen).await;
    (outcome, seen)
}

#[tokio::test]
async fn a_claim_in_time_goes_onto_the_device_and_nobody_signs_in() {
    let target = FakeTarget::default();
    let (outcome, seen) = opened(request(5), &target).await;
    let done = outcome.expect("written");
    assert_eq!((done.thing_name.as_str(), done.registered), ("Fleet_Index_SN-1", None));
    let words = [
        "started",
        "Read",
        "Read done",
        "Target",
        "Target done",
        "Write",
        "Write done",
        "Verify",
        "Verify done",
        "Release",
        "Release done",
        "finished",
    ];
    assert_eq!(seen.words(), words);
    let [Entry::Started(start), Entry::Ended(end)] = &seen.entries()[..] else { panic!("two lines") };
    assert_eq!((start.job, end.certificate_id.as_deref()), (Job::OpenClaim, Some("c1a1")));
}

#[tokio::test]
async fn a_claim_for_practice_is_told_from_a_real_one_before_the_write_and_after() {
    for (file, practice) in [(practice(in_minutes(5)), Some(true)), (claim_file(in_minutes(5)), None)] {
        let target = FakeTarget::default();
        let (outcome, seen) = opened(OpenClaim { file, ..request(5) }, &target).await;
        assert_eq!(outcome.expect("written").practice, practice.is_some());
        let told = seen.details(Step::Read).iter().any(|detail| detail.contains_key("practice"));
        assert_eq!(told, practice.is_some(), "scripts see it, too");
    }
}

#[tokio::test]
async fn an_expired_claim_touches_no_device() {
    let target = FakeTarget::default();
    let (outcome, seen) = opened(request(-1), &target).await;
    let failure = outcome.expect_err("expired");
    assert_eq!((failure.code, failure.step), (Code::ClaimFileExpired, Some(Step::Read)));
    assert!(target.acts().is_empty());
    assert_eq!(seen.words().last().map(String::as_str), Some("failed claim-file-expired at Some(Read)"));
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_ends_during_the_write_does_not_come_into_force() {
    let target = FakeTarget { slow: Some(Duration::from_secs(120)), ..FakeTarget::default() };
    let (outcome, _) = opened(request(1), &target).await;
    let failure = outcome.expect_err("too slow");
    assert_eq!((failure.code, failure.about.as_str()), (Code::ClaimFileExpired, "claim.age"));
    assert!(target.acts().iter().all(|act| !act.starts_with("commit")), "{:?}", target.acts());
}

#[tokio::test]
async fn the_role_alias_goes_only_where_it_is_written_down() {
    let plain = FakeTarget::default();
    opened(request(5), &plain).await.0.expect("written");
    assert_eq!(plain.acts(), ["commit Fleet_Index_SN-1"]);
    let wants = || FakeTarget { wants_credentials_endpoint: true, ..FakeTarget::default() };
    let target = wants();
    opened(request(5), &target).await.0.expect("written");
    assert_eq!(target.acts()[0], "role alias alias credentials.localhost ap-northeast-1");
    let without = OpenClaim {
        file: ClaimFile {
            bundle: ClaimBundle { role_alias: None, ..claim_file(in_minutes(5)).bundle },
            ..claim_file(in_minutes(5))
        },
        ..request(5)
    };
    let failure = opened(without, &wants()).await.0.expect_err("nothing to write down");
    assert_eq!((failure.code, failure.step), (Code::ClaimFileInvalid, Some(Step::Target)));
}

#[tokio::test]
async fn what_the_policy_forbids_reaches_no_device_and_is_on_record() {
    let (target, seen) = (FakeTarget::default(), Seen::default());
    let rules = Rules::Of {
        policy: Policy { claim_open: false, ..Policy::default() },
        file: "/etc/fieldkey/policy.json".into(),
    };
    let failure = open_claim(request(5), &target, &rules, &seen, &seen).await.expect_err("forbidden");
    assert_eq!((failure.code, failure.about.as_str()), (Code::NotAllowedByPolicy, "/etc/fieldkey/policy.json"));
    assert_eq!(target.acts(), Vec::<String>::new());
    assert_eq!(seen.words(), ["started", "failed not-allowed-by-policy at Some(Site)"]);
    let [Entry::Started(_), Entry::Ended(end)] = &seen.entries()[..] else { panic!("two lines") };
    assert_eq!(end.failed, Some((Code::NotAllowedByPolicy, Some(Step::Site))));
}
