//! The help desk: look up, prove, deactivate, revoke, re-issue; at the practise site and at the local cloud.

use serde_json::json;

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::identity::Identity;
use crate::support::ways::ENTER;
use crate::support::window::Window;

async fn device(window: &Window, query: &str) {
    window.go_to("devices").await;
    window.fill("#device-query", query).await;
    window.press(ENTER).await;
    window.find("#thing-heading").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_device_is_looked_up_and_its_certificates_revoked_by_name() {
    for (language, name, revoke) in [("en", "revoke", "Revoke"), ("ja", "revoke-ja", "失効")] {
        let desk = Desk::new();
        let window = Window::practising(&desk, name, language).await;
        device(&window, "SN-0005").await;
        window.shoot("two-certificates").await;
        window.click("#revoke-all").await;
        window.find("#change[open]").await;
        window.picture("revoke").await;
        window.axe("revoke").await;
        let asked = window.text("#change").await;
        assert!(asked.contains("Practise_SN-0005"), "the thing is named: {asked}");
        window.fill("#typed-name", "Practise_SN-0005").await;
        window.click("#change-yes").await;
        window.find("#changed").await;
        window.shoot("revoked").await;
        window.go_to("journal").await;
        assert!(window.text("#journal-table").await.contains(revoke), "and who did it is recorded");
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_reissued_by_keyboard_alone() {
    for (language, name) in [("en", "reissue"), ("ja", "reissue-ja")] {
        let desk = Desk::new();
        let window = Window::practising(&desk, name, language).await;
        device(&window, "SN-0001").await;
        window.tab_to("#to-reissue").await;
        window.press(ENTER).await;
        window.find("#targets").await;
        window.tab_to("input[name=target]").await;
        window.press(" ").await;
        window.axe("reissue").await;
        window.picture("reissue").await;
        window.press(ENTER).await;
        window.find("#confirm-reissue").await;
        window.shoot("question").await;
        window.tab_to("#reissue-yes").await;
        window.press(ENTER).await;
        window.find("#run-state").await;
        window.shoot("running").await;
        window.find_within("#run-state[data-state=finished]", std::time::Duration::from_secs(60)).await;
        window.shoot("finished").await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_local_cloud_a_device_is_proved_and_switched_off() {
    for (language, name, serial) in [("en", "help-desk", "WINDOW-8"), ("ja", "help-desk-ja", "WINDOW-7")] {
        let (desk, operator, helpdesk) = (Desk::new(), cloud().operator(), cloud().helpdesk());
        Said::by(&mut desk.enroll(&operator, serial, &["--via", "api"])).result();
        let id = Identity::on(&desk.path("drive")).id().to_owned();
        let window = Window::signed_in(&desk, name, language, &helpdesk).await;
        device(&window, &id).await;
        assert!(window.text("main h1").await.contains(&format!("Fleet_Index_{serial}")), "found by its certificate");
        window.shoot("device").await;

        window.click("#to-verify").await;
        window.find("#targets").await;
        window.choose_target("drive").await;
        window.shoot("verify").await;
        window.axe("verify").await;
        window.click("#verify").await;
        window.find("#checks [data-check=key-match][data-verdict=passed]").await;
        window.find("#run-state[data-state]").await;
        window.picture("verify").await;
        window.axe("verified").await;

        window.click("#to-device").await;
        window.click("#deactivate-all").await;
        window.find("#change[open]").await;
        window.shoot("question").await;
        window.click("#change-yes").await;
        window.find("#changed").await;
        let registry = cloud().registry(&format!("Fleet_Index_{serial}"));
        assert_eq!(registry["certificates"][0]["status"], "INACTIVE", "{registry}");
        window.click("#to-verify").await;
        std::fs::remove_file(desk.path("drive/identity.json")).expect("it is there");
        window.find("#targets").await;
        window.choose_target("drive").await;
        window.click("#verify").await;
        window.find("[data-code=identity-invalid]").await;
        let unread = &desk.history()[0];
        assert_eq!(
            (&unread["job"], &unread["step"], &unread["target"]),
            (&json!("verify"), &json!("read"), &json!(desk.target()))
        );
        assert_eq!(unread["operator"], json!(helpdesk.email), "whoever is signed in is on record: {unread}");
        let page = window.everything().await;
        for secret in [&helpdesk.password, "PRIVATE KEY", "BEGIN CERTIFICATE"] {
            assert!(!page.contains(secret), "the page holds a secret");
        }
        window.close().await;
    }
}
