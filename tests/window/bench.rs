//! A bench at the local cloud: devices on serial lines, a list from a file, the result as a file; and a window that
//! was killed in the middle of it.

use std::time::Duration;

use crate::support::cloud::cloud;
use crate::support::command::Desk;
use crate::support::simulator::Simulator;
use crate::support::window::Window;

const LONG: Duration = Duration::from_secs(120);
const DEVICES: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn modems_side_by_side_hold_a_claim_each_by_their_own_account() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let modems: Vec<Simulator> = (0..DEVICES).map(|_| Simulator::start(&["nrf91", "--noisy", "yes"])).collect();
    let targets: Vec<String> = modems.iter().map(Simulator::target).collect();
    let site = desk.path("site.json").display().to_string();
    let mut args = vec!["--site", &site];
    args.extend(targets.iter().flat_map(|target| ["--target", target.as_str()]));
    let window = Window::open(&desk, "bench-cloud", &args).await;
    window.screen("sign-in").await;
    window.sign_in(&operator.email, &operator.password).await;
    window.screen("provision").await;
    window.go_to("bench").await;
    window.click("input[name=bench-kind][value=serial]").await;
    window.click("#bench-driver option[value=nrf91]").await;
    window.click("#bench-wait").await;
    let serials: String = (1..=DEVICES).map(|number| format!("MODEM-{number:02}\r\n")).collect();
    std::fs::write(desk.path("serials.csv"), format!("Serial number\r\n{serials}")).expect("writable");
    window.click("#bench-load").await;
    window.pick(&desk.path("serials.csv")).await;
    window.find(&format!("#row-{DEVICES}")).await;
    window.click("#arm").await;
    window.find("#arm-bar[data-state=armed]").await;
    // They were plugged in before: whose each is, only the operator knows.
    for row in 1..=DEVICES {
        window.click(&format!("#row-{row} .row-name")).await;
        window.escape().await;
        window.click(".idle-devices .card-actions button").await;
        window.find(&format!("#row-{row}:not([data-state=waiting])")).await;
    }
    window.shoot("running").await;
    for row in 1..=DEVICES {
        window.find_within(&format!("#row-{row}[data-state=done]"), LONG).await;
    }
    window.shoot("done").await;
    window.axe("bench-cloud").await;
    let mut certificates = std::collections::BTreeSet::new();
    for modem in &modems {
        let held = modem.stored();
        assert_eq!(held.len(), 3, "CA, certificate and key: {held:?}");
        certificates.extend(held.into_values().map(|held| held.plain));
    }
    assert_eq!(certificates.len(), DEVICES * 2 + 1, "each has a certificate and a key of its own, and the one CA");

    window.speak("ja").await;
    window.shoot("done-ja").await;
    window.click("#bench-export").await;
    window.save_as(&desk.path("tmp/result.csv")).await;
    window.named("#bench-note", "result.csv").await;
    let result = std::fs::read_to_string(desk.path("tmp/result.csv")).expect("exported");
    for number in 1..=DEVICES {
        assert!(result.contains(&format!("MODEM-{number:02}")), "{result}");
    }
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_was_killed_finds_its_batch_again_and_says_what_to_look_at() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    let window = Window::signed_in(&desk, "bench-killed", "en", &operator).await;
    window.go_to("bench").await;
    window.click("#bench-paste").await;
    window.fill("#paste-text", "KILLED-1\nKILLED-2").await;
    window.click("#paste-add").await;
    window.find("#row-2").await;
    window.click("#arm").await;
    window.find("#arm-bar[data-state=armed]").await;
    window.click("#row-1 .row-name").await;
    window.escape().await;
    window.click(".idle-devices .card-actions button").await;
    window.find("#row-1[data-state=running]").await;
    // The claim is on the drive, and nobody registers with it.
    while desk.files().len() < 4 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    window.kill();

    let window = Window::signed_in(&desk, "bench-killed-again", "en", &operator).await;
    window.go_to("bench").await;
    window.find("#bench-recovered").await;
    window.find("#row-1[data-state=interrupted]").await;
    window.find("#row-2[data-state=waiting]").await;
    window.shoot("recovered").await;
    window.axe("recovered").await;
    window.speak("ja").await;
    window.shoot("recovered-ja").await;

    window.click("#nav-journal").await;
    window.find("#journal-table tr[data-outcome=interrupted]").await;
    window.shoot("journal-ja").await;
    window.click("#nav-bench").await;
    let device = crate::support::device::Device::on(&desk.path("drive"), &desk.path("flash"));
    let said = device.finish();
    assert!(said.status.success(), "the claim on the drive is whole: {}", String::from_utf8_lossy(&said.stderr));
    window.close().await;
}
