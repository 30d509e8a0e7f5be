//! Temporary credentials for an identity, through a role alias.
//! <https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html>

use std::error::Error;
use std::io;
use std::time::Duration;

use fieldkey_core::ports::TemporaryCredentials;
use fieldkey_core::{Code, Failure, Identity, Why};
use reqwest::header::HeaderValue;
use reqwest::{Client, Response, StatusCode, Url, redirect};
use secrecy::SecretString;
use serde::Deserialize;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::refused::{Ended, Moment, alert, both};
use super::tls::{Shown, config_for_aws, server_name};
use crate::refusal::{causes, unreachable_host};

const CONNECTED_WITHIN: Duration = Duration::from_secs(10);

/// The answer is some 2 kB.
const LIMIT: usize = 1 << 16;

#[derive(Deserialize)]
struct Answer {
    credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    access_key_id: String,
    secret_access_key: SecretString,
    session_token: SecretString,
    #[serde(with = "time::serde::rfc3339")]
    expiration: OffsetDateTime,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Refusal {
    message: String,
    trace_id: Option<String>,
}

/// `host` may have a port, for a local cloud.
///
/// # Errors
/// `role-alias-refused`, `wrong-endpoint`, or what keeps the question from its answer.
pub(super) async fn ask(
    identity: &Identity,
    host: &str,
    role_alias: &str,
    patience: Duration,
) -> Result<TemporaryCredentials, Failure> {
    let url = url(host, role_alias)?;
    let client = client(identity, &url, patience)?;
    let thing_name = HeaderValue::from_str(&identity.thing_name)
        .map_err(|_| Failure::new(Code::ThingNameInvalid).about(&identity.thing_name))?;
    let asked = client.get(url).header("x-amzn-iot-thingname", thing_name).send().await;
    let answer = asked.map_err(|error| no_answer(&error, host, role_alias))?;
    let status = answer.status();
    let body = body(answer).await.map_err(|why| match why {
        Some(error) => no_answer(&error, host, role_alias),
        None => nonsense(host, status),
    })?;
    if status != StatusCode::OK {
        return Err(refused(status, &body, host, role_alias));
    }
    let Answer { credentials } = serde_json::from_slice(&body).map_err(|_| nonsense(host, status))?;
    Ok(TemporaryCredentials {
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        session_token: credentials.session_token,
        expires: credentials.expiration,
    })
}

fn url(host: &str, role_alias: &str) -> Result<Url, Failure> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    server_name(name)?;
    let mut url = Url::parse(&format!("https://{host}/")).map_err(|_| Failure::new(Code::WrongEndpoint).about(host))?;
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(["role-aliases", role_alias, "credentials"]);
    }
    Ok(url)
}

fn client(identity: &Identity, url: &Url, patience: Duration) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config_for_aws(&Shown::of(identity)?)?)
        .https_only(true)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECTED_WITHIN)
        .timeout(patience);
    // No proxy leads to this computer.
    if url.host_str() == Some("localhost") {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| Failure::new(Code::ServiceError).because(error.without_url().to_string()))
}

/// # Errors
/// `None` if it is too long.
async fn body(mut answer: Response) -> Result<Zeroizing<Vec<u8>>, Option<reqwest::Error>> {
    let mut body = Zeroizing::new(Vec::with_capacity(LIMIT));
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > LIMIT {
            return Err(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn no_answer(error: &reqwest::Error, host: &str, role_alias: &str) -> Failure {
    let error: &(dyn Error + 'static) = error;
    let tls = causes(error).find_map(|cause| cause.downcast_ref());
    if let Some(&rustls::Error::AlertReceived(description)) = tls {
        return Ended::Alert(description).common(host, Moment::Connecting).unwrap_or_else(|_| {
            let why = both(&alert(description), &likely());
            Failure::new(Code::RoleAliasRefused).about(role_alias).because_of(why)
        });
    }
    if causes(error).any(|cause| cause.downcast_ref().is_some_and(reqwest::Error::is_timeout)) {
        let why = Why::new("no answer in time", "時間内に応答がありません");
        return Failure::new(Code::Offline).about(host).because_of(why);
    }
    let broke_off = |cause: &(dyn Error + 'static)| {
        let kind = cause.downcast_ref().map(io::Error::kind);
        kind.is_some_and(|kind| matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset))
    };
    if causes(error).any(broke_off) {
        let why = Why::new("the connection broke off", "接続が途中で切れました");
        return Failure::new(Code::Offline).about(host).because_of(why);
    }
    let failure = unreachable_host(error, host);
    if failure.about.is_empty() { failure.about(host) } else { failure }
}

fn refused(status: StatusCode, body: &[u8], host: &str, role_alias: &str) -> Failure {
    let Refusal { message, trace_id } = serde_json::from_slice(body).unwrap_or_default();
    match status.as_u16() {
        403 => {
            let likely = likely();
            let why = match message.as_str() {
                "" => likely,
                words => both(&Why::new(words, words), &likely),
            };
            Failure::new(Code::RoleAliasRefused).about(role_alias).because_of(why)
        }
        404 if trace_id.is_some() => Failure::new(Code::WrongEndpoint)
            .about(host)
            .because_of(Why::new("that is the data endpoint, for MQTT", "MQTT 用のデータエンドポイントです")),
        404 if message.to_lowercase().contains("alias") => {
            Failure::new(Code::RoleAliasRefused).about(role_alias).because(message)
        }
        429 => Failure::new(Code::Throttled).because(message),
        _ if message.is_empty() => nonsense(host, status),
        status => Failure::new(Code::ServiceError).about(host).because(format!("HTTP {status}: {message}")),
    }
}

/// Why a role alias is refused, the likeliest first.
fn likely() -> Why {
    Why::new(
        "most often the certificate is not active, or not attached to the thing, or its policy does not allow \
         iot:AssumeRoleWithCertificate on the role alias, or the alias's role does not trust \
         credentials.iot.amazonaws.com",
        "多い順に、証明書が有効でない、モノにアタッチされていない、ポリシーがロールエイリアスへの \
         iot:AssumeRoleWithCertificate を許可していない、ロールが credentials.iot.amazonaws.com を信頼していない、が考えられます",
    )
}

fn nonsense(host: &str, status: StatusCode) -> Failure {
    let code = status.as_u16();
    Failure::new(Code::ServiceError).about(host).because_of(Why::new(
        format!("HTTP {code}, and not the answer of AWS"),
        format!("HTTP {code}、AWS の応答ではありません"),
    ))
}
