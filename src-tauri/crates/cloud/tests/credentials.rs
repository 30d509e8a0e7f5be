//! Temporary AWS credentials from the identity pool.

use std::sync::Arc;

use fieldkey_cloud::Aws;
use fieldkey_core::{Cloud, Code, Operator, Site};

use crate::support::aws::{Double, refusal};
use crate::support::pool::{Settings, User};
use crate::support::{expect_failure, signed_in};

#[tokio::test]
async fn a_warm_claim_is_one_call() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    double.forget_calls();
    aws.claim().await.expect("a claim");
    assert_eq!(double.calls(), ["GetId", "GetCredentialsForIdentity", "CreateProvisioningClaim"]);
    double.forget_calls();
    aws.credentials().await.expect("held");
    aws.claim().await.expect("a claim");
    assert_eq!(double.calls(), ["CreateProvisioningClaim"], "the installer clicks and waits for nothing else");
}

#[tokio::test]
async fn credentials_are_renewed_before_they_end() {
    let double = Double::plain();
    double.lifetimes(&[50, 3600]);
    let aws = double.aws();
    signed_in(&aws).await;
    aws.credentials().await.expect("for 50 seconds");
    double.forget_calls();
    aws.claim().await.expect("a claim");
    assert_eq!(
        double.calls(),
        ["GetCredentialsForIdentity", "CreateProvisioningClaim"],
        "they would not end for 50 seconds, but might on the way; and the identity is known by now"
    );
}

/// What is done by itself while half a minute goes by.
async fn half_a_minute() {
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn credentials_about_to_end_are_renewed_while_nobody_waits() {
    let double = Double::plain();
    double.lifetimes(&[200, 3600]);
    let aws = double.aws();
    signed_in(&aws).await;
    aws.credentials().await.expect("for 200 seconds");
    double.forget_calls();
    aws.claim().await.expect("a claim");
    assert_eq!(double.calls(), ["CreateProvisioningClaim"], "they are good enough for a click");

    let (renewing, release) = double.hold("GetCredentialsForIdentity");
    half_a_minute().await;
    renewing.await.expect("nobody clicked");
    double.forget_calls();
    aws.claim().await.expect("a claim");
    assert_eq!(double.calls(), ["CreateProvisioningClaim"], "a click does not wait for it either");
    release.send(()).unwrap();

    aws.sign_out(None).await.expect("told");
    double.forget_calls();
    half_a_minute().await;
    half_a_minute().await;
    assert!(double.calls().is_empty(), "nobody is signed in whom it could be done for");
}

#[tokio::test]
async fn clicks_at_the_same_time_share_one_renewal() {
    let double = Double::plain();
    let aws = Arc::new(double.aws());
    signed_in(&aws).await;
    let (arrived, release) = double.hold("GetId");
    let clicks: Vec<_> = (0..8)
        .map(|_| {
            let aws = Arc::clone(&aws);
            tokio::spawn(async move { aws.claim().await.map(drop) })
        })
        .collect();
    arrived.await.unwrap();
    assert!(aws.who().await.is_some(), "who is signed in can be told while AWS is waited for");
    release.send(()).unwrap();
    for click in clicks {
        click.await.unwrap().expect("a claim");
    }
    let shared = [double.count("GetId"), double.count("GetCredentialsForIdentity")];
    assert_eq!(shared, [1, 1]);
    assert_eq!(double.count("CreateProvisioningClaim"), 8, "claims are never shared");
}

#[tokio::test]
async fn an_id_token_about_to_end_is_renewed_first() {
    let double = Double::new(Settings { token_seconds: 100, ..Settings::default() }, User::default());
    let aws = double.aws();
    signed_in(&aws).await;
    double.forget_calls();
    aws.credentials().await.expect("renewed");
    assert_eq!(double.calls(), ["GetTokensFromRefreshToken", "GetId", "GetCredentialsForIdentity"]);
}

#[tokio::test]
async fn an_id_token_that_ended_unnoticed_is_renewed_too() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    double.pool().expire_id_tokens();
    double.forget_calls();
    aws.credentials().await.expect("renewed");
    let calls = ["GetId", "GetTokensFromRefreshToken", "GetId", "GetCredentialsForIdentity"];
    assert_eq!(double.calls(), calls, "a computer's clock may be set while it holds a token");
}

#[tokio::test]
async fn credentials_that_aws_calls_expired_are_not_shown_to_it_again() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    aws.claim().await.expect("a claim");
    for words in ["ExpiredTokenException", "UnrecognizedClientException"] {
        double.answer("CreateProvisioningClaim", refusal(403, words, "The security token … is expired"));
        expect_failure(aws.claim().await, Code::SessionExpired);
        double.forget_calls();
        aws.claim().await.expect("the next click");
        assert_eq!(double.calls(), ["GetCredentialsForIdentity", "CreateProvisioningClaim"], "{words}");
    }
}

#[tokio::test]
async fn nobody_signed_in_means_no_call() {
    let double = Double::plain();
    let aws = double.aws();
    expect_failure(Operator::sign_in(&aws).await, Code::SignInRequired);
    expect_failure(aws.credentials().await, Code::SignInRequired);
    expect_failure(aws.claim().await, Code::SignInRequired);
    expect_failure(aws.certificates_of("x").await, Code::SignInRequired);
    assert!(double.calls().is_empty(), "ambient credentials are never used");
}

#[tokio::test]
async fn sign_out_wins_over_a_renewal_under_way() {
    let double = Double::plain();
    let aws = Arc::new(double.aws());
    signed_in(&aws).await;
    let (arrived, release) = double.hold("GetCredentialsForIdentity");
    let asking = tokio::spawn({
        let aws = Arc::clone(&aws);
        async move { aws.credentials().await }
    });
    arrived.await.unwrap();
    let leaving = tokio::spawn({
        let aws = Arc::clone(&aws);
        async move { aws.sign_out(None).await }
    });
    while aws.who().await.is_some() {
        tokio::task::yield_now().await;
    }
    release.send(()).unwrap();
    expect_failure(asking.await.unwrap(), Code::SignInRequired);
    leaving.await.unwrap().expect("told");
    assert_eq!(aws.who().await, None, "the renewal does not bring the session back");
}

#[tokio::test]
async fn an_identity_pool_that_does_not_exist_or_refuses_is_named() {
    let double = Double::plain();
    let other = "ap-northeast-1:ffffffff-0000-4000-8000-0123456789ab";
    let site = Site { identity_pool_id: other.into(), ..double.site() };
    let aws = Aws::new(&site, None, None, None).unwrap();
    signed_in(&aws).await;
    assert_eq!(expect_failure(aws.credentials().await, Code::IdentityPoolNotFound).about, other);

    for (name, words) in [
        ("NotAuthorizedException", "Token is not from a supported provider of this identity pool."),
        ("InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles."),
    ] {
        double.refuse("GetId", name, words);
        let failure = expect_failure(aws.credentials().await, Code::IdentityPoolNotFound);
        assert_eq!(failure.reason, words);
    }
}

#[tokio::test]
async fn garbage_in_place_of_credentials_is_no_panic() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    for credentials in [
        "{}",
        r#"{"Credentials":{"AccessKeyId":"A","SecretKey":"s","SessionToken":"t"}}"#,
        r#"{"Credentials":{"AccessKeyId":"A","SecretKey":"s","SessionToken":"t","Expiration":9e18}}"#,
        r#"{"Credentials":{"AccessKeyId":"A","SecretKey":"s","SessionToken":"t","Expiration":-9e15}}"#,
    ] {
        double.answer("GetCredentialsForIdentity", crate::support::http::Reply::new(200, credentials));
        expect_failure(aws.credentials().await, Code::ServiceError);
    }
}
