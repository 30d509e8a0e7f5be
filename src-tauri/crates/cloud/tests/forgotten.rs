//! Forgotten passwords.

use fieldkey_core::Code;

use crate::support::aws::Double;
use crate::support::pool::{EMAIL, Settings, User};
use crate::support::{expect_failure, expect_signed_in, secret};

#[tokio::test]
async fn a_new_password_is_set_with_the_code_from_the_mail() {
    for client_secret in [false, true] {
        let double = Double::new(Settings { secret: client_secret, ..Settings::default() }, User::default());
        let aws = double.aws();
        let place = aws.forgot_password(&format!("{EMAIL} ")).await.expect("sent");
        assert_eq!(place.as_deref(), Some("i***@e***"), "people must know which mailbox to look into");

        let confirm = async |code: &str, password: &str| {
            aws.confirm_forgot_password(EMAIL, &secret(code), &secret(password)).await
        };
        let sent = double.pool().last_code();
        expect_failure(confirm("00", "Better-horse-8").await, Code::WrongCode);
        let weak = expect_failure(confirm(&sent, "short").await, Code::PasswordPolicy);
        assert_eq!(weak.reason, "Password not long enough");
        confirm(&format!("{sent}\n"), "Better-horse-8").await.expect("set");
        expect_signed_in(aws.sign_in(EMAIL, secret("Better-horse-8"), false).await);

        let late = expect_failure(confirm(&sent, "Better-horse-9").await, Code::WrongCode);
        assert!(late.reason.contains("request a code again"), "a code that is too old says what to do: {late}");
    }
}

#[tokio::test]
async fn a_pool_that_leaves_it_to_administrators_says_so() {
    let double = Double::new(Settings { admin_only: true, ..Settings::default() }, User::default());
    let failure = expect_failure(double.aws().forgot_password(EMAIL).await, Code::PasswordResetForbidden);
    assert!(failure.reason.contains("administrator"), "{failure}");
}

#[tokio::test]
async fn an_account_that_no_code_can_reach_is_the_administrator_s_matter() {
    let double = Double::plain();
    let words = "Cannot reset password for the user as there is no registered/verified email or phone_number";
    double.refuse("ForgotPassword", "InvalidParameterException", words);
    let failure = expect_failure(double.aws().forgot_password(EMAIL).await, Code::PasswordResetForbidden);
    assert_eq!(failure.reason, words);
}

#[tokio::test]
async fn too_many_codes_asked_for_are_not_asked_for_again_by_themselves() {
    let double = Double::plain();
    let words = "Attempt limit exceeded, please try after some time.";
    double.refuse("ForgotPassword", "LimitExceededException", words);
    expect_failure(double.aws().forgot_password(EMAIL).await, Code::TooManyAttempts);
    assert_eq!(double.count("ForgotPassword"), 1, "every try makes the wait longer");
}

#[tokio::test]
async fn a_code_or_password_of_impossible_form_is_told_apart() {
    let double = Double::plain();
    let aws = double.aws();
    let invalid =
        |what: &str| format!("1 validation error detected: Value 'Sesame' at '{what}' failed to satisfy constraint");
    for (what, code) in [("confirmationCode", Code::WrongCode), ("password", Code::PasswordPolicy)] {
        double.refuse("ConfirmForgotPassword", "InvalidParameterException", &invalid(what));
        let outcome = aws.confirm_forgot_password(EMAIL, &secret("x"), &secret("Sesame")).await;
        let failure = expect_failure(outcome, code);
        assert!(!failure.to_string().contains("Sesame"), "what was typed goes no further: {failure}");
    }
}
