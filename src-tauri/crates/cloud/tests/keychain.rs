//! What outlives the program.

use fieldkey_cloud::WhoIsIt;
use fieldkey_core::Code;

use crate::support::aws::Double;
use crate::support::pool::{EMAIL, PASSWORD, Settings, User};
use crate::support::{Kept, expect_failure, expect_signed_in, secret, signed_in};

const TOKEN: &str = "/refresh-token";

#[tokio::test]
async fn a_second_program_does_not_ask_again() {
    let (kept, double) = (Kept::new(), Double::plain());
    signed_in(&double.program(kept.keychain())).await;
    double.forget_calls();

    let again = double.program(kept.keychain());
    assert!(again.resume(&EMAIL.to_lowercase()).await.expect("kept"), "letters' case does not make another person");
    assert_eq!(double.calls(), ["GetTokensFromRefreshToken"]);
    assert_eq!(again.who().await, Some(WhoIsIt { name: EMAIL.to_lowercase(), kept: true }));
    assert!(again.resume(EMAIL).await.expect("still signed in"));
    assert_eq!(double.calls().len(), 1, "whoever is signed in need not be signed in again");
}

#[tokio::test]
async fn another_person_and_a_machine_without_keychain_are_asked() {
    let (kept, double) = (Kept::new(), Double::plain());
    signed_in(&double.program(kept.keychain())).await;
    assert!(!double.program(kept.keychain()).resume("other@example.com").await.expect("nothing kept"));
    assert!(!double.program(None).resume(EMAIL).await.expect("no keychain"));
}

#[tokio::test]
async fn who_does_not_want_to_stay_leaves_nothing_behind() {
    let (kept, double) = (Kept::new(), Double::plain());
    signed_in(&double.program(kept.keychain())).await;
    assert_eq!(kept.texts(TOKEN).len(), 1);
    let aws = double.program(kept.keychain());
    expect_signed_in(aws.sign_in(EMAIL, secret(PASSWORD), false).await);
    assert!(kept.texts(TOKEN).is_empty(), "not even what an earlier sign-in had left");
    assert!(!aws.who().await.expect("signed in").kept);
}

#[tokio::test]
async fn a_keychain_that_fails_is_told_and_hinders_nobody() {
    let (kept, double) = (Kept::new(), Double::plain());
    signed_in(&double.program(kept.keychain())).await;
    let aws = double.program(kept.keychain());
    kept.fail(TOKEN);
    signed_in(&aws).await;
    assert!(!aws.who().await.expect("signed in").kept, "the person must know that they will be asked again");
    assert!(kept.texts(TOKEN).is_empty(), "what could not be replaced must not be found tomorrow");
}

#[tokio::test]
async fn a_used_up_token_does_not_stay_in_a_keychain_that_fails() {
    let (kept, double) = (Kept::new(), Double::new(Settings { rotates: true, ..Settings::default() }, User::default()));
    signed_in(&double.program(kept.keychain())).await;
    let again = double.program(kept.keychain());
    let (arrived, release) = double.hold("GetTokensFromRefreshToken");
    let (resumed, ()) = tokio::join!(again.resume(EMAIL), async {
        arrived.await.unwrap();
        kept.fail(TOKEN);
        release.send(()).unwrap();
    });
    assert!(resumed.expect("signed in"));
    assert!(!again.who().await.expect("signed in").kept);
    assert!(kept.texts(TOKEN).is_empty(), "the old one is worth nothing now");
}

#[tokio::test]
async fn sign_out_ends_the_session_here_in_the_keychain_and_at_the_pool() {
    for client_secret in [false, true] {
        let settings = Settings { secret: client_secret, ..Settings::default() };
        let (kept, double) = (Kept::new(), Double::new(settings, User::default()));
        let aws = double.program(kept.keychain());
        signed_in(&aws).await;
        aws.sign_out(None).await.expect("told");
        assert_eq!(aws.who().await, None);
        assert!(kept.texts(TOKEN).is_empty());
        assert_eq!(double.pool().good_refresh_tokens(), 0, "a stolen copy is of no use either");
        aws.sign_out(None).await.expect("nobody is there to sign out");
    }
}

#[tokio::test]
async fn a_program_that_signed_nobody_in_can_sign_out_whom_the_keychain_keeps() {
    let (kept, double) = (Kept::new(), Double::plain());
    signed_in(&double.program(kept.keychain())).await;
    double.program(kept.keychain()).sign_out(Some(EMAIL)).await.expect("told");
    assert!(kept.texts(TOKEN).is_empty());
    assert_eq!(double.pool().good_refresh_tokens(), 0);
}

#[tokio::test]
async fn signing_another_person_out_leaves_this_one_alone() {
    let (kept, double) = (Kept::new(), Double::plain());
    let aws = double.program(kept.keychain());
    signed_in(&aws).await;
    aws.sign_out(Some("other@example.com")).await.expect("nothing to do");
    assert!(aws.who().await.is_some());
    assert_eq!((kept.texts(TOKEN).len(), double.pool().good_refresh_tokens()), (1, 1));
}

#[tokio::test]
async fn sign_out_without_a_network_forgets_everything_here_and_says_so() {
    let (kept, double) = (Kept::new(), Double::plain());
    let aws = double.program(kept.keychain());
    signed_in(&aws).await;
    for _ in 0..4 {
        double.answer("RevokeToken", crate::support::http::Reply::Cut(vec![]));
    }
    expect_failure(aws.sign_out(None).await, Code::Offline);
    assert_eq!(aws.who().await, None);
    assert!(kept.texts(TOKEN).is_empty());
}

#[tokio::test]
async fn a_token_that_cannot_be_revoked_is_no_reason_to_stay() {
    let double = Double::plain();
    for (name, words) in [
        ("UnsupportedOperationException", "Token revocation is not enabled"),
        ("NotAuthorizedException", "Invalid Refresh Token"),
    ] {
        let aws = double.aws();
        signed_in(&aws).await;
        double.refuse("RevokeToken", name, words);
        aws.sign_out(None).await.expect("there is nothing that anybody could do about it");
    }
}
