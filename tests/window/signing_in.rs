//! Everything that may stand between an operator and the first screen: new passwords, codes, forgotten passwords, and
//! a session that ends in the middle of a run.

use std::process::Command;

use crate::support::clients_python;
use crate::support::cloud::{Operator, cloud};
use crate::support::command::Desk;
use crate::support::device::Device;
use crate::support::proxy::{Proxy, Spoil};
use crate::support::ways::{ENTER, LANGUAGES};
use crate::support::window::Window;

const NEW_PASSWORD: &str = "Gloves-0n-the-ladder";
/// The practise site takes any that is long enough.
const ANY_PASSWORD: &str = "practise-1";
/// The practise site asks for this one.
const SHOWN_CODE: &str = "123456";

/// What the authenticator app on the operator's telephone says.
fn authenticator(desk: &Desk, operator: &Operator, words: &[&str]) -> String {
    let mut app = Command::new(clients_python());
    let app = app.arg(crate::support::support("authenticator.py")).args(words).env("SITE", desk.path("site.json"));
    let said = app.env("EMAIL", &operator.email).env("FIELDKEY_PASSWORD", &operator.password).output();
    let said = said.expect("python runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).expect("UTF-8").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_of_a_sign_in_is_practised_in_both_languages() {
    for (language, name) in [("en", "questions"), ("ja", "questions-ja")] {
        let desk = Desk::new();
        let window = Window::open(&desk, name, &[]).await;
        window.screen("welcome").await;
        window.speak(language).await;
        window.click("#practise").await;
        window.screen("provision").await;
        window.click("#sign-out").await;
        window.screen("sign-in").await;
        window.picture("sign-in").await;
        window.axe("sign-in").await;

        window.sign_in("new@example.com", ANY_PASSWORD).await;
        window.screen("challenge-new-password").await;
        window.fill("#new-password", "short").await;
        window.fill("#new-password-again", "short").await;
        window.click("#set-password").await;
        window.find("#new-password[aria-invalid=true]").await;
        window.picture("new-password").await;
        window.axe("challenge-new-password").await;
        window.fill("#new-password", NEW_PASSWORD).await;
        window.fill("#new-password-again", NEW_PASSWORD).await;
        window.press(ENTER).await;
        window.screen("provision").await;
        window.click("#sign-out").await;

        window.screen("sign-in").await;
        window.sign_in("mfa@example.com", ANY_PASSWORD).await;
        window.screen("challenge-code").await;
        window.fill("#code", "000000").await;
        window.press(ENTER).await;
        window.find("[role=alert]").await;
        window.picture("code").await;
        window.axe("challenge-code").await;
        window.fill("#code", SHOWN_CODE).await;
        window.press(ENTER).await;
        window.screen("provision").await;
        window.click("#sign-out").await;

        window.screen("sign-in").await;
        window.click("#forgot-password").await;
        window.screen("forgot-password").await;
        window.picture("forgot-password").await;
        window.axe("forgot-password").await;
        window.fill("#email", "mori@example.com").await;
        window.press(ENTER).await;
        window.screen("reset-password").await;
        assert!(window.text("main").await.contains("m***@e***"), "it says where the code went");
        window.picture("reset-password").await;
        window.axe("reset-password").await;
        window.fill("#code", SHOWN_CODE).await;
        window.fill("#new-password", NEW_PASSWORD).await;
        window.fill("#new-password-again", NEW_PASSWORD).await;
        window.press(ENTER).await;
        window.screen("sign-in").await;
        window.find(".note.good").await;
        let page = window.everything().await;
        assert!(!page.contains(NEW_PASSWORD), "the page keeps no password");
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_the_authenticator_app_is_asked_for_and_a_wrong_one_can_be_typed_again() {
    for language in LANGUAGES {
        let (desk, operator) = (Desk::new(), cloud().operator());
        let secret = authenticator(&desk, &operator, &["register"]);
        let window = Window::at_site(&desk, &format!("authenticator-{language}")).await;
        window.screen("sign-in").await;
        window.speak(language).await;
        window.sign_in(&operator.email, &operator.password).await;
        window.screen("challenge-code").await;
        window.fill("#code", "000000").await;
        window.press(ENTER).await;
        window.find("[role=alert]").await;
        window.fill("#code", &authenticator(&desk, &operator, &["code", &secret])).await;
        window.press(ENTER).await;
        window.screen("provision").await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_mid_run_is_renewed_and_the_run_tried_again_with_the_same_choices() {
    for language in LANGUAGES {
        let serial = format!("WINDOW-20-{language}");
        let proxy = Proxy::before(cloud().port());
        let (desk, operator) = (Desk::with_site(&cloud().site_at(&proxy.url)), cloud().operator());
        let window = Window::signed_in(&desk, &format!("session-ends-{language}"), language, &operator).await;
        // The administrator signs the operator out everywhere: what was handed out is worth nothing any more.
        let over = |message| Spoil::Answer(400, message);
        proxy.spoil(
            "provisioning-claim",
            Spoil::Answer(
                403,
                r#"{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}"#,
            ),
            1,
        );
        for call in ["GetId", "GetCredentialsForIdentity"] {
            proxy.spoil(
                call,
                over(r#"{"__type":"NotAuthorizedException","message":"Invalid login token. Token expired"}"#),
                2,
            );
        }
        proxy.spoil(
            "GetTokensFromRefreshToken",
            over(r#"{"__type":"NotAuthorizedException","message":"Refresh Token has been revoked"}"#),
            9,
        );
        window.fill("#serial-number", &serial).await;
        window.click("#provision").await;
        window.screen("failed").await;
        window.find("#run-state[data-code=session-expired]").await;
        window.axe("session-expired").await;
        assert!(desk.files().is_empty(), "nothing was written: {:?}", desk.files());

        proxy.mend();
        window.press(ENTER).await;
        window.screen("sign-in").await;
        window.fill("#password", &operator.password).await;
        window.press(ENTER).await;
        window.screen("provision").await;
        let device = Device::on(&desk.path("drive"), &desk.path("flash"));
        let kept = window.find("#serial-number").await.prop("value").await.expect("a value");
        assert_eq!(kept.as_deref(), Some(serial.as_str()), "what was typed is still there");
        window.click("#provision").await;
        window.screen("done").await;
        assert!(device.finish().status.success());
        window.close().await;
    }
}
