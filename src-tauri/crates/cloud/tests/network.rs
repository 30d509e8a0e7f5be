//! What a network does to a call.

use std::net::TcpListener;

use fieldkey_cloud::Aws;
use fieldkey_core::{Cloud, Code, Failure, Site};

use crate::support::aws::Double;
use crate::support::http::{Reply, Server};
use crate::support::{expect_failure, sign_in, signed_in, site_at};

async fn refused_at(url: &str, code: Code) -> Failure {
    // The SDK counts retries for each region, and stops trying where too many of them were in vain.
    let site = Site { region: "eu-west-1".into(), ..site_at(url) };
    let aws = Aws::new(&site, None, None, None).unwrap();
    let failure = expect_failure(sign_in(&aws).await, code);
    let host = url.split_once("//").unwrap().1;
    assert!(failure.about.contains(host), "whom to look for: {failure}");
    failure
}

#[tokio::test]
async fn nobody_at_the_address_means_offline() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failure = refused_at(&format!("http://127.0.0.1:{port}"), Code::Offline).await;
    assert!(failure.reason.to_lowercase().contains("refused"), "{failure}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_means_offline() {
    refused_at("http://no-such-host.invalid", Code::Offline).await;
}

#[tokio::test]
async fn a_connection_cut_before_any_answer_means_offline() {
    let server = Server::accept(drop);
    refused_at(&server.url(), Code::Offline).await;
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_an_answer_means_offline() {
    let server = Server::plain(|_| Reply::Cut(br#"{"ChallengeName":"PASSWORD_VER"#.to_vec()));
    let failure = refused_at(&server.url(), Code::Offline).await;
    assert!(failure.reason.contains("in the middle"), "{failure}");
}

#[tokio::test]
async fn a_login_page_in_the_way_is_no_answer_of_aws() {
    let page = "<html><title>Welcome to Hotel Wi-Fi</title></html>";
    for reply in [
        Reply::new(200, page).with("content-type", "text/html"),
        Reply::new(302, "").with("location", "http://login.example/"),
        Reply::new(403, page),
        Reply::new(200, "{\"ChallengeName\": 7}"),
        Reply::new(200, vec![0xff, 0xfe, 0]),
        Reply::new(200, ""),
        Reply::new(200, "null"),
    ] {
        let server = Server::plain({
            let reply = reply.clone();
            move |_| reply.clone()
        });
        let failure = refused_at(&server.url(), Code::ServiceError).await;
        assert!(!failure.reason.is_empty() && !failure.reason.contains("Wi-Fi"), "{reply:?}: {failure}");
    }
}

#[tokio::test]
async fn a_service_that_is_down_is_asked_again_and_then_named() {
    let double = Double::plain();
    let aws = double.aws();
    for _ in 0..4 {
        double.answer("InitiateAuth", Reply::new(503, ""));
    }
    let failure = expect_failure(sign_in(&aws).await, Code::ServiceError);
    assert!(failure.reason.contains("503"), "{failure}");
    assert_eq!(double.count("InitiateAuth"), 4);
    signed_in(&aws).await;
}

#[tokio::test]
async fn a_user_pool_that_throttles_is_asked_again_and_then_named() {
    let double = Double::plain();
    let aws = double.aws();
    double.refuse("InitiateAuth", "TooManyRequestsException", "Too many requests");
    signed_in(&aws).await;
    for _ in 0..4 {
        double.refuse("InitiateAuth", "TooManyRequestsException", "Too many requests");
    }
    expect_failure(sign_in(&aws).await, Code::Throttled);
}

#[tokio::test]
async fn a_claim_cut_off_is_asked_for_again() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    double.answer("CreateProvisioningClaim", Reply::Cut(b"{".to_vec()));
    aws.claim().await.expect("a claim that nobody has read expires by itself");
    assert_eq!(double.count("CreateProvisioningClaim"), 2);
}
