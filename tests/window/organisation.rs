//! The window on a computer that an organisation looks after.

use crate::support::cloud::cloud;
use crate::support::command::Desk;
use crate::support::ways::LANGUAGES;
use crate::support::window::Window;

const LITTLE: &str = r#"{"sites": "preseeded", "staySignedIn": false, "bench": false, "claimOpen": false}"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_one_site_opens_by_itself_and_what_is_off_is_explained() {
    let japanese = ("組織のポリシーにより、サインインは Fieldkey を終了するまで有効です", "組織が用意したサイト");
    let english = ("Your organisation does not let you stay signed in", "From your organisation");
    for (language, (no_stay, from)) in [("en", english), ("ja", japanese)] {
        let (desk, operator) = (Desk::new(), cloud().operator());
        desk.organisation(LITTLE);
        let window = Window::open(&desk, &format!("organisation-{language}"), &["--target", &desk.target()]).await;
        window.screen("sign-in").await;
        window.speak(language).await;
        let said = window.text("#stay-signed-in-hint").await;
        assert!(said.contains(no_stay), "{said}");
        window.sign_in(&operator.email, &operator.password).await;
        window.screen("provision").await;
        window.click("#nav-bench").await;
        window.find("#bench-off").await;
        window.shoot("bench").await;
        window.click("#site").await;
        window.click("#change-site").await;
        window.screen("sites").await;
        let listed = window.text("#sites").await;
        assert!(listed.contains(from) && listed.contains("plant.json"), "{listed}");
        window.find("#choose-off").await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_policy_is_said_and_another_site_is_not_opened() {
    for language in LANGUAGES {
        let desk = Desk::new();
        desk.organisation("{\n  \"bnech\": false\n}");
        let site = desk.path("site.json").display().to_string();
        let window = Window::open(&desk, &format!("policy-broken-{language}"), &["--site", &site]).await;
        window.screen("welcome").await;
        window.speak(language).await;
        window.find("#policy-note[data-code=policy-invalid]").await;
        let said = window.text("main").await;
        assert!(said.contains(["line 2", "2 行目"][usize::from(language == "ja")]), "the mistake is named: {said}");
        assert!(said.contains("`bench`"), "and what was meant: {said}");
        window.find("#trouble[data-code=policy-invalid]").await;
        window.close().await;
    }
}
