//! A first look: no site file, no AWS, no device. What a person without any of it can walk through.

use std::time::Duration;

use crate::support::command::Desk;
use crate::support::ways::ENTER;
use crate::support::window::Window;

async fn provision(window: &Window, label: &str, serial: &str) {
    window.choose_target(label).await;
    window.fill("#serial-number", serial).await;
    window.click("#provision").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_look_walks_every_place_in_both_languages_and_axe_finds_nothing() {
    for (language, name) in [("en", "practice"), ("ja", "practice-ja")] {
        let desk = Desk::new();
        let window = Window::open(&desk, name, &[]).await;
        window.screen("welcome").await;
        window.speak(language).await;
        window.picture("welcome").await;
        window.axe("welcome").await;
        window.click("#practise").await;
        window.screen("provision").await;
        window.picture("provision").await;
        window.axe("provision").await;
        provision(&window, "PRACTISE 01", "WINDOW-1").await;
        window.screen("running").await;
        window.picture("running").await;
        window.axe("running").await;
        window.screen("done").await;
        window.find("#registered").await;
        window.picture("done").await;
        window.axe("done").await;

        window.go_to("bench").await;
        window.axe("bench").await;
        window.go_to("devices").await;
        window.picture("devices").await;
        window.fill("#device-query", "SN-0004").await;
        window.click("#look-up").await;
        window.find("#thing-heading").await;
        window.picture("device").await;
        window.axe("device").await;
        window.go_to("journal").await;
        window.find("#journal-table tbody tr").await;
        window.click("#check-journal").await;
        window.find("#chain[data-state=whole]").await;
        window.picture("journal").await;
        window.axe("journal").await;
        window.click("#settings").await;
        window.find("dialog[open]").await;
        window.picture("settings").await;
        window.axe("settings").await;
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_and_trying_again_helps() {
    let desk = Desk::new();
    let window = Window::practising(&desk, "practice-faults", "en").await;
    provision(&window, "BAD CABLE", "WINDOW-2").await;
    window.screen("failed").await;
    window.find("#run-state[data-code=verify-mismatch]").await;
    window.picture("failed").await;
    window.axe("failed").await;
    window.speak("ja").await;
    window.picture("failed").await;
    window.click("#try-again").await;
    window.screen("done").await;
    window.click("#next-device").await;
    window.screen("provision").await;
    provision(&window, "FULL", "WINDOW-3").await;
    window.find("#run-state[data-code=target-full]").await;
    window.shoot("full").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_devices_are_provisioned_side_by_side() {
    const DEVICES: usize = 32;
    let desk = Desk::new();
    let window = Window::practising(&desk, "bench", "en").await;
    window.go_to("bench").await;
    window.click("input[value=in-order]").await;
    window.click("#bench-paste").await;
    let serials: Vec<String> = (1..=DEVICES).map(|number| format!("BENCH-{number:02}")).collect();
    window.fill("#paste-text", &serials.join("\n")).await;
    window.click("#paste-add").await;
    window.find(&format!("#row-{DEVICES}")).await;
    window.click("#arm").await;
    window.find("#arm-bar[data-state=armed]").await;
    window.shoot("armed").await;
    window.click("#practise-panel summary").await;
    for _ in 0..DEVICES {
        window.click("#practise-plug").await;
    }
    window.find_within(&format!("#row-{DEVICES}[data-state=running]"), Duration::from_secs(120)).await;
    window.click("#practise-panel summary").await;
    window.picture("bench").await;
    window.speak("ja").await;
    window.picture("bench").await;
    window.speak("en").await;
    for row in 1..=DEVICES {
        window.find_within(&format!("#row-{row}[data-state=done]"), Duration::from_secs(240)).await;
    }
    window.picture("bench-done").await;
    window.axe("bench").await;
    window.speak("ja").await;
    window.picture("bench-done").await;
    window.go_to("journal").await;
    let found = window.text("#journal-found").await;
    assert!(found.contains("32"), "each run is recorded: {found}");
    window.close().await;
}

/// As with gloves, or without eyes: Tab, Space, Enter and a scanner that types.
#[tokio::test(flavor = "multi_thread")]
async fn the_installer_s_flow_needs_no_mouse() {
    let desk = Desk::new();
    let window = Window::open(&desk, "keyboard", &[]).await;
    window.screen("welcome").await;
    window.tab_to("#practise").await;
    window.press(ENTER).await;
    window.screen("provision").await;
    window.tab_to("input[name=target]").await;
    window.press(" ").await;
    // The scanner ends with Enter, and the run begins.
    window.tab_to("#serial-number").await;
    window.press("KEYS-1\u{E007}").await;
    window.screen("running").await;
    window.screen("done").await;
    window.press(ENTER).await;
    window.screen("provision").await;
    window.close().await;
}
