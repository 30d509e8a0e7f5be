//! What the user pool's refusals mean to the person.

use fieldkey_core::{Code, Failure};

use crate::connection::Connection;
use crate::refusal::Refusal;

/// The code for a refusal of the user pool.
pub(crate) fn failure(refusal: &Refusal, connection: &Connection) -> Failure {
    let site = &connection.site;
    if let Some(common) = refusal.common(&connection.idp_host()) {
        return common;
    }
    let plain = Failure::new;
    match refusal.name.as_str() {
        "NotAuthorizedException" => not_authorized(refusal, site),
        // In the same words as a wrong password: nobody learns here who has an account.
        "UserNotFoundException" => plain(Code::WrongPassword),
        "UserNotConfirmedException" => plain(Code::UserUnconfirmed),
        "PasswordResetRequiredException" => plain(Code::PasswordResetRequired),
        "CodeMismatchException" | "EnableSoftwareTokenMFAException" => match connection.clock.check() {
            Ok(()) => plain(Code::WrongCode),
            Err(skew) => skew,
        },
        "ExpiredCodeException" => plain(Code::WrongCode).because(&refusal.message),
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => {
            plain(Code::PasswordPolicy).because(policy(&refusal.message))
        }
        "LimitExceededException" | "TooManyFailedAttemptsException" => plain(Code::TooManyAttempts),
        "ResourceNotFoundException" if refusal.says("client") => {
            refusal.failure(Code::ClientNotFound).about(&site.user_pool_client_id)
        }
        "ResourceNotFoundException" => refusal.failure(Code::UserPoolNotFound).about(&site.user_pool_id),
        "InvalidParameterException" if refusal.says("not enabled for the client") => {
            plain(Code::SrpDisabled).about(&site.user_pool_client_id)
        }
        _ => refusal.failure(Code::SignInRefused),
    }
}

/// One exception for a dozen situations, told apart by words only.
fn not_authorized(refusal: &Refusal, site: &fieldkey_core::Site) -> Failure {
    let says = |words| refusal.says(words);
    let code = if says("attempts exceeded") {
        Code::TooManyAttempts
    } else if says("incorrect username or password") {
        Code::WrongPassword
    } else if says("disabled") {
        Code::AccountDisabled
    } else if says("temporary password has expired") {
        Code::InvitationExpired
    } else if says("secret hash") || says("secretHash") || says("client secret") || says("invalid client") {
        return refusal.failure(Code::ClientNotFound).about(&site.user_pool_client_id);
    } else if says("session") || says("token") || says("expired") {
        Code::SessionExpired
    } else if says("reset") || says("recovery") {
        Code::PasswordResetForbidden
    } else {
        return refusal.failure(Code::SignInRefused);
    };
    Failure::new(code)
}

/// The pool's own words about the policy, without the phrase that every one begins with.
fn policy(message: &str) -> &str {
    let cut = "Password did not conform with policy: ";
    message.strip_prefix(cut).unwrap_or(message)
}
