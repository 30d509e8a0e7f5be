//! Several sites, each with a session of its own; site files by dialog, by double-click and by link.

use serde_json::json;

use crate::support::cloud::cloud;
use crate::support::command::Desk;
use crate::support::desktop::Bus;
use crate::support::window::Window;

#[tokio::test(flavor = "multi_thread")]
async fn two_sites_have_two_sessions_and_are_switched_with_two_clicks() {
    let (desk, here, there) = (Desk::new(), cloud().operator(), cloud().operator());
    let mut site = cloud().site();
    site["name"] = json!("大阪倉庫");
    std::fs::write(desk.path("osaka.json"), site.to_string()).expect("writable");
    let window = Window::signed_in(&desk, "two-sites", "en", &here).await;

    window.click("#site").await;
    window.click("#change-site").await;
    window.screen("sites").await;
    window.picture("sites").await;
    window.axe("sites").await;
    window.click("#choose-site").await;
    window.pick(&desk.path("osaka.json")).await;
    window.screen("sign-in").await;
    assert!(window.text("#site").await.contains("大阪倉庫"), "the other site is open");
    window.sign_in(&there.email, &there.password).await;
    window.screen("provision").await;
    assert!(window.text("#operator").await.contains(&there.email), "with its own operator");

    window.click("#site").await;
    window.shoot("switcher").await;
    window.axe("switcher").await;
    window.click("#switch-0").await;
    window.named("#operator", &here.email).await;
    window.screen("provision").await;
    window.click("#site").await;
    window.click("#switch-0").await;
    window.named("#operator", &there.email).await;

    window.speak("ja").await;
    window.click("#site").await;
    window.click("#change-site").await;
    window.screen("sites").await;
    window.picture("sites").await;
    window.axe("sites-ja").await;
    let list = window.text("#sites").await;
    assert!(list.contains(&here.email) && list.contains(&there.email), "each with its operator: {list}");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_and_a_link_reach_the_window_that_is_open() {
    let (desk, bus) = (Desk::new(), Bus::start());
    let mut broken = cloud().site();
    broken["regoin"] = json!("x");
    std::fs::write(desk.path("broken.fieldkey"), serde_json::to_string_pretty(&broken).expect("JSON"))
        .expect("writable");
    let window = Window::open_on(&desk, "handed-over", &[], &bus.address).await;
    window.screen("welcome").await;

    let broken = desk.path("broken.fieldkey").display().to_string();
    assert!(window.start_again(&desk, &[&broken], &bus.address).success(), "the second start ends by itself");
    window.find("#problems").await;
    window.shoot("broken").await;
    window.axe("broken").await;
    let problems = window.text("#problems").await;
    assert!(problems.contains("regoin"), "its mistakes are shown: {problems}");

    let link = url(&desk.path("site.json"));
    assert!(window.start_again(&desk, &[&link], &bus.address).success());
    window.screen("sign-in").await;
    assert!(window.text("#site").await.contains(cloud().site()["name"].as_str().expect("a name")));
    // A link to anywhere else opens nothing.
    assert!(window.start_again(&desk, &["fieldkey:site?url=https://example.com/site.json"], &bus.address).success());
    window.screen("sign-in").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_file_is_dropped_onto_the_window_and_its_mistakes_are_shown_by_line() {
    for (language, name) in [("en", "dropped"), ("ja", "dropped-ja")] {
        let desk = Desk::new();
        let mut broken = cloud().site();
        broken["regoin"] = json!("x");
        let text = serde_json::to_string_pretty(&broken).expect("JSON");
        let line = text.lines().position(|line| line.contains("regoin")).expect("there") + 1;
        std::fs::write(desk.path("broken.json"), text).expect("writable");
        let window = Window::open(&desk, name, &[]).await;
        window.screen("welcome").await;
        window.speak(language).await;
        window.drop(&[&desk.path("broken.json")]);
        window.find("#problems").await;
        window.picture("site-problems").await;
        window.axe("problems").await;
        let problems = window.text("#problems").await;
        assert!(problems.contains("regoin") && problems.contains(&line.to_string()), "line {line}: {problems}");
        window.click("#choose-site").await;
        window.pick(&desk.path("site.json")).await;
        window.screen("sign-in").await;
        window.close().await;
    }
}

fn url(path: &std::path::Path) -> String {
    format!("fieldkey:site?path={}", path.display())
}
