//! Sign-in with a password, and nothing else asked: SRP.

use fieldkey_cloud::Aws;
use fieldkey_core::{Code, Site};

use crate::support::aws::Double;
use crate::support::http::Reply;
use crate::support::pool::{CLIENT, EMAIL, INTERNAL, PASSWORD, Settings, User};
use crate::support::srp::Shape;
use crate::support::{expect_failure, expect_signed_in, secret, sign_in, signed_in};

#[tokio::test]
async fn numbers_of_every_shape_prove_the_password() {
    for shape in Shape::ALL {
        let double = Double::new(Settings { shape, ..Settings::default() }, User::default());
        let reply = sign_in(&double.aws()).await;
        assert!(reply.is_ok(), "salt and B of shape {shape:?} must be padded as the server pads them: {reply:?}");
        assert_eq!(double.calls(), ["InitiateAuth", "RespondToAuthChallenge"], "two calls are all it takes");
    }
}

#[tokio::test]
async fn the_typed_name_begins_and_the_pool_s_own_name_proves() {
    let double = Double::plain();
    let aws = double.aws();
    expect_signed_in(aws.sign_in(&format!(" {EMAIL}\n"), secret(PASSWORD), false).await);
    assert_eq!(
        double.bodies("InitiateAuth")[0]["AuthParameters"]["USERNAME"],
        EMAIL,
        "without a scanner's white space"
    );
    let proof = &double.bodies("RespondToAuthChallenge")[0];
    assert_eq!(proof["ChallengeResponses"]["USERNAME"], INTERNAL, "the pool's challenge says how it calls the person");
    assert!(proof["Session"].is_null(), "AWS gives no session with PASSWORD_VERIFIER; the secret block is the handle");
    let who = aws.who().await.expect("signed in");
    assert_eq!((who.name.as_str(), who.kept), (EMAIL, false), "no keychain: the session ends with the program");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_are_told_alike() {
    let double = Double::plain();
    let aws = double.aws();
    let wrong = expect_failure(aws.sign_in(EMAIL, secret("Wrong-horse-7"), true).await, Code::WrongPassword);
    let unknown = expect_failure(aws.sign_in("nobody@example.com", secret(PASSWORD), true).await, Code::WrongPassword);
    assert_eq!(wrong, unknown, "nobody learns here who has an account");
    assert_eq!(aws.who().await, None);
}

#[tokio::test]
async fn a_wrong_user_pool_is_not_taken_for_a_wrong_password() {
    let double = Double::plain();
    let other = "ap-northeast-1_Mistyped1";
    let aws = Aws::new(&Site { user_pool_id: other.into(), ..double.site() }, None, None, None).unwrap();
    let failure = expect_failure(sign_in(&aws).await, Code::UserPoolNotFound);
    assert_eq!(failure.about, other, "the client is right, so the pool behind it refuses the proof");
    assert_eq!(double.calls(), ["InitiateAuth", "RespondToAuthChallenge", "GetKeys"]);

    double.answer("GetKeys", Reply::new(503, "does not exist"));
    expect_failure(sign_in(&aws).await, Code::WrongPassword);
    double.answer("GetKeys", Reply::Cut(vec![]));
    expect_failure(sign_in(&aws).await, Code::WrongPassword);
}

#[tokio::test]
async fn five_wrong_passwords_lock_out_even_the_right_one() {
    let double = Double::plain();
    let aws = double.aws();
    for _ in 0..5 {
        expect_failure(aws.sign_in(EMAIL, secret("Wrong-horse-7"), true).await, Code::WrongPassword);
    }
    expect_failure(sign_in(&aws).await, Code::TooManyAttempts);
}

#[tokio::test]
async fn a_client_secret_is_hashed_with_the_name_of_the_same_request() {
    let double = Double::new(Settings { secret: true, ..Settings::default() }, User::default());
    signed_in(&double.aws()).await;
    let began = double.bodies("InitiateAuth")[0]["AuthParameters"]["SECRET_HASH"].clone();
    let proved = double.bodies("RespondToAuthChallenge")[0]["ChallengeResponses"]["SECRET_HASH"].clone();
    assert_ne!(began, proved, "the two requests name the person differently, and the double checked both");
}

#[tokio::test]
async fn a_client_secret_that_is_missing_or_wrong_names_the_client() {
    let double = Double::new(Settings { secret: true, ..Settings::default() }, User::default());
    for given in [None, Some("another-secret".into())] {
        let aws = Aws::new(&double.site(), None, given, None).unwrap();
        let failure = expect_failure(sign_in(&aws).await, Code::ClientNotFound);
        assert_eq!(failure.about, CLIENT, "that is what to look up");
    }
}
