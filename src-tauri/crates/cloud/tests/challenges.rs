//! What the pool asks a person between password and tokens.

use std::collections::BTreeMap;

use fieldkey_cloud::{Answer, Challenge, Channel};
use fieldkey_core::Code;

use crate::support::aws::Double;
use crate::support::http::Reply as Http;
use crate::support::pool::{EMAIL, PASSWORD, Settings, User};
use crate::support::{
    code, expect_challenge, expect_failure, expect_signed_in, secret, sign_in, signed_in, text, totp,
};

fn with(user: User) -> Double {
    Double::new(Settings::default(), user)
}

fn new_password(password: &str, attributes: &[(&str, &str)]) -> Answer {
    let pairs = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Answer::NewPassword { new_password: secret(password), attributes: pairs.collect() }
}

fn invited() -> User {
    User { temporary: true, required: &["given_name", "family_name"], ..User::default() }
}

#[tokio::test]
async fn a_weak_new_password_is_refused_with_the_rule_and_can_be_chosen_again() {
    let double = with(invited());
    let aws = double.aws();
    let Challenge::NewPassword { required_attributes } = expect_challenge(sign_in(&aws).await) else { panic!() };
    assert_eq!(required_attributes, ["given_name", "family_name"], "without the wire's prefix");
    let named = [("given_name", "Aki"), ("family_name", "Sato")];

    let weak = expect_failure(aws.answer(new_password("short", &named)).await, Code::PasswordPolicy);
    assert_eq!(weak.reason, "Password not long enough", "the site's rule, in the pool's words");
    expect_failure(aws.answer(new_password("Better-horse-8", &named[..1])).await, Code::SignInRefused);
    expect_signed_in(aws.answer(new_password("Better-horse-8", &named)).await);

    let user = double.pool().user();
    assert_eq!(user.attributes["family_name"], "Sato");
    assert_eq!(user.password, "Better-horse-8");
    assert_eq!(double.count("InitiateAuth"), 1, "the same sign-in went on all the time");
}

#[tokio::test]
async fn an_invitation_without_attributes_needs_only_the_password() {
    let aws_double = with(User { temporary: true, ..User::default() });
    let aws = aws_double.aws();
    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(new_password("Better-horse-8", &[])).await);
    let sent = &aws_double.bodies("RespondToAuthChallenge")[1]["ChallengeResponses"];
    assert!(sent["userAttributes.email"].is_null(), "an attribute that has a value must not be sent again: {sent}");
}

fn app() -> String {
    totp::encode(b"twenty bytes in all!")
}

fn with_app() -> Double {
    with(User { second: &["SOFTWARE_TOKEN_MFA"], totp: Some(app()), ..User::default() })
}

#[tokio::test]
async fn a_wrong_authenticator_code_can_be_corrected() {
    let double = with_app();
    let aws = double.aws();
    let Challenge::Code { channel: Channel::Totp, destination: None } = expect_challenge(sign_in(&aws).await) else {
        panic!("an app's code goes nowhere")
    };
    expect_failure(aws.answer(code("000000")).await, Code::WrongCode);
    let right = totp::code(&app(), totp::step());
    let spaced = format!(" {} {}\n", &right[..3], &right[3..]);
    expect_signed_in(aws.answer(code(&spaced)).await);
}

#[tokio::test]
async fn a_code_that_was_used_before_asks_for_the_next_one() {
    let double = with_app();
    let aws = double.aws();
    let step = totp::step();
    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(code(&totp::code(&app(), step))).await);

    expect_challenge(sign_in(&aws).await);
    let used = expect_failure(aws.answer(code(&totp::code(&app(), step))).await, Code::WrongCode);
    assert_eq!(used.reason, "Your software token has already been used once.", "why a right code is wrong");
    expect_signed_in(aws.answer(code(&totp::code(&app(), step + 1))).await);
}

#[tokio::test]
async fn an_authenticator_app_is_set_up_in_the_middle_of_a_sign_in() {
    let double = with(User { must_set_up: &["SMS_MFA", "SOFTWARE_TOKEN_MFA"], ..User::default() });
    let aws = double.aws();
    let Challenge::TotpSetup { secret, uri } = expect_challenge(sign_in(&aws).await) else { panic!() };
    let app = text(&secret).to_owned();
    assert!(text(&uri).contains(&format!("secret={app}&")), "the QR code carries the very secret");
    expect_failure(aws.answer(code("12345")).await, Code::WrongCode);
    let step = totp::step();
    expect_signed_in(aws.answer(code(&totp::code(&app, step))).await);

    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(code(&totp::code(&app, step + 1))).await);
}

#[tokio::test]
async fn a_verification_that_says_error_is_a_wrong_code() {
    let double = with(User { must_set_up: &["SOFTWARE_TOKEN_MFA"], ..User::default() });
    let aws = double.aws();
    let Challenge::TotpSetup { secret, .. } = expect_challenge(sign_in(&aws).await) else { panic!() };
    double.answer("VerifySoftwareToken", Http::new(200, r#"{"Status":"ERROR"}"#));
    expect_failure(aws.answer(code("123456")).await, Code::WrongCode);
    expect_signed_in(aws.answer(code(&totp::code(text(&secret), totp::step()))).await);
}

#[tokio::test]
async fn a_first_sign_in_may_ask_for_password_and_app_in_a_row() {
    let double = with(User { must_set_up: &["SOFTWARE_TOKEN_MFA"], ..invited() });
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    let named = [("given_name", "Aki"), ("family_name", "Sato")];
    let next = expect_challenge(aws.answer(new_password("Better-horse-8", &named)).await);
    let Challenge::TotpSetup { secret, .. } = next else { panic!("{next:?}") };
    expect_signed_in(aws.answer(code(&totp::code(text(&secret), totp::step()))).await);
}

#[tokio::test]
async fn a_factor_that_cannot_be_set_up_here_is_named() {
    let double = with(User { must_set_up: &["SMS_MFA"], ..User::default() });
    expect_failure(sign_in(&double.aws()).await, Code::MfaRequired);
    assert_eq!(double.count("AssociateSoftwareToken"), 0, "no secret is asked for in vain");
}

#[tokio::test]
async fn a_code_by_e_mail_or_text_message_says_where_it_went() {
    for (factor, expected, place) in
        [("EMAIL_OTP", Channel::Email, "i***@e***"), ("SMS_MFA", Channel::Sms, "+*******1234")]
    {
        let second: &'static [&'static str] = if factor == "EMAIL_OTP" { &["EMAIL_OTP"] } else { &["SMS_MFA"] };
        let double = with(User { second, ..User::default() });
        let aws = double.aws();
        let Challenge::Code { channel, destination } = expect_challenge(sign_in(&aws).await) else { panic!() };
        assert_eq!((channel, destination.as_deref()), (expected, Some(place)));
        expect_failure(aws.answer(code("0")).await, Code::WrongCode);
        expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
        let sent = &double.bodies("RespondToAuthChallenge")[1]["ChallengeResponses"];
        assert!(sent[format!("{factor}_CODE")].is_string(), "under the key of this very challenge: {sent}");
    }
}

#[tokio::test]
async fn the_second_factor_is_chosen_in_the_pool_s_own_word() {
    let second = &["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"];
    let double = with(User { second, ..User::default() });
    let aws = double.aws();
    let Challenge::SelectMfa { options } = expect_challenge(sign_in(&aws).await) else { panic!() };
    assert_eq!(options, [Channel::Sms, Channel::Totp, Channel::Email]);
    expect_challenge(aws.answer(Answer::Mfa(Channel::Email)).await);
    let answer = &double.bodies("RespondToAuthChallenge")[1]["ChallengeResponses"]["ANSWER"];
    assert_eq!(answer, "EMAIL_OTP", "the documentation's EMAIL_MFA is another word for what the pool offers");
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

fn by_mail() -> Double {
    with(User { second: &["EMAIL_OTP"], ..User::default() })
}

#[tokio::test]
async fn after_the_session_is_over_a_sign_in_begins_anew() {
    let double = by_mail();
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    double.pool().expire_sessions();
    expect_failure(aws.answer(code(&double.pool().last_code())).await, Code::SessionExpired);
    double.forget_calls();
    expect_failure(aws.answer(code("1")).await, Code::SessionExpired);
    assert!(double.calls().is_empty(), "there is nothing left to ask the pool about");
    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn a_code_that_is_too_old_ends_the_sign_in_with_the_pool_s_words() {
    let double = by_mail();
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    double.refuse(
        "RespondToAuthChallenge",
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    );
    let failure = expect_failure(aws.answer(code("12345678")).await, Code::SessionExpired);
    assert!(failure.reason.contains("request a code again"), "{failure}");
}

#[tokio::test]
async fn an_answer_of_another_kind_leaves_the_question_standing() {
    let double = by_mail();
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    let called = double.calls().len();
    expect_failure(aws.answer(Answer::Mfa(Channel::Sms)).await, Code::Usage);
    expect_failure(aws.answer(new_password("Better-horse-8", &[])).await, Code::Usage);
    assert_eq!(double.calls().len(), called, "the pool is not bothered with it");
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn an_answer_that_did_not_arrive_can_be_given_again() {
    let double = by_mail();
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    for _ in 0..4 {
        double.answer("RespondToAuthChallenge", Http::Cut(b"{\"Chall".to_vec()));
    }
    expect_failure(aws.answer(code(&double.pool().last_code())).await, Code::Offline);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn an_answer_given_up_half_way_blocks_nothing() {
    let double = by_mail();
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    let (arrived, release) = double.hold("RespondToAuthChallenge");
    tokio::select! {
        _ = aws.answer(code(&double.pool().last_code())) => panic!("it is held back"),
        arrived = arrived => arrived.unwrap(),
    }
    release.send(()).unwrap();
    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn a_second_sign_in_takes_the_first_one_s_place() {
    let double = by_mail();
    let aws = double.aws();
    expect_challenge(sign_in(&aws).await);
    let first = double.pool().last_code();
    expect_challenge(sign_in(&aws).await);
    expect_failure(aws.answer(code(&first)).await, Code::WrongCode);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn an_answer_without_a_question_is_refused() {
    let double = Double::plain();
    let aws = double.aws();
    expect_failure(aws.answer(code("123456")).await, Code::SessionExpired);
    signed_in(&aws).await;
    expect_failure(aws.answer(code("123456")).await, Code::SessionExpired);
}

#[tokio::test]
async fn a_challenge_that_nobody_here_can_answer_is_named() {
    let double = Double::plain();
    let aws = double.aws();
    for (name, parameters) in [("CUSTOM_CHALLENGE", "{}"), ("SELECT_MFA_TYPE", r#"{"MFAS_CAN_CHOOSE":"[\"FACE\"]"}"#)] {
        let body = format!(r#"{{"ChallengeName":"{name}","ChallengeParameters":{parameters},"Session":"x"}}"#);
        double.answer("RespondToAuthChallenge", Http::new(200, body));
        let failure = expect_failure(aws.sign_in(EMAIL, secret(PASSWORD), true).await, Code::SignInRefused);
        assert!(failure.reason.contains(name), "the administrator must learn what to switch off: {failure}");
    }
    let attributes = BTreeMap::new();
    let answer = Answer::NewPassword { new_password: secret("x"), attributes };
    expect_failure(aws.answer(answer).await, Code::SessionExpired);
}
