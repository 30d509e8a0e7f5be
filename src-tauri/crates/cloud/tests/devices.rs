//! Pools that remember devices.

use fieldkey_core::Code;

use crate::support::aws::Double;
use crate::support::pool::{Devices, EMAIL, INTERNAL, PASSWORD, Settings, User};
use crate::support::srp::Shape;
use crate::support::{Kept, code, expect_challenge, expect_failure, expect_signed_in, secret, sign_in, signed_in};

/// A pool that asks for a code by text message on every device but a remembered one.
fn remembering(devices: Devices) -> Settings {
    Settings { devices, ..Settings::default() }
}

fn with_sms() -> User {
    User { second: &["SMS_MFA"], ..User::default() }
}

async fn first_sign_in(double: &Double, kept: &Kept) {
    let aws = double.program(kept.keychain());
    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
    assert_eq!(double.pool().remembered(), 1);
    double.forget_calls();
}

#[tokio::test]
async fn a_remembered_computer_proves_itself_instead_of_a_code() {
    for shape in [Shape::TopBit, Shape::OddLength, Shape::Short] {
        let kept = Kept::new();
        let double = Double::new(Settings { shape, ..remembering(Devices::Always) }, with_sms());
        first_sign_in(&double, &kept).await;
        let reply = sign_in(&double.program(kept.keychain())).await;
        assert!(reply.is_ok(), "{shape:?}: {reply:?}");
        let challenges: Vec<_> = double.bodies("RespondToAuthChallenge");
        let names: Vec<_> = challenges.iter().map(|body| body["ChallengeName"].as_str().unwrap()).collect();
        assert_eq!(names, ["PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"]);
        assert!(challenges.iter().all(|body| body["ChallengeResponses"]["USERNAME"] == INTERNAL));
        let numbers = [&double.bodies("InitiateAuth")[0]["AuthParameters"], &challenges[1]["ChallengeResponses"]];
        assert_ne!(numbers[0]["SRP_A"], numbers[1]["SRP_A"], "each proof has a secret number of its own");
        assert_eq!(double.count("ConfirmDevice"), 0, "once is enough");
    }
}

#[tokio::test]
async fn a_client_secret_goes_with_the_device_s_proof_too() {
    let kept = Kept::new();
    let double = Double::new(Settings { secret: true, ..remembering(Devices::Always) }, with_sms());
    first_sign_in(&double, &kept).await;
    signed_in(&double.program(kept.keychain())).await;
}

#[tokio::test]
async fn where_the_person_decides_staying_signed_in_is_the_decision() {
    for (stay, remembered) in [(true, 1), (false, 0)] {
        let (kept, double) = (Kept::new(), Double::new(remembering(Devices::OptIn), User::default()));
        let aws = double.program(kept.keychain());
        expect_signed_in(aws.sign_in(EMAIL, secret(PASSWORD), stay).await);
        assert_eq!(double.count("ConfirmDevice"), 1, "without it the refresh token would be of no use");
        assert_eq!(double.count("UpdateDeviceStatus"), remembered);
        assert_eq!(double.pool().remembered(), remembered, "a shared computer is not remembered behind one's back");
    }
}

#[tokio::test]
async fn a_device_that_the_pool_forgot_signs_in_like_a_new_one() {
    for knows_devices_early in [true, false] {
        let kept = Kept::new();
        let settings = Settings { knows_devices_early, ..remembering(Devices::Always) };
        let double = Double::new(settings, with_sms());
        first_sign_in(&double, &kept).await;
        let before = kept.texts("/device");
        double.pool().forget_devices();
        first_sign_in(&double, &kept).await;
        assert_ne!(kept.texts("/device"), before, "the computer is known under its new key from now on");
        signed_in(&double.program(kept.keychain())).await;
    }
}

#[tokio::test]
async fn a_device_secret_that_does_not_fit_is_not_the_person_s_fault() {
    let kept = Kept::new();
    let double = Double::new(remembering(Devices::Always), with_sms());
    first_sign_in(&double, &kept).await;
    let stored = kept.texts("/device").remove(0);
    let (keys, _) = stored.rsplit_once('\n').unwrap();
    kept.set("/device", &format!("{keys}\nanother-password"));

    let aws = double.program(kept.keychain());
    expect_challenge(sign_in(&aws).await);
    expect_signed_in(aws.answer(code(&double.pool().last_code())).await);
}

#[tokio::test]
async fn tokens_are_renewed_in_the_name_of_the_device() {
    let kept = Kept::new();
    let double = Double::new(remembering(Devices::Always), with_sms());
    first_sign_in(&double, &kept).await;
    let again = double.program(kept.keychain());
    assert!(again.resume(EMAIL).await.expect("renewed"));
    assert!(
        double.bodies("GetTokensFromRefreshToken")[0]["DeviceKey"].is_string(),
        "the pool wants it beside the token"
    );

    double.pool().forget_devices();
    expect_failure(double.program(kept.keychain()).resume(EMAIL).await, Code::SessionExpired);
}

#[tokio::test]
async fn a_pool_that_does_not_take_the_computer_still_signs_the_person_in() {
    let (kept, double) = (Kept::new(), Double::new(remembering(Devices::Always), User::default()));
    double.refuse("ConfirmDevice", "InvalidParameterException", "no more devices");
    signed_in(&double.program(kept.keychain())).await;
    assert!(kept.texts("/device").is_empty(), "a computer that is not known must not say it is");
}
