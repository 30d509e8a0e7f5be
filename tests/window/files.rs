//! Files that leave the window and come back to it: claims for a remote installer, certificates to register.

use std::time::Duration;

use serde_json::json;

use crate::support::cloud::cloud;
use crate::support::command::Desk;
use crate::support::device::Device;
use crate::support::openssl::openssl;
use crate::support::ways::ENTER;
use crate::support::window::Window;

const PASSPHRASE: &str = "correct horse battery staple";

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_goes_out_as_a_file_and_is_written_by_somebody_who_knows_its_passphrase() {
    for (language, name, serial) in [("en", "claim-file", "WINDOW-30"), ("ja", "claim-file-ja", "WINDOW-31")] {
        let desk = Desk::new();
        std::fs::create_dir(desk.path("out")).expect("writable");
        let window = Window::signed_in(&desk, name, language, &cloud().helpdesk()).await;
        window.go_to("devices").await;
        window.click("#to-export").await;
        window.fill("#serial-number", serial).await;
        window.fill("#passphrase", PASSPHRASE).await;
        window.fill("#passphrase-again", PASSPHRASE).await;
        window.click("#choose-claim-folder").await;
        window.pick(&desk.path("out")).await;
        window.find("#claim-folder").await;
        window.picture("export").await;
        window.axe("export").await;
        window.click("#export").await;
        window.find("#claim-file").await;
        window.find("#countdown").await;
        window.picture("exported").await;
        window.axe("exported").await;
        let files: Vec<_> = std::fs::read_dir(desk.path("out")).expect("a folder").flatten().collect();
        let [file] = &files[..] else { panic!("one file, and no other: {files:?}") };
        let text = std::fs::read(file.path()).expect("readable");
        assert!(text.starts_with(b"age-encryption.org/v1") || text.starts_with(b"-----BEGIN AGE"), "encrypted");
        window.click("#done").await;

        window.click("#to-open").await;
        window.click("#choose-claim-file").await;
        window.pick(&file.path()).await;
        window.find("#chosen-file").await;
        window.fill("#passphrase", "wrong horse battery staple").await;
        window.press(ENTER).await;
        window.find("[role=alert]").await;
        window.picture("open-claim").await;
        window.axe("open").await;
        window.fill("#passphrase", PASSPHRASE).await;
        window.press(ENTER).await;
        window.find("#targets").await;
        window.choose_target("drive").await;
        window.shoot("write").await;
        window.axe("write").await;
        let device = Device::on(&desk.path("drive"), &desk.path("flash"));
        window.click("#write-claim").await;
        window.find_within("#run-state[data-state=finished]", Duration::from_secs(60)).await;
        window.shoot("written").await;
        window.axe("written").await;
        assert!(device.finish().status.success(), "the device registers itself with it");
        let registry = cloud().registry(&format!("Fleet_Index_{serial}"));
        assert_eq!(registry["certificates"][0]["status"], "ACTIVE", "{registry}");
        assert!(!window.everything().await.contains(PASSPHRASE), "the page keeps no passphrase");
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_exists_is_looked_at_and_then_registered() {
    for (language, name, file, serial) in
        [("en", "register", "cert.pem", "WINDOW-32"), ("ja", "register-ja", "both.p12", "WINDOW-33")]
    {
        let desk = Desk::new();
        let new = "req -x509 -newkey rsa:2048 -nodes -days 30 -keyout key.pem -out cert.pem -subj";
        openssl(&desk.path("tmp"), &format!("{new} /CN={serial}"));
        openssl(&desk.path("tmp"), "pkcs12 -export -in cert.pem -inkey key.pem -passout pass:p12-pass -out both.p12");
        let window = Window::signed_in(&desk, name, language, &cloud().helpdesk()).await;
        window.go_to("devices").await;
        window.click("#to-register").await;
        window.find("#drop-zone").await;
        window.axe("register").await;
        if file == "cert.pem" {
            // With its key: two files at once.
            window.drop(&[&desk.path("tmp/cert.pem"), &desk.path("tmp/key.pem")]);
        } else {
            window.click("#choose-files").await;
            window.pick(&desk.path("tmp").join(file)).await;
            window.find("#file-password").await;
            window.shoot("password").await;
            window.axe("password").await;
            window.fill("#file-password", "p12-pass").await;
            window.press(ENTER).await;
        }
        window.find("#preview").await;
        assert!(window.text("#files").await.contains(file), "what was taken is listed");
        window.picture("register").await;
        window.axe("preview").await;
        let thing = format!("Fleet_Index_{serial}");
        window.fill("#thing-name", &thing).await;
        window.click("#register").await;
        window.find("#registered").await;
        window.shoot("registered").await;
        window.axe("registered").await;
        let registry = cloud().registry(&thing);
        assert_eq!(registry["certificates"][0]["status"], json!("INACTIVE"), "as it was chosen: {registry}");
        window.close().await;
    }
}
