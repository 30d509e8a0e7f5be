//! Everything that goes wrong on the way to AWS, with its code and exit status.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::cloud::{Operator, cloud};
use crate::support::command::{Desk, Said, hand_on};
use crate::support::proxy::{Proxy, Spoil};
use crate::support::tls_front::{ConnectProxy, TlsFront};

fn provision(desk: &Desk, operator: &Operator) -> Said {
    let said = Said::by(&mut desk.provision(operator, "BAD-1", &[]));
    if said.last()["event"] == "failed" {
        assert!(desk.files().is_empty(), "a run that failed before the write leaves nothing: {:?}", desk.files());
    }
    said
}

/// The deployed site with one key changed.
fn site_with(key: &str, value: impl Into<Value>) -> Value {
    let mut site = cloud().site();
    site[key] = value.into();
    site
}

/// A desk whose calls pass a proxy that can spoil them.
fn spoiled(spoils: &[(&str, Spoil, u32)]) -> (Desk, Proxy) {
    let proxy = Proxy::before(cloud().port());
    for (name, how, times) in spoils {
        proxy.spoil(name, how.clone(), *times);
    }
    (Desk::with_site(&cloud().site_at(&proxy.url)), proxy)
}

fn refusal(name: &str, message: &str) -> Spoil {
    let body = json!({"__type": name, "message": message}).to_string();
    Spoil::Answer(400, body.leak())
}

#[test]
fn a_wrong_password_and_an_unknown_user_read_the_same() {
    let desk = Desk::new();
    let known = Operator { password: "Wrong-Passw0rd!".into(), ..cloud().operator() };
    let unknown = Operator { email: "nobody@example.com".into(), password: "Wrong-Passw0rd!".into() };
    let (known, unknown) = (provision(&desk, &known), provision(&desk, &unknown));
    assert_eq!(known.failure(), (3, "wrong-password", "sign-in"));
    assert_eq!(unknown.failure(), (3, "wrong-password", "sign-in"));
    assert_eq!(known.last()["message"], unknown.last()["message"], "nobody learns here who has an account");
}

#[test]
fn a_first_sign_in_without_a_new_password_ends_with_3() {
    let said = provision(&Desk::new(), &cloud().invited());
    assert_eq!(said.failure(), (3, "new-password-required", "sign-in"));
}

#[test]
fn a_weak_new_password_is_refused_in_the_pool_s_words() {
    let weak = refusal("InvalidPasswordException", "Password did not conform with policy: Password not long enough");
    let (desk, _proxy) = spoiled(&[("RespondToAuthChallenge", Spoil::Nothing, 1), ("RespondToAuthChallenge", weak, 1)]);
    let mut command = desk.provision(&cloud().invited(), "BAD-1", &[]);
    let said = Said::by(command.env("FIELDKEY_NEW_PASSWORD", "weak"));
    assert_eq!(said.failure(), (3, "password-policy", "sign-in"));
    assert!(said.last()["message"].as_str().expect("words").contains("not long enough"), "{}", said.last());
}

#[test]
fn wrong_and_expired_codes_are_told_from_lost_sessions() {
    let asks = Spoil::Answer(200, r#"{"ChallengeName":"SOFTWARE_TOKEN_MFA","Session":"s","ChallengeParameters":{}}"#);
    for (answer, code) in [
        (refusal("CodeMismatchException", "Invalid code received for user"), "wrong-code"),
        (refusal("ExpiredCodeException", "Your software token has already been used once."), "wrong-code"),
        (refusal("NotAuthorizedException", "Invalid session for the user, session is expired."), "session-expired"),
    ] {
        let (desk, _proxy) =
            spoiled(&[("RespondToAuthChallenge", asks.clone(), 1), ("RespondToAuthChallenge", answer, 1)]);
        let mut command = desk.provision(&cloud().operator(), "BAD-1", &[]);
        let said = Said::by(command.env("FIELDKEY_TOTP", "123456"));
        assert_eq!(said.failure(), (3, code, "sign-in"));
    }
    let (desk, _proxy) = spoiled(&[("RespondToAuthChallenge", asks, 1)]);
    assert_eq!(provision(&desk, &cloud().operator()).failure(), (3, "mfa-required", "sign-in"), "nobody to ask");
}

#[test]
fn a_locked_out_account_is_asked_to_wait() {
    let locked = refusal("NotAuthorizedException", "Password attempts exceeded");
    let (desk, _proxy) = spoiled(&[("RespondToAuthChallenge", locked, 1)]);
    assert_eq!(provision(&desk, &cloud().operator()).failure(), (3, "too-many-attempts", "sign-in"));
}

#[test]
fn what_does_not_exist_is_named() {
    let operator = cloud().operator();
    for (key, value, failure) in [
        ("userPoolId", "ap-northeast-1_NoSuchPool", (3, "user-pool-not-found", "sign-in")),
        ("userPoolClientId", "nosuchclient0000000000000", (3, "client-not-found", "sign-in")),
        (
            "identityPoolId",
            "ap-northeast-1:00000000-0000-4000-8000-000000000000",
            (4, "identity-pool-not-found", "credentials"),
        ),
    ] {
        let said = provision(&Desk::with_site(&site_with(key, value)), &operator);
        assert_eq!(said.failure(), failure, "{key}");
        assert!(said.last()["message"].as_str().expect("words").contains(value), "{}", said.last());
    }
}

#[test]
fn an_operator_without_the_permission_is_told_which() {
    let said = provision(&Desk::with_site(&site_with("provisioningTemplateName", "another")), &cloud().operator());
    assert_eq!(said.failure(), (4, "not-allowed", "claim"));
    let message = said.last()["message"].as_str().expect("words").to_owned();
    assert!(message.contains("iot:CreateProvisioningClaim") && message.contains("another"), "{message}");
}

#[test]
fn a_template_that_was_deleted_is_named() {
    let body = r#"{"__type":"ResourceNotFoundException","message":"The template does not exist"}"#;
    let (desk, _proxy) = spoiled(&[("provisioning-claim", Spoil::Answer(404, body), 1)]);
    let said = provision(&desk, &cloud().operator());
    assert_eq!(said.failure(), (4, "template-not-found", "claim"));
}

#[test]
fn srp_switched_off_is_a_matter_for_whoever_set_up_the_site() {
    let pool = cloud().user_pool()["UserPoolId"].clone();
    let client = cloud().call(
        "cognito-idp",
        "create_user_pool_client",
        json!({"UserPoolId": pool, "ClientName": "no-srp", "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]}),
    );
    let id = client["UserPoolClient"]["ClientId"].as_str().expect("an ID").to_owned();
    let said = provision(&Desk::with_site(&site_with("userPoolClientId", id.as_str())), &cloud().operator());
    assert_eq!(said.failure(), (3, "srp-disabled", "sign-in"));
    assert!(said.last()["message"].as_str().expect("words").contains(&id));
}

#[test]
fn no_network_and_no_name_are_offline() {
    let operator = cloud().operator();
    for url in ["http://localhost:9", "https://no-such-host.invalid"] {
        let said = provision(&Desk::with_site(&cloud().site_at(url)), &operator);
        assert_eq!(said.failure(), (4, "offline", "sign-in"), "{url}");
    }
}

#[test]
fn half_an_answer_and_garbage_are_no_answers() {
    let operator = cloud().operator();
    for (call, step) in [("InitiateAuth", "sign-in"), ("GetId", "credentials"), ("provisioning-claim", "claim")] {
        for spoil in [Spoil::Cut, Spoil::Garbage] {
            let (desk, _proxy) = spoiled(&[(call, spoil.clone(), 10)]);
            let (status, code, at) = provision(&desk, &operator).failure_owned();
            assert!(matches!(code.as_str(), "service-error" | "offline"), "{call} {spoil:?}: {code}");
            assert_eq!((status, at.as_str()), (4, step), "{call} {spoil:?}");
        }
    }
}

#[test]
fn an_untrusted_certificate_is_told_from_a_dead_network() {
    let front = TlsFront::before(cloud().port());
    let said = provision(&Desk::with_site(&cloud().site_at(&front.url)), &cloud().operator());
    assert_eq!(said.failure(), (4, "tls-untrusted", "sign-in"));
}

#[test]
fn the_site_s_own_ca_and_the_environment_s_proxy_lead_through() {
    let (front, proxy) = (TlsFront::before(cloud().port()), ConnectProxy::start());
    let desk = Desk::with_site(&cloud().site_at(&front.url));
    // The site's CA file may hold several: the cloud's own for devices, and the one of the company's network.
    std::fs::write(desk.path("ca.pem"), format!("{}\n{}", cloud().ca(), front.ca)).expect("writable");
    let mut command = desk.provision(&cloud().operator(), "BAD-2", &[]);
    let said = Said::by(command.env("HTTPS_PROXY", &proxy.url));
    said.result();
    let hosts = proxy.hosts.lock().expect("no panic").clone();
    assert!(!hosts.is_empty(), "everything went through the proxy");
    assert!(hosts.iter().all(|host| front.url.ends_with(host.as_str())), "{hosts:?}");
}

#[test]
fn a_clock_an_hour_off_is_named() {
    for seconds in [3_600, -3_600] {
        let (desk, proxy) = spoiled(&[("", Spoil::Date(seconds), 100)]);
        let said = provision(&desk, &cloud().operator());
        assert_eq!(said.failure(), (4, "clock-skew", "credentials"));
        assert!(said.last()["message"].as_str().expect("words").contains("1:00 h"), "{}", said.last());
        assert!(proxy.take().iter().all(|call| !call.name.contains("claim")), "nothing was signed with that clock");
    }
}

#[test]
fn throttling_is_ridden_out_and_said() {
    let busy = refusal("ThrottlingException", "Rate exceeded");
    // The SDK tries four times by itself; what is left is Fieldkey's to ride out.
    let (desk, proxy) = spoiled(&[("provisioning-claim", busy, 5)]);
    let said = provision(&desk, &cloud().operator());
    said.result();
    let waits = said.events.iter().filter(|event| event["detail"]["throttled"] == true).count();
    assert_eq!(waits, 1, "whoever waits is told why");
    assert_eq!(proxy.take().iter().filter(|call| call.name.contains("claim")).count(), 6);
}

#[test]
fn a_ca_file_that_is_none_is_refused() {
    let desk = Desk::new();
    for (text, words) in [("no PEM at all", "holds no certificate"), ("", "holds no certificate")] {
        std::fs::write(desk.path("ca.pem"), text).expect("writable");
        let said = provision(&desk, &cloud().operator());
        assert_eq!(said.failure(), (2, "site-invalid", "site"));
        assert!(said.last()["message"].as_str().expect("a message").contains(words), "{}", said.last());
    }
    std::fs::remove_file(desk.path("ca.pem")).expect("there");
    assert_eq!(provision(&desk, &cloud().operator()).failure(), (2, "site-invalid", "site"));
}

#[test]
fn a_drive_without_room_or_without_a_switch_costs_no_claim() {
    if !Command::new("unshare").args(["--map-root-user", "--mount", "true"]).status().is_ok_and(|done| done.success()) {
        println!("skipped: this system lets nobody mount in a namespace of their own");
        return;
    }
    for (options, code) in [("size=16k", "target-full"), ("ro,size=1m", "target-read-only")] {
        let (desk, proxy) = spoiled(&[]);
        let operator = cloud().operator();
        let plain = desk.provision(&operator, "BAD-3", &[]);
        let drive = desk.path("drive").display().to_string();
        // In a mount namespace of its own: the mount ends with the command.
        let script = format!("mount -t tmpfs -o {options} none '{drive}' && exec \"$@\"");
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
        command.arg(plain.get_program()).args(plain.get_args());
        hand_on(&plain, &mut command);
        let said = Said::by(&mut command);
        assert_eq!(said.failure(), (5, code, "target"), "{options}");
        assert!(proxy.take().is_empty(), "AWS was not asked");
    }
}
