use std::collections::BTreeSet;

use tokio::task::JoinSet;

use super::*;

const DEVICES: usize = 32;

#[tokio::test(start_paused = true)]
async fn thirty_two_devices_at_once_get_a_certificate_each_and_wait_where_aws_makes_them() {
    let practise = signed_in().await;
    let mut runs = JoinSet::new();
    for number in 0..DEVICES {
        let (practise, target) = (practise.clone(), sound(&practise, Kind::Drive));
        runs.spawn(async move {
            let serial = format!("BENCH-{number:02}");
            let (outcome, told) = carry_out(&practise, &target, &provision_of(&serial)).await;
            (outcome.expect("provisioned"), told.was_throttled())
        });
    }
    let (mut claims, mut identities, mut throttled) = (BTreeSet::new(), BTreeSet::new(), 0);
    while let Some(run) = runs.join_next().await {
        let (done, was_throttled) = run.expect("no panic");
        assert_eq!(done.registered, Some(true));
        claims.insert(done.certificate_id);
        identities.extend(practise.certificates_of(&done.thing_name).await.expect("an answer"));
        throttled += usize::from(was_throttled);
    }
    assert_eq!((claims.len(), identities.len()), (DEVICES, DEVICES), "no two share anything");
    assert_eq!(throttled, DEVICES - 10, "ten claims a second are AWS's quota");
}
