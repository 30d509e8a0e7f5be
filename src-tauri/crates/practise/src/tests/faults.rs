use sha2::{Digest, Sha256};

use super::*;

async fn provisioned(practise: &Practise, target: &str) -> Result<Provisioned, Failure> {
    carry_out(practise, target, &provision_of("SN-9000")).await.0
}

#[tokio::test(start_paused = true)]
async fn what_can_be_known_beforehand_is_refused_before_a_claim_is_spent() {
    let practise = signed_in().await;
    let cases = [
        (Fault::ReadOnly, Code::TargetReadOnly),
        (Fault::Full, Code::TargetFull),
        (Fault::HasIdentity, Code::IdentityPresent),
    ];
    for (fault, code) in cases {
        let target = faulty(&practise, fault);
        let (outcome, told) = carry_out(&practise, &target, &provision_of("SN-9000")).await;
        assert_eq!(failed(outcome, Step::Target), code, "{fault:?}");
        assert_eq!(told.done(), [], "nothing was done for {fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_with_an_identity_takes_another_when_it_is_told_to() {
    let practise = signed_in().await;
    let target = faulty(&practise, Fault::HasIdentity);
    let request = Provision { replace: true, ..provision_of("SN-9000") };
    let (outcome, _) = carry_out(&practise, &target, &request).await;
    assert_eq!(outcome.expect("replaced").registered, Some(true));
}

#[tokio::test(start_paused = true)]
async fn behind_a_bad_cable_the_second_try_succeeds() {
    let practise = signed_in().await;
    let target = faulty(&practise, Fault::BadCable);
    assert_eq!(failed(provisioned(&practise, &target).await, Step::Verify), Code::VerifyMismatch);
    assert!(!practise.things().contains(&"Practise_SN-9000".into()), "a device that was not let go does not start");
    provisioned(&practise, &target).await.expect("the spoilt claim stands in nobody's way");
}

#[tokio::test(start_paused = true)]
async fn a_loose_plug_comes_out_once_and_the_list_shows_it() {
    let practise = signed_in().await;
    let target = faulty(&practise, Fault::LoosePlug);
    let is_attached = || practise.attached().iter().any(|attached| attached.target == target);
    assert!(is_attached());
    assert_eq!(failed(provisioned(&practise, &target).await, Step::Write), Code::TargetGone);
    assert!(!is_attached(), "it lies beside the computer");
    assert_eq!(failed(provisioned(&practise, &target).await, Step::Target), Code::TargetGone);
    assert!(practise.plug_back(&target) && is_attached());
    provisioned(&practise, &target).await.expect("it sits firmly now");
}

#[tokio::test(start_paused = true)]
async fn a_silent_device_is_waited_for_until_the_claim_is_over() {
    let practise = signed_in().await;
    let target = faulty(&practise, Fault::NeverRegisters);
    let begun = tokio::time::Instant::now();
    assert_eq!(failed(provisioned(&practise, &target).await, Step::Register), Code::NotRegistered);
    let waited = begun.elapsed().as_secs();
    assert!((290..=301).contains(&waited), "the claim's five minutes, not the ten that were asked for: {waited}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let again = provisioned(&practise, &target).await;
    assert_eq!(failed(again, Step::Register), Code::NotRegistered, "what is over stands in nobody's way");
}

#[tokio::test(start_paused = true)]
async fn a_live_claim_is_not_overwritten_unasked() {
    let practise = signed_in().await;
    let target = faulty(&practise, Fault::NeverRegisters);
    let request = Provision { wait: None, ..provision_of("SN-9000") };
    let done = carry_out(&practise, &target, &request).await.0.expect("written");
    let stored = practise.open(&target).expect("there").holds().await.expect("an answer").stored;
    let there = stored.iter().map(|file| (file.name.clone(), file.bytes, file.digest.clone()));
    let told =
        done.files.into_iter().map(|file| (file.name, Some(file.bytes), Some(format!("sha256:{}", file.sha256))));
    assert!(there.eq(told), "what was said to be written is what lies there: {stored:?}");
    let ca = hex::encode(Sha256::digest(practise.device_ca()));
    assert!(stored[2].digest.as_ref().is_some_and(|digest| digest.ends_with(&ca)), "digests are true ones");
    let (again, _) = carry_out(&practise, &target, &request).await;
    assert_eq!(failed(again, Step::Target), Code::IdentityPresent);
}
