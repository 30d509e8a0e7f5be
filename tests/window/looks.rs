//! How it looks to people who see little, or on a small screen: dark, in high contrast, at 200 %, in 800×600. axe finds
//! nothing, and nothing is cut off.

use crate::support::command::Desk;
use crate::support::window::Window;

const ZOOM_TO_200: usize = 5;

async fn practise(name: &str, language: &str) -> (Desk, Window) {
    let desk = Desk::new();
    let window = Window::open(&desk, name, &[]).await;
    window.screen("welcome").await;
    window.speak(language).await;
    (desk, window)
}

/// Every kind of screen, one after the other; by keys, because the driver's pointer does not know of sizes.
async fn walk(window: &Window) {
    look(window, "welcome").await;
    window.activate("#practise").await;
    window.screen("provision").await;
    look(window, "provision").await;
    window.activate("#sign-out").await;
    window.screen("sign-in").await;
    look(window, "sign-in").await;
    window.type_into("#email", "mori@example.com").await;
    window.type_into("#password", "practise-1").await;
    window.activate("#sign-in").await;
    window.screen("provision").await;
    window.activate_target("BAD CABLE").await;
    window.type_into("#serial-number", "LOOKS-1").await;
    window.activate("#provision").await;
    window.screen("running").await;
    look(window, "running").await;
    window.screen("failed").await;
    look(window, "failed").await;
    window.activate("#try-again").await;
    window.screen("done").await;
    look(window, "done").await;
    for place in ["bench", "devices", "journal"] {
        window.activate(&format!("#nav-{place}")).await;
        window.screen(place).await;
        look(window, place).await;
    }
    window.activate("#nav-devices").await;
    window.type_into("#device-query", "SN-0005").await;
    window.activate("#look-up").await;
    window.find("#thing-heading").await;
    look(window, "device").await;
    window.activate("#revoke-all").await;
    window.find("#change[open]").await;
    look(window, "question").await;
}

async fn look(window: &Window, screen: &str) {
    window.shoot(screen).await;
    window.axe(screen).await;
    let cut = window.cut_off().await;
    assert!(cut.is_empty(), "cut off on {screen}: {cut:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dark_theme_is_as_readable_as_the_light_one() {
    for (language, name) in [("en", "dark"), ("ja", "dark-ja")] {
        let (_desk, window) = practise(name, language).await;
        window.click("#settings").await;
        window.click("#theme-dark").await;
        window.find("html[data-theme=dark]").await;
        window.axe("settings").await;
        window.escape().await;
        walk(&window).await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_twice_the_size_nothing_is_cut_off() {
    for (language, name) in [("en", "zoomed"), ("ja", "zoomed-ja")] {
        let (desk, window) = practise(name, language).await;
        for _ in 0..ZOOM_TO_200 {
            window.keys("ctrl+equal");
        }
        window.zoomed_to(2.0).await;
        walk(&window).await;
        window.close().await;
        // The next start finds it as it was.
        let window = Window::open(&desk, name, &[]).await;
        window.zoomed_to(2.0).await;
        window.keys("ctrl+0");
        window.zoomed_to(1.0).await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_small_screen_nothing_is_cut_off() {
    for (language, name) in [("en", "small"), ("ja", "small-ja")] {
        let (_desk, window) = practise(name, language).await;
        window.resize(800, 600).await;
        walk(&window).await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_high_contrast_axe_finds_nothing() {
    for (language, name) in [("en", "contrast"), ("ja", "contrast-ja")] {
        let desk = Desk::new();
        let window = Window::in_high_contrast(&desk, name).await;
        window.screen("welcome").await;
        window.speak(language).await;
        assert!(window.prefers_contrast().await, "the page is told");
        walk(&window).await;
        window.close().await;
    }
}
