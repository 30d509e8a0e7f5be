//! Nothing secret in what the crate logs, shows or says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use fieldkey_cloud::{Answer, Challenge};
use fieldkey_core::{Cloud, Code};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt, registry};

use crate::support::aws::{Double, PRIVATE_KEY};
use crate::support::pool::{Devices, PASSWORD, SECRET, Settings, User};
use crate::support::{Kept, code, expect_challenge, expect_failure, expect_signed_in, secret, sign_in, text, totp};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_secret_is_logged_shown_or_said() {
    let log = Log::default();
    let writer = log.clone();
    // Everything of ours, and what the command line lets through of the libraries below.
    let ours = filter_fn(|meta| meta.target().starts_with("fieldkey") || *meta.level() <= tracing::Level::WARN);
    let lines = fmt::layer().with_writer(move || writer.clone()).with_filter(ours);
    let _guard = tracing::subscriber::set_default(registry().with(lines));

    let settings = Settings { secret: true, rotates: true, devices: Devices::OptIn, ..Settings::default() };
    let user = User { temporary: true, must_set_up: &["SOFTWARE_TOKEN_MFA"], ..User::default() };
    let (kept, double) = (Kept::new(), Double::new(settings, user));
    let aws = double.program(kept.keychain());
    let mut shown = String::new();
    let new_password = "Better-horse-8";

    let asked = expect_challenge(sign_in(&aws).await);
    shown += &format!("{asked:?} {aws:?}");
    let answer = || Answer::NewPassword { new_password: secret(new_password), attributes: [].into() };
    shown += &format!("{:?}", answer());
    let asked = expect_challenge(aws.answer(answer()).await);
    shown += &format!("{asked:?} {aws:?}");
    let Challenge::TotpSetup { secret: app, .. } = asked else { panic!() };
    shown += &format!("{:?}", expect_failure(aws.answer(code("123123")).await, Code::WrongCode));
    expect_signed_in(aws.answer(code(&totp::code(text(&app), totp::step()))).await);
    let claim = aws.claim().await.expect("a claim");
    shown += &format!("{aws:?} {claim:?} {:?}", kept.keychain());
    double.pool().expire_id_tokens();
    let again = double.program(kept.keychain());
    assert!(again.resume(crate::support::pool::EMAIL).await.expect("kept"));
    double.refuse("GetCredentialsForIdentity", "InvalidParameterException", "Value 'eyJ' at 'logins' failed");
    shown += &format!("{:?} {again:?}", expect_failure(again.credentials().await, Code::IdentityPoolNotFound));
    kept.fail("/refresh-token");
    aws.sign_in(crate::support::pool::EMAIL, secret(new_password), true).await.expect("asks for the app's code");
    let tokens: Vec<String> = kept.texts("/refresh-token").into_iter().chain(kept.texts("/device")).collect();
    aws.sign_out(None).await.expect("told");

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let sessions = double
        .bodies("RespondToAuthChallenge")
        .into_iter()
        .filter_map(|body| Some(body["Session"].as_str()?.to_owned()));
    let logins = double.bodies("GetId").into_iter().map(|body| body["Logins"].to_string());
    let logins = logins.filter_map(|logins| Some(logins.split('"').nth(3)?.to_owned()));
    let kept_parts = tokens
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.len() > 40 && !line.contains('_'))
        .map(str::to_owned);
    let secrets =
        [PASSWORD, new_password, SECRET, PRIVATE_KEY.trim(), text(&app), "the-secret-access-key", "session-token-of"];
    let mut looked_for = 0;
    for secret in secrets.into_iter().map(str::to_owned).chain(sessions).chain(logins).chain(kept_parts) {
        assert!(!shown.contains(&secret), "{secret} is shown: {shown}");
        assert!(!logged.contains(&secret), "{secret} is logged: {logged}");
        looked_for += 1;
    }
    assert!(looked_for > 12, "the test knew what to look for");
}
