//! The window renews itself: a real list and real signatures, behind TLS. What stands for the AppImage is a file that
//! says who started it, as nothing here makes one.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::command::Desk;
use crate::support::release::Release;
use crate::support::ways::LANGUAGES;
use crate::support::window::Window;

const OLD: &str = "the version that is there";

/// A program that leaves a note of how it was started.
fn newer(note: &Path) -> String {
    format!("#!/bin/sh\necho \"$0 $*\" >'{0}.part' && mv '{0}.part' '{0}'\n", note.display())
}

/// Where the image of the version that runs is.
fn image(desk: &Desk) -> PathBuf {
    std::fs::create_dir_all(desk.path("programs")).expect("writable");
    let image = desk.path("programs/Fieldkey.AppImage");
    std::fs::write(&image, OLD).expect("writable");
    std::fs::set_permissions(&image, std::fs::Permissions::from_mode(0o755)).expect("ours");
    image
}

/// As an AppImage would be opened, by somebody who built it with this release's address and key.
async fn open(desk: &Desk, name: &str, release: &Release, image: &Path) -> Window {
    let mounted = Path::new(env!("CARGO_BIN_EXE_fieldkey-window")).parent().expect("a folder");
    let (list, ca) = (release.list(), release.ca().display().to_string());
    let environment = [
        ("FIELDKEY_UPDATES_FROM", list.as_str()),
        ("FIELDKEY_UPDATES_KEY", release.key.as_str()),
        ("SSL_CERT_FILE", ca.as_str()),
        ("APPIMAGE", image.to_str().expect("UTF-8")),
        ("APPDIR", mounted.to_str().expect("UTF-8")),
    ];
    Window::with(desk, name, &[], &environment).await
}

async fn settings(window: &Window) {
    window.click("#settings").await;
    window.find("#settings-dialog[open]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_found_taken_and_started_in_the_old_one_s_place() {
    for language in LANGUAGES {
        let (desk, release) = (Desk::new(), Release::new());
        let (image, note) = (image(&desk), desk.path("started"));
        release.publish("9.8.7", newer(&note).as_bytes());
        let window = open(&desk, &format!("updates-{language}"), &release, &image).await;
        window.screen("welcome").await;
        window.speak(language).await;
        // Nobody asked.
        window.click("#update-ready").await;
        window.find("#update-dialog[open] #update-notes").await;
        let said = window.text("#update-found").await;
        assert!(said.contains("9.8.7") && said.contains("2026"), "{said}");
        window.shoot("found").await;
        window.axe("found").await;
        assert_eq!(release.asked(".AppImage"), 0, "nothing is taken before somebody says so");
        window.click("#install-update").await;
        let started = note_of(&note).await;
        assert_eq!(started.trim(), image.display().to_string(), "the new version is started, from the same place");
        assert_eq!(std::fs::read_to_string(&image).expect("there"), newer(&note), "it is what was published, whole");
        assert_eq!(image.metadata().expect("there").permissions().mode() & 0o777, 0o755, "it can be started again");
        let beside = std::fs::read_dir(desk.path("programs")).expect("a folder").count();
        assert_eq!(beside, 1, "nothing of the download lies about");
    }
}

async fn note_of(note: &Path) -> String {
    let written = async {
        loop {
            if let Ok(text) = std::fs::read_to_string(note) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), written).await.expect("the new version starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_it_was_signed_is_refused_and_the_old_version_goes_on() {
    let (desk, release) = (Desk::new(), Release::new());
    let image = image(&desk);
    release.publish("0.0.1", b"an older version");

    let window = open(&desk, "updates-refused", &release, &image).await;
    window.screen("welcome").await;
    settings(&window).await;
    window.click("#look-for-update").await;
    window.find_text("#update-status", "You have the newest version").await;

    let package = b"a package that nobody may get";
    release.publish("9.8.7", package);
    let name = release.name("9.8.7");
    let genuine = release.sign("9.8.7", &name);
    let changed = || {
        release.announce("9.8.7", &name, &genuine);
        release.put(&name, b"another package under its signature");
    };
    let another_key = || {
        release.put(&name, package);
        release.announce("9.8.7", &name, &release.sign_as_another("9.8.7", &name));
    };
    // Somebody passes an old version, whose holes are known, off as a new one.
    let older = || release.announce("9.9.9", &name, &genuine);
    // Signed by the same key as the same version, as all of a release's packages are.
    let another_kind = || {
        release.put("Fieldkey_9.8.7_amd64.deb", package);
        release.announce("9.8.7", "Fieldkey_9.8.7_amd64.deb", &release.sign("9.8.7", "Fieldkey_9.8.7_amd64.deb"));
    };
    let without_tls = || release.announce_at(&release.plain_url("9.8.7"), "9.8.7", &genuine);
    let gone = || {
        release.announce("9.8.7", &name, &genuine);
        release.withdraw("9.8.7");
    };
    let cases: [(&str, &dyn Fn(), &str, &str); 6] = [
        ("changed", &changed, "update-refused", "it was changed"),
        ("another key", &another_key, "update-refused", "signed by somebody else"),
        ("an older version", &older, "update-refused", "another version"),
        ("another kind", &another_kind, "update-refused", "another package"),
        ("without TLS", &without_tls, "update-unavailable", "without HTTPS"),
        ("gone", &gone, "update-unavailable", "it refused"),
    ];
    for (case, publish, code, why) in cases {
        publish();
        window.click("#look-for-update[aria-disabled=false]").await;
        window.click("#install-update:enabled").await;
        let trouble = window.find(&format!("#update-trouble[data-code={code}]")).await;
        let words = trouble.text().await.expect("words");
        assert!(words.contains("localhost") && words.contains(why), "{case}: it names who gave it, and why: {words}");
        assert_eq!(std::fs::read_to_string(&image).expect("there"), OLD, "{case}");
        window.shoot(case).await;
    }

    release.announce_for_others("9.8.7");
    window.reload().await;
    settings(&window).await;
    window.click("#look-for-update").await;
    let trouble = window.find("#update-trouble[data-code=update-unavailable]").await;
    let words = trouble.text().await.expect("words");
    assert!(words.contains("not for this kind of computer"), "{words}");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_asks_once_a_day_and_what_was_found_is_still_said() {
    let (desk, release) = (Desk::new(), Release::new());
    let image = image(&desk);
    release.publish("9.8.7", b"a package");
    for start in ["the first", "the second"] {
        let window = open(&desk, "updates-daily", &release, &image).await;
        window.find("#update-ready").await;
        assert_eq!(release.asked("latest.json"), 1, "{start}");
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_others_see_to_it_nobody_is_asked() {
    let release = Release::new();
    release.publish("9.8.7", b"a package");
    // An image in a folder where this account can put nothing; and an organisation that switches it off.
    for (policy, image, expected) in [
        (None, Some("/proc/self/Fieldkey.AppImage"), "does not update itself"),
        (Some(r#"{"updates": false}"#), None, "Your organisation sees to updates"),
    ] {
        let desk = Desk::new();
        if let Some(policy) = policy {
            desk.organisation(policy);
        }
        let image = image.map_or_else(|| self::image(&desk), PathBuf::from);
        let window = open(&desk, "updates-others", &release, &image).await;
        window.find("main[data-screen=welcome], main[data-screen=sign-in]").await;
        settings(&window).await;
        window.find_text("#updates", expected).await;
        window.close().await;
    }
    assert_eq!(release.asked("latest.json"), 0, "not even at the start");
}
