use std::collections::BTreeMap;

use super::*;
use crate::Code;
use crate::fakes::FakeCloud;
use crate::site::tests::site;

fn knowing(name: &str) -> FakeCloud {
    let (thing_type, attributes) = (None, BTreeMap::new());
    let thing = Thing { name: name.into(), thing_type, attributes, certificates: vec![] };
    FakeCloud { thing: Some(thing).into(), ..FakeCloud::default() }
}

async fn found(query: &str, cloud: &FakeCloud) -> Found {
    find(query, &site(), cloud, cloud).await.expect("asked")
}

#[tokio::test]
async fn a_serial_number_and_a_thing_s_name_find_the_same_thing() {
    for (query, read_as) in [("SN-1\r\n", ReadAs::SerialNumber), ("Fleet_Index_SN-1", ReadAs::ThingName)] {
        let cloud = knowing("Fleet_Index_SN-1");
        let found = found(query, &cloud).await;
        assert_eq!((found.read_as, found.things.len()), (read_as, 1));
        assert!(cloud.calls().contains(&"thing Fleet_Index_SN-1".to_owned()), "{:?}", cloud.calls());
    }
}

#[tokio::test]
async fn a_serial_number_that_looks_like_a_name_is_tried_as_both() {
    let cloud = FakeCloud::default();
    assert!(found("Fleet_Index_7", &cloud).await.things.is_empty());
    assert_eq!(cloud.calls(), ["sign-in", "thing Fleet_Index_7", "thing Fleet_Index_Fleet_Index_7"]);
}

#[tokio::test]
async fn a_certificate_finds_its_things_and_names_those_of_others() {
    let users = vec!["Fleet_Index_SN-1".to_owned(), "Another_fleet_9".to_owned()];
    let cloud = FakeCloud { things_with: Some(users), ..knowing("Fleet_Index_SN-1") };
    let found = found(&"AB".repeat(32), &cloud).await;
    assert_eq!((found.read_as, found.certificate), (ReadAs::CertificateId, true));
    assert_eq!((found.things.len(), found.elsewhere), (1, vec!["Another_fleet_9".to_owned()]));
    assert!(cloud.calls().contains(&format!("things-with {}", "ab".repeat(32))), "IDs are lower-case");
    assert!(!cloud.calls().iter().any(|call| call.contains("thing Another")), "it may not be looked at");
}

#[tokio::test]
async fn a_certificate_that_is_gone_is_not_one_that_nothing_uses() {
    let gone = found(&"ab".repeat(32), &FakeCloud::default()).await;
    let unused = FakeCloud { things_with: Some(vec![]), ..FakeCloud::default() };
    assert_eq!((gone.certificate, found(&"ab".repeat(32), &unused).await.certificate), (false, true));
}

#[tokio::test]
async fn what_cannot_be_anything_of_the_site_s_is_not_asked_of_aws() {
    let cloud = FakeCloud::default();
    assert_eq!(found("two words", &cloud).await.read_as, ReadAs::Nothing);
    assert!(cloud.calls().is_empty());
}

#[tokio::test]
async fn whoever_is_signed_out_is_told_so() {
    let cloud = FakeCloud::default().refusing("sign-in", &[Code::SessionExpired]);
    let failure = find("SN-1", &site(), &cloud, &cloud).await.expect_err("signed out");
    assert_eq!((failure.code, failure.step), (Code::SessionExpired, Some(Step::SignIn)));
}
