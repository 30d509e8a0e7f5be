//! The window, clicked through as an installer would, against the local cloud.

use serde_json::json;

use crate::support::cloud::cloud;
use crate::support::command::Desk;
use crate::support::device::Device;
use crate::support::ways::LANGUAGES;
use crate::support::window::Window;

const NEW_PASSWORD: &str = "Gloves-0n-the-ladder";

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sign_in_ends_with_a_registered_device() {
    for language in LANGUAGES {
        let (desk, operator) = (Desk::new(), cloud().invited());
        let window = Window::at_site(&desk, &format!("main-job-{language}")).await;
        window.screen("sign-in").await;
        window.speak(language).await;
        window.sign_in(&operator.email, &operator.password).await;
        window.screen("challenge-new-password").await;
        window.fill("#new-password", NEW_PASSWORD).await;
        window.fill("#new-password-again", NEW_PASSWORD).await;
        window.click("#set-password").await;

        window.screen("provision").await;
        let device = Device::on(&desk.path("drive"), &desk.path("flash"));
        window.fill("#serial-number", &format!("WINDOW-1-{language}")).await;
        window.shoot("provision-ready").await;
        window.click("#provision").await;
        window.find("#countdown").await;
        window.screen("running").await;
        window.screen("done").await;
        window.find("#registered").await;
        assert!(device.finish().status.success());
        let registry = cloud().registry(&format!("Fleet_Index_WINDOW-1-{language}"));
        assert_eq!(registry["certificates"][0]["status"], "ACTIVE", "{registry}");

        window.click("#next-device").await;
        window.screen("provision").await;
        assert_eq!(
            window.find("#serial-number").await.prop("value").await.expect("a value").as_deref(),
            Some(""),
            "nothing is left of the last device"
        );
        let page = window.everything().await;
        for secret in [&operator.password, NEW_PASSWORD, "PRIVATE KEY", "BEGIN CERTIFICATE"] {
            assert!(!page.contains(secret), "the page holds a secret");
        }
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_in_the_language_of_the_window() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let window = Window::at_site(&desk, "japanese").await;
    window.screen("sign-in").await;
    window.click("#language").await;
    window.find("html[lang=ja]").await;
    window.screen("sign-in").await;
    window.sign_in(&operator.email, "Wrong-Passw0rd").await;
    window.find("[role=alert]").await;
    let said = window.text("[role=alert]").await;
    assert!(said.contains("メールアドレスまたはパスワードが違います"), "{said}");
    window.shoot("wrong-password").await;

    window.fill("#password", &operator.password).await;
    window.click("#sign-in").await;
    window.screen("provision").await;
    let device = Device::on(&desk.path("drive"), &desk.path("flash"));
    window.fill("#serial-number", "WINDOW-2").await;
    window.shoot("provision-ready").await;
    window.click("#provision").await;
    window.screen("done").await;
    assert!(device.finish().status.success());
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_the_device_is_replaced_only_after_a_question() {
    for language in LANGUAGES {
        let (desk, operator) = (Desk::new(), cloud().operator());
        std::fs::write(desk.path("drive/identity.json"), "{}").expect("writable");
        let window = Window::signed_in(&desk, &format!("replace-{language}"), language, &operator).await;
        window.fill("#serial-number", &format!("WINDOW-3-{language}")).await;
        window.click("#provision").await;
        window.screen("failed").await;
        window.find("#run-state[data-code=identity-present]").await;
        assert_eq!(desk.files(), ["identity.json"], "nothing was touched");
        let refused = &desk.history()[0];
        assert_eq!((&refused["step"], &refused["operator"]), (&json!("target"), &json!(operator.email)), "{refused}");
        window.click("#replace").await;
        window.find("#confirm-replace").await;
        window.shoot("question").await;
        let device = Device::on(&desk.path("drive"), &desk.path("flash"));
        window.click("#confirm-replace #replace-it").await;
        window.screen("done").await;
        assert!(device.finish().status.success());
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_a_run_leaves_what_is_whole() {
    for language in LANGUAGES {
        let (desk, operator) = (Desk::new(), cloud().operator());
        let window = Window::signed_in(&desk, &format!("cancel-{language}"), language, &operator).await;
        window.fill("#serial-number", &format!("WINDOW-4-{language}")).await;
        window.click("#provision").await;
        window.find("#run-state[data-state=waiting]").await;
        window.shoot("waiting").await;
        window.click("#cancel").await;
        window.click("#confirm-cancel #stop").await;
        window.screen("failed").await;
        window.find("#run-state[data-code=interrupted]").await;
        assert_eq!(desk.files().len(), 4);
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_site_file_is_named_at_the_start() {
    let mut site = cloud().site();
    site["regoin"] = "x".into();
    let desk = Desk::with_site(&site);
    let window = Window::at_site(&desk, "broken-site").await;
    window.screen("welcome").await;
    let said = window.text("main").await;
    assert!(said.contains("regoin"), "the mistake is named: {said}");
    window.close().await;
}
