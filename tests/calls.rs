//! How often AWS is asked, counted at a proxy: a warm click is one round trip.

use std::collections::BTreeMap;
use std::time::Duration;

use fieldkey_cloud::{Aws, Reply};
use fieldkey_core::{Event, Ports, Progress, Provision, site};
use fieldkey_device::Means;

use crate::support::cloud::{Operator, cloud};
use crate::support::command::Desk;
use crate::support::proxy::{Call, Proxy, Spoil};

struct Nobody;

impl Progress for Nobody {
    fn event(&self, _: &Event) {}
}

/// The deployed site, reached through a proxy, with or without its data endpoint.
fn through(proxy: &Proxy, endpoint_known: bool) -> site::Site {
    let mut site = cloud().site_at(&proxy.url);
    if !endpoint_known {
        site.as_object_mut().expect("object").remove("dataEndpoint");
    }
    site::parse(&site.to_string()).expect("a valid site")
}

async fn provision(aws: &Aws, site: &site::Site, desk: &Desk, serial_number: &str, replace: bool) {
    let target = fieldkey_device::open(&desk.target(), None, &Means::default()).expect("a folder");
    let request = Provision {
        run: serial_number.into(),
        serial_number: serial_number.into(),
        parameters: BTreeMap::new(),
        replace,
        wait: None,
    };
    let journal: Option<fieldkey_journal::SqliteJournal> = None;
    let ports = Ports { operator: aws, cloud: aws, journal: &journal, progress: &Nobody };
    let provisioned = fieldkey_core::provision(&request, site, &cloud().ca(), target.as_ref(), ports).await;
    provisioned.expect("provisioned");
}

async fn signed_in(site: &site::Site, operator: &Operator) -> Aws {
    let aws = Aws::new(site, Some(&cloud().ca()), None, None).expect("a valid site");
    let reply = aws.sign_in(&operator.email, operator.password.clone().into(), false).await.expect("signed in");
    assert!(matches!(reply, Reply::SignedIn));
    aws
}

fn names(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.name.split('/').next_back().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_provision_asks_aws_once_and_a_cold_one_six_times() {
    let (proxy, operator, desk) = (Proxy::before(cloud().port()), cloud().operator(), Desk::new());
    let site = through(&proxy, false);
    let aws = signed_in(&site, &operator).await;
    provision(&aws, &site, &desk, "CALLS-1", false).await;
    let cold = proxy.take();
    assert_eq!(cold.len(), 6, "{:?}", names(&cold));

    provision(&aws, &site, &desk, "CALLS-2", true).await;
    let warm = proxy.take();
    assert_eq!(names(&warm), ["provisioning-claim"], "tokens, credentials and endpoint are at hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_provision_asks_five_times_when_the_site_names_the_endpoint() {
    let (proxy, operator, desk) = (Proxy::before(cloud().port()), cloud().operator(), Desk::new());
    let site = through(&proxy, true);
    let aws = signed_in(&site, &operator).await;
    provision(&aws, &site, &desk, "CALLS-3", false).await;
    let expected =
        ["InitiateAuth", "RespondToAuthChallenge", "GetId", "GetCredentialsForIdentity", "provisioning-claim"];
    assert_eq!(names(&proxy.take()), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn claim_and_endpoint_are_fetched_side_by_side() {
    let (proxy, operator, desk) = (Proxy::before(cloud().port()), cloud().operator(), Desk::new());
    let site = through(&proxy, false);
    let aws = signed_in(&site, &operator).await;
    // Slow enough that the second call has begun long before the first has ended, if they do not wait.
    proxy.spoil("provisioning-claim", Spoil::Slow(Duration::from_millis(400)), 1);
    proxy.spoil("endpoint", Spoil::Slow(Duration::from_millis(400)), 1);
    provision(&aws, &site, &desk, "CALLS-4", false).await;
    let calls = proxy.take();
    let [first, second] = &calls[calls.len() - 2..] else { panic!("two calls: {:?}", names(&calls)) };
    assert!(second.begun < first.ended, "neither needs the other's answer");
}

#[test]
fn waiting_costs_no_call_before_the_write() {
    let (proxy, operator) = (Proxy::before(cloud().port()), cloud().operator());
    let desk = Desk::with_site(&cloud().site_at(&proxy.url));
    let said = crate::support::command::Said::by(&mut desk.provision(&operator, "CALLS-5", &["--wait", "1"]));
    assert_eq!(said.failure().1, "not-registered");
    let calls = proxy.take();
    let claim = calls.iter().position(|call| call.name.contains("provisioning-claim")).expect("a claim");
    assert_eq!(claim, 4, "the look at the registry runs beside the write: {:?}", names(&calls));
}
