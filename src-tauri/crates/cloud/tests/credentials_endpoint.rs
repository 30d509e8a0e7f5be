//! Temporary credentials through a role alias, who they are, and what they reach.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fieldkey_cloud::AsDevice;
use fieldkey_core::ports::TemporaryCredentials;
use fieldkey_core::site::Endpoints;
use fieldkey_core::{Code, DeviceSide, Failure, Language, Site};
use time::OffsetDateTime;

use crate::support::device_side::authority::Authority;
use crate::support::device_side::{THING, closed_port, identity, impatient, patient};
use crate::support::http::{Reply, Request, Server};
use crate::support::{expect_failure, site_at, text};

const GRANTED: &str = r#"{"credentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"very secret",
    "sessionToken":"a token","expiration":"2026-11-21T06:07:08Z"}}"#;

type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// Answers so, and notes what it was asked, for which thing.
fn endpoint(config: rustls::ServerConfig, reply: Reply) -> (Server, Asked) {
    let asked = Asked::default();
    let notes = Arc::clone(&asked);
    let server = Server::tls(config, move |request| {
        let thing = request.headers.get("x-amzn-iot-thingname").cloned();
        notes.lock().unwrap().push((format!("{} {}", request.method, request.target), thing));
        reply.clone()
    });
    (server, asked)
}

async fn ask(authority: &Authority, host: &str) -> Result<TemporaryCredentials, Failure> {
    patient().temporary_credentials(&identity(authority, 8883), host, "fieldkey-role").await
}

async fn answered(reply: Reply) -> Result<TemporaryCredentials, Failure> {
    let authority = Authority::new();
    let (server, _) = endpoint(authority.for_anybody(), reply);
    ask(&authority, &format!("localhost:{}", server.port)).await
}

#[tokio::test]
async fn an_identity_is_given_credentials_in_its_thing_s_name() {
    let authority = Authority::new();
    let (server, asked) = endpoint(authority.for_anybody(), Reply::new(200, GRANTED));
    let given = ask(&authority, &format!("localhost:{}", server.port)).await.expect("credentials");
    assert_eq!(given.access_key_id, "ASIAEXAMPLE");
    assert_eq!((text(&given.secret_access_key), text(&given.session_token)), ("very secret", "a token"));
    assert_eq!(given.expires.unix_timestamp(), 1_795_241_228);
    assert!(!format!("{given:?}").contains("very secret"), "nobody writes it down");
    let asked = asked.lock().unwrap();
    assert_eq!(*asked, [("GET /role-aliases/fieldkey-role/credentials".to_owned(), Some(THING.to_owned()))]);
}

#[tokio::test]
async fn a_refusal_names_its_likely_causes() {
    for body in [r#"{"message":"Access Denied"}"#, ""] {
        let failure = expect_failure(answered(Reply::new(403, body)).await, Code::RoleAliasRefused);
        assert_eq!(failure.about, "fieldkey-role");
        for cause in ["not active", "not attached", "iot:AssumeRoleWithCertificate", "credentials.iot.amazonaws.com"] {
            assert!(failure.reason.contains(cause), "{cause}: {failure}");
            assert!(cause.contains("not a") || failure.message(Language::Japanese).contains(cause), "{failure:?}");
        }
        assert_eq!(failure.reason.starts_with("Access Denied; "), !body.is_empty(), "AWS's own words first: {failure}");
    }
}

#[tokio::test]
async fn the_data_endpoint_by_mistake_is_named() {
    let mistaken = Reply::new(404, r#"{"message":"Not Found","traceId":"1f2e"}"#);
    let failure = expect_failure(answered(mistaken).await, Code::WrongEndpoint);
    assert!(failure.about.starts_with("localhost:"), "{failure}");
}

#[tokio::test]
async fn what_is_no_answer_of_aws_is_named() {
    let (long, redirect) = (" ".repeat(100_000), Reply::new(302, "").with("location", "https://elsewhere.example/"));
    let half = r#"{"credentials":{"accessKeyId":"ASIA"}}"#;
    for reply in [
        Reply::new(200, "<html>Welcome</html>"),
        Reply::new(200, half),
        Reply::new(200, long),
        Reply::new(404, ""),
        Reply::new(500, r#"{"message":"Internal"}"#),
        redirect,
    ] {
        let failure = expect_failure(answered(reply.clone()).await, Code::ServiceError);
        assert!(failure.about.starts_with("localhost:") && failure.reason.contains("HTTP"), "{reply:?}: {failure}");
    }
    expect_failure(answered(Reply::new(429, r#"{"message":"Rate exceeded"}"#)).await, Code::Throttled);
    let cut = expect_failure(answered(Reply::Cut(b"{".to_vec())).await, Code::Offline);
    assert_eq!(cut.reason, "the connection broke off", "not what the TLS library has to say about it");
}

#[tokio::test]
async fn a_certificate_that_tls_refuses_is_told_from_a_server_that_is_not_trusted() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let (server, asked) = endpoint(ours.for_its_own(), Reply::new(200, GRANTED));
    let host = format!("localhost:{}", server.port);
    expect_failure(ask(&theirs, &host).await, Code::TlsUntrusted);
    let mut stranger = identity(&theirs, 8883);
    stranger.ca_pem = ours.pem();
    let failure = patient().temporary_credentials(&stranger, &host, "fieldkey-role").await;
    let failure = expect_failure(failure, Code::RoleAliasRefused);
    assert!(failure.reason.starts_with("TLS alert"), "{failure}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_endpoint_has_a_name_and_answers_in_time() {
    let authority = Authority::new();
    for host in ["127.0.0.1:8443", "[::1]:8443", "https://a", ""] {
        expect_failure(ask(&authority, host).await, Code::WrongEndpoint);
    }
    let closed = format!("localhost:{}", closed_port());
    assert_eq!(expect_failure(ask(&authority, &closed).await, Code::Offline).about, closed);
    let mute = Server::accept(|_| std::thread::sleep(Duration::from_secs(2)));
    let (begun, host) = (Instant::now(), format!("localhost:{}", mute.port));
    let asked = impatient().temporary_credentials(&identity(&authority, 8883), &host, "a").await;
    expect_failure(asked, Code::Offline);
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
}

fn credentials() -> TemporaryCredentials {
    TemporaryCredentials {
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: "very secret".into(),
        session_token: "a token".into(),
        expires: OffsetDateTime::now_utc() + Duration::from_secs(3_600),
    }
}

/// STS and S3 at one address.
fn services(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Server, AsDevice) {
    let server = Server::plain(move |request| {
        let signed = request.headers.get("authorization").is_some_and(|with| with.contains("Credential=ASIAEXAMPLE/"));
        let token = request.headers.get("x-amz-security-token").is_some_and(|token| token == "a token");
        if signed && token { answer(request) } else { Reply::new(400, "not with these credentials") }
    });
    let url = server.url();
    let endpoints = Endpoints { sts: Some(url.clone()), s3: Some(url.clone()), ..Endpoints::default() };
    let site = Site { endpoints: Some(endpoints), region: "eu-north-1".into(), ..site_at(&url) };
    (server, AsDevice::new(&site, None).unwrap())
}

fn s3_error(status: u16, code: &str) -> Reply {
    Reply::new(status, format!("<Error><Code>{code}</Code><Message>As S3 says it</Message></Error>"))
}

#[tokio::test]
async fn sts_says_who_they_are() {
    let arn = "arn:aws:sts::123456789012:assumed-role/device/5f3e";
    let whole = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{arn}</Arn><UserId>A:5f3e</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    );
    let (_server, device) = services(move |_| Reply::new(200, whole.clone()));
    let caller = device.caller(&credentials()).await.expect("an ARN");
    assert_eq!((caller.arn.as_str(), caller.account.as_str()), (arn, "123456789012"));

    let (_server, device) = services(|_| {
        let error = "<Error><Code>InvalidClientTokenId</Code><Message>The security token is invalid</Message></Error>";
        Reply::new(403, format!("<ErrorResponse>{error}</ErrorResponse>"))
    });
    let failure = expect_failure(device.caller(&credentials()).await, Code::ServiceError);
    assert!(failure.reason.contains("token is invalid"), "{failure}");
}

#[tokio::test]
async fn s3_shows_what_they_reach() {
    let (_server, device) = services(|request| match request.target.split(['?', '&']).next() {
        Some("/full" | "/full/") => Reply::new(
            200,
            "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a/b c.txt</Key><Size>5</Size></Contents>\
             </ListBucketResult>",
        ),
        Some("/empty" | "/empty/") => Reply::new(200, "<ListBucketResult></ListBucketResult>"),
        Some("/full/a/b%20c.txt") => Reply::new(200, vec![7; 70_000]),
        _ => s3_error(404, "NoSuchKey"),
    });
    let key = device.first_object(&credentials(), "full").await.expect("listed").expect("an object");
    assert_eq!(key, "a/b c.txt");
    assert_eq!(device.read_object(&credentials(), "full", &key).await.expect("read"), 70_000);
    assert_eq!(device.first_object(&credentials(), "empty").await.expect("listed"), None);
    let gone = expect_failure(device.read_object(&credentials(), "full", "gone").await, Code::ServiceError);
    assert!(gone.reason.contains("As S3 says it"), "{gone}");
}

#[tokio::test]
async fn s3_s_refusals_have_their_codes() {
    for (reply, code, about) in [
        (s3_error(403, "AccessDenied"), Code::NotAllowed, "s3:ListBucket, bucket"),
        (s3_error(404, "NoSuchBucket"), Code::Usage, "bucket"),
        (s3_error(301, "PermanentRedirect"), Code::Usage, "bucket"),
        (s3_error(400, "ExpiredToken"), Code::ServiceError, "127.0.0.1"),
        (s3_error(400, "AuthorizationHeaderMalformed"), Code::Usage, "bucket"),
    ] {
        let (_server, device) = services({
            let reply = reply.clone();
            move |_| reply.clone()
        });
        let failure = expect_failure(device.first_object(&credentials(), "bucket").await, code);
        assert!(failure.about.starts_with(about), "{failure}");
    }
    let (_server, device) = services(|_| s3_error(403, "AccessDenied"));
    let failure = expect_failure(device.read_object(&credentials(), "bucket", "a/b").await, Code::NotAllowed);
    assert_eq!(failure.about, "s3:GetObject, bucket/a/b", "as IAM writes it");
    let (_server, device) = services(|_| Reply::Cut(vec![1; 10]));
    let failure = expect_failure(device.read_object(&credentials(), "bucket", "a").await, Code::Offline);
    assert!(failure.reason.contains("middle of the object"), "{failure}");
}
