//! Every refusal of the user pool that a person can do something about, as its code.

use fieldkey_core::{Code, Language};

use crate::support::aws::Double;
use crate::support::pool::{CLIENT, EMAIL, ID};
use crate::support::{expect_failure, sign_in};

const DENIED: &str = "NotAuthorizedException";

const TABLE: &[(&str, &str, Code)] = &[
    (DENIED, "Incorrect username or password.", Code::WrongPassword),
    ("UserNotFoundException", "User does not exist.", Code::WrongPassword),
    (DENIED, "Password attempts exceeded", Code::TooManyAttempts),
    (DENIED, "User is disabled.", Code::AccountDisabled),
    (DENIED, "Temporary password has expired and must be reset by an administrator.", Code::InvitationExpired),
    (DENIED, "User account has expired, it must be reset by an administrator.", Code::InvitationExpired),
    (DENIED, "Invalid session for the user.", Code::SessionExpired),
    (DENIED, "Invalid session for the user, session is expired.", Code::SessionExpired),
    (DENIED, "Invalid session for the user, session can only be used once.", Code::SessionExpired),
    ("UserNotConfirmedException", "User is not confirmed.", Code::UserUnconfirmed),
    ("PasswordResetRequiredException", "Password reset required for the user", Code::PasswordResetRequired),
    ("CodeMismatchException", "Invalid code or auth state for the user.", Code::WrongCode),
    ("EnableSoftwareTokenMFAException", "Code mismatch", Code::WrongCode),
    ("InvalidPasswordException", "Password did not conform with policy: too short", Code::PasswordPolicy),
    ("PasswordHistoryPolicyViolationException", "Password has been used before", Code::PasswordPolicy),
    ("LimitExceededException", "Attempt limit exceeded, please try after some time.", Code::TooManyAttempts),
    ("TooManyFailedAttemptsException", "Too many failed attempts", Code::TooManyAttempts),
    ("InvalidParameterException", "USER_SRP_AUTH flow not enabled for this client", Code::SrpDisabled),
    ("InvalidParameterException", "Missing required parameter USERNAME", Code::SignInRefused),
    ("ResourceNotFoundException", "User pool client 1h57 does not exist.", Code::ClientNotFound),
    ("ResourceNotFoundException", "User pool ap-northeast-1_x does not exist.", Code::UserPoolNotFound),
    (DENIED, "Unable to verify secret hash for client 1h57", Code::ClientNotFound),
    ("InvalidLambdaResponseException", "Unrecognizable lambda output", Code::SignInRefused),
    ("UserLambdaValidationException", "PreAuthentication failed with error Not today.", Code::SignInRefused),
    ("UnexpectedLambdaException", "PreAuthentication invocation failed", Code::SignInRefused),
    ("ForbiddenException", "Request not allowed due to WAF block.", Code::SignInRefused),
    ("SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user.", Code::SignInRefused),
    ("SomethingNewException", "Nobody has seen this yet.", Code::SignInRefused),
];

#[tokio::test]
async fn every_refusal_has_its_code() {
    let double = Double::plain();
    let aws = double.aws();
    for (name, message, code) in TABLE {
        double.forget_calls();
        double.refuse("InitiateAuth", name, message);
        let failure = sign_in(&aws).await.expect_err(message);
        assert_eq!(failure.code, *code, "{name}: {message}");
        // A wrong password may be a wrong pool: its public keys are looked for, which no try counts.
        let calls: Vec<String> = double.calls().into_iter().filter(|call| call != "GetKeys").collect();
        assert_eq!(calls, ["InitiateAuth"], "{name}: trying again would not help");
        let message = failure.message(Language::English);
        assert!(!message.contains("{about}") && !message.contains("``"), "nothing is left blank: {message}");
        assert!(!message.contains(EMAIL), "{message}");
    }
}

#[tokio::test]
async fn a_mistake_in_the_site_file_is_named_with_its_value() {
    let double = Double::plain();
    let aws = double.aws();
    for (name, message, about) in [
        ("ResourceNotFoundException", "User pool client x does not exist.", CLIENT),
        ("ResourceNotFoundException", "User pool x does not exist.", ID),
        ("InvalidParameterException", "USER_SRP_AUTH is not enabled for this client.", CLIENT),
    ] {
        double.refuse("InitiateAuth", name, message);
        let failure = sign_in(&aws).await.expect_err(message);
        assert_eq!(failure.about, about, "{failure}");
    }
}

#[tokio::test]
async fn a_hook_s_words_reach_the_person() {
    let double = Double::plain();
    double.refuse(
        "RespondToAuthChallenge",
        "UserLambdaValidationException",
        "PreAuthentication failed: Not on Sundays",
    );
    let failure = expect_failure(sign_in(&double.aws()).await, Code::SignInRefused);
    assert!(failure.message(Language::Japanese).contains("Not on Sundays"), "{failure}");
}
