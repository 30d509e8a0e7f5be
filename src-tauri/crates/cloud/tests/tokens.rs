//! Fresh tokens for old.

use std::sync::Arc;

use fieldkey_core::{Cloud, Code};

use crate::support::aws::Double;
use crate::support::http::Reply;
use crate::support::pool::{Devices, EMAIL, INTERNAL, Settings, User};
use crate::support::{Kept, expect_failure, secret, signed_in};

const TOKEN: &str = "/refresh-token";

fn rotating() -> Double {
    Double::new(Settings { rotates: true, ..Settings::default() }, User::default())
}

#[tokio::test]
async fn a_rotated_token_is_kept_before_it_serves() {
    let (kept, double) = (Kept::new(), rotating());
    signed_in(&double.program(kept.keychain())).await;
    let first = kept.texts(TOKEN);
    for _ in 0..2 {
        assert!(double.program(kept.keychain()).resume(EMAIL).await.expect("the newest token is the kept one"));
    }
    assert_ne!(kept.texts(TOKEN), first);

    kept.set(TOKEN, &first[0]);
    expect_failure(double.program(kept.keychain()).resume(EMAIL).await, Code::SessionExpired);
    assert!(kept.texts(TOKEN).is_empty(), "a token that is used up is not tried again tomorrow");
}

#[tokio::test]
async fn two_programs_of_one_person_share_the_newest_token() {
    let (kept, double) = (Kept::new(), rotating());
    let window = double.program(kept.keychain());
    signed_in(&window).await;
    assert!(double.program(kept.keychain()).resume(EMAIL).await.expect("the command line rotates it"));
    double.pool().expire_id_tokens();
    window.credentials().await.expect("the window finds what the command line left");
}

#[tokio::test]
async fn a_token_rotated_for_someone_who_gave_up_is_not_lost() {
    let (kept, double) = (Kept::new(), rotating());
    let aws = Arc::new(double.program(kept.keychain()));
    signed_in(&aws).await;
    double.pool().expire_id_tokens();
    let before = kept.texts(TOKEN);
    let (arrived, release) = double.hold("GetTokensFromRefreshToken");
    let asking = tokio::spawn({
        let aws = Arc::clone(&aws);
        async move { aws.credentials().await }
    });
    arrived.await.unwrap();
    asking.abort();
    assert!(asking.await.expect_err("given up").is_cancelled());
    release.send(()).unwrap();

    aws.credentials().await.expect("the renewal went on without its asker");
    assert_eq!(double.count("GetTokensFromRefreshToken"), 1, "and served the next one");
    assert_ne!(kept.texts(TOKEN), before);
}

#[tokio::test]
async fn an_older_pool_is_asked_the_old_way_under_the_pool_s_own_name() {
    for secret in [false, true] {
        let settings = Settings { old: true, secret, devices: Devices::Always, ..Settings::default() };
        let (kept, double) = (Kept::new(), Double::new(settings, User::default()));
        signed_in(&double.program(kept.keychain())).await;
        double.forget_calls();
        assert!(double.program(kept.keychain()).resume(EMAIL).await.expect("renewed"), "the keychain knew {INTERNAL}");
        assert_eq!(double.calls(), ["GetTokensFromRefreshToken", "InitiateAuth"], "the newer call is tried first");
    }
}

#[tokio::test]
async fn the_pool_s_own_name_is_known_even_if_only_the_token_tells_it() {
    let user = User { first: &["EMAIL_OTP"], ..User::default() };
    let settings = Settings { flows: &["USER_AUTH"], old: true, secret: true, ..Settings::default() };
    let (kept, double) = (Kept::new(), Double::new(settings, user));
    let aws = double.program(kept.keychain());
    aws.sign_in(EMAIL, secret("unused"), true).await.expect("asks");
    aws.answer(fieldkey_cloud::Answer::FirstFactor(fieldkey_cloud::FirstFactor::Email)).await.expect("asks");
    aws.answer(crate::support::code(&double.pool().last_code())).await.expect("signed in");
    assert!(double.program(kept.keychain()).resume(EMAIL).await.expect("hashed with {INTERNAL}"));
}

#[tokio::test]
async fn a_client_that_renews_in_neither_way_means_signing_in_again() {
    let settings = Settings { old: true, rotates: true, ..Settings::default() };
    let (kept, double) = (Kept::new(), Double::new(settings, User::default()));
    signed_in(&double.program(kept.keychain())).await;
    expect_failure(double.program(kept.keychain()).resume(EMAIL).await, Code::SessionExpired);
}

#[tokio::test]
async fn a_revoked_session_ends_once_and_then_asks_for_a_sign_in() {
    let (kept, double) = (Kept::new(), Double::plain());
    let aws = double.program(kept.keychain());
    signed_in(&aws).await;
    double.pool().expire_id_tokens();
    double.pool().revoke_all();
    expect_failure(aws.credentials().await, Code::SessionExpired);
    assert_eq!(aws.who().await, None, "nobody is shown as signed in who is not");
    expect_failure(aws.credentials().await, Code::SignInRequired);
    assert!(kept.texts(TOKEN).is_empty());
    assert!(!aws.resume(EMAIL).await.expect("nothing kept any more"));
    signed_in(&aws).await;
    aws.credentials().await.expect("and all is well again");
}

#[tokio::test]
async fn what_says_nothing_against_the_token_does_not_cost_it() {
    let (kept, double) = (Kept::new(), Double::plain());
    signed_in(&double.program(kept.keychain())).await;
    for (name, words, code) in [
        ("UserLambdaValidationException", "PreTokenGeneration failed with error Not today.", Code::SignInRefused),
        ("NotAuthorizedException", "User is disabled.", Code::AccountDisabled),
        ("ForbiddenException", "Request not allowed due to WAF block.", Code::SignInRefused),
        ("ResourceNotFoundException", "User pool client 1h57 does not exist.", Code::ClientNotFound),
    ] {
        double.refuse("GetTokensFromRefreshToken", name, words);
        expect_failure(double.program(kept.keychain()).resume(EMAIL).await, code);
        assert_eq!(kept.texts(TOKEN).len(), 1, "{name} may be over tomorrow");
    }
    for _ in 0..4 {
        double.answer("GetTokensFromRefreshToken", Reply::new(503, ""));
    }
    expect_failure(double.program(kept.keychain()).resume(EMAIL).await, Code::ServiceError);
    assert!(double.program(kept.keychain()).resume(EMAIL).await.expect("as good as before"));
}

#[tokio::test]
async fn every_way_of_saying_that_a_token_is_over_means_signing_in_again() {
    let double = Double::plain();
    for (name, words) in [
        ("NotAuthorizedException", "Refresh Token has been revoked"),
        ("NotAuthorizedException", "Refresh Token has expired"),
        ("NotAuthorizedException", "Invalid Refresh Token"),
        ("NotAuthorizedException", "Invalid device key given."),
        ("RefreshTokenReuseException", "Refresh token reuse detected"),
        ("UserNotFoundException", "User does not exist."),
        ("ResourceNotFoundException", "Device does not exist."),
    ] {
        let kept = Kept::new();
        signed_in(&double.program(kept.keychain())).await;
        double.refuse("GetTokensFromRefreshToken", name, words);
        expect_failure(double.program(kept.keychain()).resume(EMAIL).await, Code::SessionExpired);
    }
}
