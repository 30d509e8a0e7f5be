//! USER_AUTH: clients that let the person choose how to begin.

use fieldkey_cloud::{Answer, Challenge, Channel, FirstFactor};
use fieldkey_core::Code;

use crate::support::aws::Double;
use crate::support::pool::{CLIENT, PASSWORD, Settings, User};
use crate::support::{code, expect_challenge, expect_failure, expect_signed_in, secret, sign_in, signed_in};

fn choosing(first: &'static [&'static str]) -> Double {
    let settings = Settings { flows: &["USER_AUTH"], secret: true, ..Settings::default() };
    Double::new(settings, User { first, ..User::default() })
}

#[tokio::test]
async fn a_client_with_user_auth_only_is_signed_in_to_with_srp() {
    let double = choosing(&["PASSWORD", "PASSWORD_SRP"]);
    signed_in(&double.aws()).await;
    assert_eq!(double.calls(), ["InitiateAuth", "InitiateAuth", "RespondToAuthChallenge"], "SRP is named at once");
}

#[tokio::test]
async fn srp_is_chosen_without_asking_where_the_pool_asks() {
    let settings = Settings { flows: &["USER_AUTH"], always_asks: true, ..Settings::default() };
    let double = Double::new(settings, User { first: &["EMAIL_OTP", "PASSWORD", "PASSWORD_SRP"], ..User::default() });
    signed_in(&double.aws()).await;
    let chosen = &double.bodies("RespondToAuthChallenge")[0]["ChallengeResponses"];
    assert_eq!(chosen["ANSWER"], "PASSWORD_SRP", "the password was typed, and this way it does not travel");
    assert!(chosen["SRP_A"].is_string());
}

#[tokio::test]
async fn a_person_without_a_password_here_chooses_a_code_by_e_mail() {
    let double = choosing(&["EMAIL_OTP", "WEB_AUTHN"]);
    let aws = double.aws();
    let Challenge::SelectFirstFactor { options } = expect_challenge(sign_in(&aws).await) else { panic!() };
    assert_eq!(options, [FirstFactor::Email], "passkeys are not offered, as they could not be used");
    let next = expect_challenge(aws.answer(Answer::FirstFactor(FirstFactor::Email)).await);
    assert!(matches!(next, Challenge::Code { channel: Channel::Email, .. }), "{next:?}");
    expect_failure(aws.answer(code("0")).await, Code::WrongCode);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn a_text_message_is_a_way_to_begin_too() {
    let double = choosing(&["SMS_OTP"]);
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    let next = expect_challenge(aws.answer(Answer::FirstFactor(FirstFactor::Sms)).await);
    assert!(matches!(next, Challenge::Code { channel: Channel::Sms, .. }), "{next:?}");
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn the_password_itself_is_sent_only_when_the_person_says_so() {
    let double = choosing(&["PASSWORD", "EMAIL_OTP"]);
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    let everything = format!("{:?}", double.bodies("InitiateAuth"));
    assert!(!everything.contains(PASSWORD), "{everything}");
    expect_signed_in(aws.answer(Answer::FirstFactor(FirstFactor::Password)).await);
}

#[tokio::test]
async fn where_neither_flow_is_on_the_client_is_named() {
    let double = Double::new(Settings { flows: &["CUSTOM_AUTH"], ..Settings::default() }, User::default());
    let failure = expect_failure(sign_in(&double.aws()).await, Code::SrpDisabled);
    assert_eq!(failure.about, CLIENT);
}

#[tokio::test]
async fn what_user_auth_refuses_is_said_rather_than_what_srp_auth_lacks() {
    let double = choosing(&["PASSWORD_SRP"]);
    let aws = double.aws();
    expect_failure(aws.sign_in("nobody@example.com", secret(PASSWORD), true).await, Code::WrongPassword);
}
