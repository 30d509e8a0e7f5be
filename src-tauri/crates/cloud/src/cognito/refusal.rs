//! What the user pool's refusals mean to the person.

use fieldkey_core::{Code, Failure, Site};

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
        "ExpiredCodeException" => refusal.failure(Code::WrongCode),
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => {
            plain(Code::PasswordPolicy).because(policy(&refusal.message))
        }
        "LimitExceededException" | "TooManyFailedAttemptsException" => plain(Code::TooManyAttempts),
        "ResourceNotFoundException" if refusal.says("client") => {
            refusal.failure(Code::ClientNotFound).about(&site.user_pool_client_id)
        }
        "ResourceNotFoundException" => refusal.failure(Code::UserPoolNotFound).about(&site.user_pool_id),
        "InvalidParameterException" => invalid_parameter(refusal, site),
        _ => refusal.failure(Code::SignInRefused),
    }
}

/// One exception for a dozen situations, told apart by words only.
fn not_authorized(refusal: &Refusal, site: &Site) -> Failure {
    let says = |words| refusal.says(words);
    let code = if says("attempts exceeded") {
        Code::TooManyAttempts
    } else if says("incorrect username or password") {
        Code::WrongPassword
    } else if says("user is disabled") {
        Code::AccountDisabled
    // Two wordings are on record: "Temporary password has expired and …", "User account has expired, it …".
    } else if says("must be reset by an administrator") || says("temporary password has expired") {
        Code::InvitationExpired
    } else if says("secret") {
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

/// The pool checks the form of what it gets before its meaning.
fn invalid_parameter(refusal: &Refusal, site: &Site) -> Failure {
    let says = |words| refusal.says(words);
    if says("not enabled for the client") || says("not enabled for this client") {
        Failure::new(Code::SrpDisabled).about(&site.user_pool_client_id)
    } else if says("'usercode'") || says("'confirmationcode'") {
        Failure::new(Code::WrongCode)
    } else if says("'password'") || says("'proposedpassword'") {
        refusal.failure(Code::PasswordPolicy)
    } else {
        refusal.failure(Code::SignInRefused)
    }
}

/// The pool's own words about the policy, without the phrase that every one begins with.
fn policy(message: &str) -> &str {
    let cut = "Password did not conform with policy: ";
    message.strip_prefix(cut).unwrap_or(message)
}
