//! A clock that is wrong.

use fieldkey_core::{Cloud, Code};
use time::Duration;

use crate::support::aws::Double;
use crate::support::pool::{Settings, User};
use crate::support::{code, expect_challenge, expect_failure, signed_in};

#[tokio::test]
async fn an_hour_off_is_named_before_anything_is_signed() {
    for (ahead, named) in [(Duration::minutes(61), "-1:0"), (Duration::minutes(-61), "+1:0")] {
        let double = Double::new(Settings { ahead, ..Settings::default() }, User::default());
        let aws = double.aws();
        signed_in(&aws).await;
        for outcome in [aws.credentials().await, aws.claim().await.map(drop), aws.endpoint().await.map(drop)] {
            let failure = expect_failure(outcome, Code::ClockSkew);
            assert!(failure.about.starts_with(named), "{failure}");
        }
        let signed = double.count("CreateProvisioningClaim") + double.count("DescribeEndpoint");
        assert_eq!(signed, 0, "AWS would only say that the signature is wrong");
    }
}

#[tokio::test]
async fn a_wrong_code_on_a_wrong_clock_is_the_clock_s_fault() {
    let settings = Settings { ahead: Duration::hours(1), ..Settings::default() };
    let double =
        Double::new(settings, User { second: &["SOFTWARE_TOKEN_MFA"], totp: Some("A".repeat(32)), ..User::default() });
    let aws = double.aws();
    expect_challenge(crate::support::sign_in(&aws).await);
    expect_failure(aws.answer(code("000000")).await, Code::ClockSkew);
}

#[tokio::test]
async fn a_date_beyond_every_calendar_is_no_panic() {
    let double = Double::plain();
    let aws = double.aws();
    let reply = crate::support::http::Reply::new(503, "").with("date", "Fri, 31 Dec 9999 23:59:59 GMT");
    for _ in 0..4 {
        double.answer("InitiateAuth", reply.clone());
    }
    expect_failure(crate::support::sign_in(&aws).await, Code::ServiceError);
    signed_in(&aws).await;
}
