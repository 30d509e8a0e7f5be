//! A thing with all that hangs on it, as an operator or an engineer looks it up.

use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{Cloud, Code, Site};
use serde_json::json;

use crate::support::aws::{Double, refusal};
use crate::support::engineer::{Bench, Done};
use crate::support::http::Reply;
use crate::support::registry::POLICY;
use crate::support::{expect_failure, signed_in};

const THING: &str = "Fleet_Index_SN-1";

#[tokio::test]
async fn a_thing_is_shown_with_its_certificates_newest_first() {
    let bench = Bench::new();
    let described = json!({ "thingTypeName": "sensor", "attributes": { "floor": "3" } });
    bench.registry().state().things.insert(THING.into(), described);
    let old = bench.registry().certificate("INACTIVE", 1_700_000_000, &[THING]);
    let new = bench.registry().certificate("ACTIVE", 1_790_000_000, &[THING, "Fleet_Index_2"]);
    bench.registry().state().certificates.get_mut(&old).unwrap().policies.clear();
    let thing = bench.account().thing(THING).await.expect("answered").expect("it is there");
    assert_eq!((thing.name.as_str(), thing.thing_type.as_deref()), (THING, Some("sensor")));
    assert_eq!(thing.attributes["floor"], "3");
    let [first, second] = thing.certificates.as_slice() else { panic!("two: {thing:?}") };
    assert_eq!((&first.id, first.status), (&new, CertificateStatus::Active));
    assert_eq!(first.policies, [POLICY]);
    assert_eq!(first.other_things, ["Fleet_Index_2"], "not the thing itself");
    assert_eq!(first.created.unix_timestamp(), 1_790_000_000);
    assert_eq!(first.expires.map(|at| at.unix_timestamp()), Some(2_524_607_999));
    assert_eq!((&second.id, second.status), (&old, CertificateStatus::Inactive));
    assert!(second.policies.is_empty() && second.other_things.is_empty(), "{second:?}");
}

#[tokio::test]
async fn a_thing_that_there_is_not_is_none() {
    let bench = Bench::new();
    assert_eq!(bench.account().thing(THING).await.expect("answered"), None);
    assert_eq!(bench.calls(), ["DescribeThing"]);
}

#[tokio::test]
async fn all_pages_are_read_and_few_are_asked_for_at_the_same_time() {
    let bench = Bench::new();
    bench.registry().thing(THING);
    for n in 0..7 {
        bench.registry().certificate("ACTIVE", n, &[THING, "A", "B", "C"]);
    }
    let thing = bench.account().thing(THING).await.expect("answered").expect("it is there");
    assert_eq!(thing.certificates.len(), 7);
    assert!(thing.certificates.iter().all(|certificate| certificate.other_things == ["A", "B", "C"]), "{thing:?}");
    assert!(thing.certificates.is_sorted_by(|a, b| a.created > b.created), "{thing:?}");
    let calls = bench.calls();
    let count = |name: &str| calls.iter().filter(|call| *call == name).count();
    assert_eq!((count("ListThingPrincipals"), count("ListPrincipalThings")), (4, 14), "two on a page");
    let most = bench.most_under_way();
    assert!((2..=12).contains(&most), "three looks each at four certificates: {most}");
}

#[tokio::test]
async fn a_certificate_that_goes_meanwhile_is_left_out() {
    let bench = Bench::new();
    bench.registry().thing(THING);
    bench.registry().certificate("ACTIVE", 0, &[THING]);
    bench.answer("DescribeCertificate", Done::No, refusal(404, "ResourceNotFoundException", "gone"));
    let thing = bench.account().thing(THING).await.expect("answered").expect("it is there");
    assert!(thing.certificates.is_empty(), "{thing:?}");
}

#[tokio::test]
async fn a_certificate_s_things_are_found_by_its_id() {
    let bench = Bench::new();
    let used = bench.registry().certificate("ACTIVE", 0, &[THING, "Fleet_Index_2", "Fleet_Index_3"]);
    let unused = bench.registry().certificate("INACTIVE", 0, &[]);
    let account = bench.account();
    let things = account.things_with(&used).await.expect("answered").expect("it is there");
    assert_eq!(things, ["Fleet_Index_2", "Fleet_Index_3", THING], "all pages");
    assert_eq!(account.things_with(&unused).await.expect("answered"), Some(vec![]));
    assert_eq!(account.things_with(&"0".repeat(64)).await.expect("answered"), None);
    bench.answer("DescribeCertificate", Done::No, refusal(403, "AccessDeniedException", "User: … is not authorized"));
    let about = expect_failure(account.things_with(&used).await, Code::NotAllowed).about;
    assert_eq!(about, format!("iot:DescribeCertificate, cert/{used}"));
}

#[tokio::test]
async fn whoever_may_not_look_learns_which_permission_is_missing() {
    for (operation, about) in [
        ("DescribeThing", format!("iot:DescribeThing, thing/{THING}")),
        ("ListThingPrincipals", format!("iot:ListThingPrincipals, thing/{THING}")),
        ("ListAttachedPolicies", "iot:ListAttachedPolicies".into()),
        ("ListPrincipalThings", "iot:ListPrincipalThings".into()),
    ] {
        let bench = Bench::new();
        bench.registry().thing(THING);
        bench.registry().certificate("ACTIVE", 0, &[THING]);
        bench.answer(operation, Done::No, refusal(403, "AccessDeniedException", "User: … is not authorized"));
        assert_eq!(expect_failure(bench.account().thing(THING).await, Code::NotAllowed).about, about);
    }
}

#[tokio::test]
async fn half_a_description_is_none() {
    for description in [json!({}), json!({ "status": "ACTIVE" }), json!({ "status": "SLEEPING", "creationDate": 1 })] {
        let bench = Bench::new();
        bench.registry().thing(THING);
        bench.registry().certificate("ACTIVE", 0, &[THING]);
        let body = json!({ "certificateDescription": description }).to_string();
        bench.answer("DescribeCertificate", Done::No, Reply::new(200, body));
        expect_failure(bench.account().thing(THING).await, Code::ServiceError);
    }
}

#[tokio::test]
async fn an_operator_looks_up_with_their_own_credentials() {
    let double = Double::plain();
    double.registry().thing(THING);
    double.registry().certificate("ACTIVE", 0, &[THING]);
    let aws = double.aws();
    expect_failure(aws.thing(THING).await, Code::SignInRequired);
    signed_in(&aws).await;
    let thing = aws.thing(THING).await.expect("answered").expect("it is there");
    assert_eq!(thing.certificates.len(), 1);
    assert_eq!(aws.thing("Fleet_Index_none").await.expect("answered"), None);
}

#[tokio::test]
async fn the_credentials_endpoint_is_asked_for_once_and_not_at_all_if_the_site_tells_it() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    for _ in 0..2 {
        let host = aws.credentials_endpoint().await.expect("a host");
        assert_eq!(host, "c1d2e3.credentials.iot.ap-northeast-1.amazonaws.com");
    }
    assert_eq!(double.count("DescribeEndpoint"), 1);
    let site = Site { credentials_endpoint: Some("credentials.example".into()), ..double.site() };
    let told = fieldkey_cloud::Aws::new(&site, None, None, None).unwrap();
    assert_eq!(told.credentials_endpoint().await.expect("no sign-in is needed for it"), "credentials.example");
}
