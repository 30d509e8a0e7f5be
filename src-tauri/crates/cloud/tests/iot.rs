//! AWS IoT: the claim, the endpoint, the registry.

use fieldkey_cloud::Aws;
use fieldkey_core::{Cloud, Code, Site};

use crate::support::aws::{CERTIFICATE_ID, Double, PRIVATE_KEY, THING, refusal};
use crate::support::http::Reply;
use crate::support::pool::{Settings, User};
use crate::support::{expect_failure, signed_in, text};

async fn ready(double: &Double) -> Aws {
    let aws = double.aws();
    signed_in(&aws).await;
    aws.credentials().await.expect("credentials");
    aws
}

#[tokio::test]
async fn a_claim_lives_five_minutes_by_aws_s_clock() {
    let ahead = time::Duration::minutes(4);
    let double = Double::new(Settings { ahead, ..Settings::default() }, User::default());
    let claim = ready(&double).await.claim().await.expect("a clock four minutes off is corrected");
    assert_eq!(claim.certificate_id, CERTIFICATE_ID);
    assert_eq!(text(&claim.private_key_pem), PRIVATE_KEY);
    assert!((295..=300).contains(&claim.lifetime.as_secs()), "{:?} by AWS's clock, not by ours", claim.lifetime);
}

#[tokio::test]
async fn an_operator_without_the_permission_learns_which() {
    let double = Double::plain();
    let aws = ready(&double).await;
    let denied = || refusal(403, "AccessDeniedException", "User: arn:… is not authorized to perform this action");
    for operation in ["CreateProvisioningClaim", "DescribeEndpoint", "ListThingPrincipals"] {
        double.answer(operation, denied());
    }
    let claim = expect_failure(aws.claim().await, Code::NotAllowed);
    assert_eq!(claim.about, "iot:CreateProvisioningClaim, provisioningtemplate/fieldkey", "as IAM writes it");
    let endpoint = expect_failure(aws.endpoint().await, Code::NotAllowed);
    assert_eq!(endpoint.about, "iot:DescribeEndpoint");
    let things = expect_failure(aws.certificates_of("Fleet_Index_1").await, Code::NotAllowed);
    assert_eq!(things.about, "iot:ListThingPrincipals, thing/Fleet_Index_1");
}

#[tokio::test]
async fn a_template_that_does_not_exist_is_named() {
    let double = Double::plain();
    let site = Site { provisioning_template_name: "feildkey".into(), ..double.site() };
    let aws = Aws::new(&site, None, None, None).unwrap();
    signed_in(&aws).await;
    assert_eq!(expect_failure(aws.claim().await, Code::TemplateNotFound).about, "feildkey");
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let double = Double::plain();
    let aws = ready(&double).await;
    for _ in 0..2 {
        double.refuse("CreateProvisioningClaim", "ThrottlingException", "Rate exceeded");
    }
    aws.claim().await.expect("the third try");
    assert_eq!(double.count("CreateProvisioningClaim"), 3);
}

#[tokio::test]
async fn throttling_that_does_not_end_is_named() {
    let double = Double::plain();
    let aws = ready(&double).await;
    for _ in 0..4 {
        double.answer("CreateProvisioningClaim", refusal(429, "ThrottlingException", "Rate exceeded"));
    }
    let failure = expect_failure(aws.claim().await, Code::Throttled);
    assert!(failure.about.starts_with("iot:CreateProvisioningClaim"), "which quota to raise: {failure}");
    assert_eq!(double.count("CreateProvisioningClaim"), 4);
}

#[tokio::test]
async fn a_thing_with_many_certificates_is_read_to_its_end() {
    let double = Double::plain();
    let aws = ready(&double).await;
    double.forget_calls();
    let found = aws.certificates_of(THING.0).await.expect("found");
    assert_eq!(found.len(), THING.1, "every page's certificates, and no Cognito identity among them: {found:?}");
    assert!(found.iter().all(|id| id.len() == 64), "{found:?}");
    assert_eq!(double.calls(), ["ListThingPrincipals"; 3]);
    assert!(aws.certificates_of("Fleet_Index_new").await.expect("no such thing yet").is_empty());
}

#[tokio::test]
async fn the_endpoint_is_asked_for_once_and_not_at_all_if_the_site_tells_it() {
    let double = Double::plain();
    let aws = ready(&double).await;
    for _ in 0..2 {
        let endpoint = aws.endpoint().await.expect("an endpoint");
        assert_eq!((endpoint.host.as_str(), endpoint.port), ("a1b2c3-ats.iot.ap-northeast-1.amazonaws.com", 8883));
    }
    assert_eq!(double.count("DescribeEndpoint"), 1);

    let told =
        Aws::new(&Site { data_endpoint: Some("iot.example".into()), ..double.site() }, None, None, None).unwrap();
    assert_eq!(told.endpoint().await.expect("no sign-in is needed for it").host, "iot.example");
}

#[tokio::test]
async fn an_endpoint_that_could_not_be_asked_for_is_asked_for_again() {
    let double = Double::plain();
    let aws = ready(&double).await;
    double.answer("DescribeEndpoint", Reply::new(200, "{}"));
    expect_failure(aws.endpoint().await, Code::ServiceError);
    aws.endpoint().await.expect("the next click");
}

#[tokio::test]
async fn half_a_claim_is_no_claim() {
    let double = Double::plain();
    let aws = ready(&double).await;
    let without_key = r#"{"certificateId":"x","certificatePem":"y","expiration":1.7e9}"#;
    for body in ["{}", without_key, "[]", "<html>"] {
        double.answer("CreateProvisioningClaim", Reply::new(200, body));
        expect_failure(aws.claim().await, Code::ServiceError);
    }
}

#[tokio::test]
async fn a_signature_refused_for_its_age_names_the_clock() {
    let ahead = time::Duration::minutes(4);
    let double = Double::new(Settings { ahead, ..Settings::default() }, User::default());
    let aws = ready(&double).await;
    let words = "Signature expired: 20261121T000000Z is now earlier than 20261121T000500Z";
    double.answer("CreateProvisioningClaim", refusal(403, "InvalidSignatureException", words));
    let failure = expect_failure(aws.claim().await, Code::ClockSkew);
    assert!(failure.about.starts_with("-0:0"), "how far off, and in which direction: {failure}");
}
