//! Who temporary credentials are, and what they reach.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use fieldkey_core::ports::{Caller, TemporaryCredentials};
use fieldkey_core::{Code, Failure, Why};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::patience::Patience;
use crate::refusal::{Refusal, refusal};

/// So much of an object proves that it can be read.
const ENOUGH: u64 = 64 << 20;

/// GetCallerIdentity. <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(super) async fn caller(connection: &Connection, credentials: &TemporaryCredentials) -> Result<Caller, Failure> {
    let url = connection.endpoints().and_then(|endpoints| endpoints.sts.clone());
    let host = connection.host("sts", url.as_deref());
    let mut config = aws_sdk_sts::config::Builder::from(&connection.config)
        .interceptor(connection.clock.clone())
        .retry_classifier(Patience)
        .identity_cache(aws_sdk_sts::config::IdentityCache::no_cache())
        .credentials_provider(provider(credentials));
    config.set_endpoint_url(url);
    match aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await {
        Ok(answer) => match (answer.arn, answer.account) {
            (Some(arn), Some(account)) => Ok(Caller { arn, account }),
            _ => Err(Failure::new(Code::ServiceError).about(host).because("the ARN or the account is missing")),
        },
        Err(error) => Err(failure(connection, &refusal(error, &host)?, &host, "sts:GetCallerIdentity")),
    }
}

/// ListObjectsV2. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(super) async fn first_object(
    connection: &Connection,
    credentials: &TemporaryCredentials,
    bucket: &str,
) -> Result<Option<String>, Failure> {
    let (s3, host) = s3(connection, credentials);
    match s3.list_objects_v2().bucket(bucket).max_keys(1).send().await {
        Ok(answer) => Ok(answer.contents.into_iter().flatten().find_map(|object| object.key)),
        Err(error) => Err(of_s3(connection, &refusal(error, &host)?, &host, bucket, "s3:ListBucket", bucket)),
    }
}

/// GetObject. Reads on until it is sure, and no further.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(super) async fn read_object(
    connection: &Connection,
    credentials: &TemporaryCredentials,
    bucket: &str,
    key: &str,
    patience: Duration,
) -> Result<u64, Failure> {
    let (s3, host) = s3(connection, credentials);
    let mut body = match s3.get_object().bucket(bucket).key(key).send().await {
        Ok(answer) => answer.body,
        Err(error) => {
            let object = format!("{bucket}/{key}");
            return Err(of_s3(connection, &refusal(error, &host)?, &host, bucket, "s3:GetObject", &object));
        }
    };
    let mut read = 0;
    while read < ENOUGH {
        match timeout(patience, body.next()).await {
            Ok(Some(Ok(chunk))) => read += u64::try_from(chunk.len()).unwrap_or_default(),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(broke_off(&host)),
            Err(_) => {
                let why = Why::new("no answer in time", "時間内に応答がありません");
                return Err(Failure::new(Code::Offline).about(host).because_of(why));
            }
        }
    }
    Ok(read)
}

fn s3(connection: &Connection, credentials: &TemporaryCredentials) -> (aws_sdk_s3::Client, String) {
    let url = connection.endpoints().and_then(|endpoints| endpoints.s3.clone());
    let host = connection.host("s3", url.as_deref());
    let mut config = aws_sdk_s3::config::Builder::from(&connection.config)
        .interceptor(connection.clock.clone())
        .retry_classifier(Patience)
        .identity_cache(aws_sdk_s3::config::IdentityCache::no_cache())
        // A local cloud has no name for each bucket.
        .force_path_style(url.is_some())
        .credentials_provider(provider(credentials));
    config.set_endpoint_url(url);
    (aws_sdk_s3::Client::from_conf(config.build()), host)
}

/// Exactly these, and no others.
fn provider(credentials: &TemporaryCredentials) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(
        &credentials.access_key_id,
        credentials.secret_access_key.expose_secret(),
        Some(credentials.session_token.expose_secret().to_owned()),
        Some(SystemTime::from(credentials.expires)),
        "role alias",
    ))
}

fn of_s3(
    connection: &Connection,
    refusal: &Refusal,
    host: &str,
    bucket: &str,
    action: &str,
    resource: &str,
) -> Failure {
    match (refusal.name.as_str(), refusal.status) {
        ("NoSuchBucket" | "InvalidBucketName", _) => refusal.failure(Code::Usage).about(bucket),
        ("PermanentRedirect" | "AuthorizationHeaderMalformed", _) | (_, 301 | 307) => {
            let region = &connection.site.region;
            Failure::new(Code::Usage).about(bucket).because_of(Why::new(
                format!("the bucket is in another region than {region}"),
                format!("このバケットは {region} 以外のリージョンにあります"),
            ))
        }
        (_, 403) if refusal.name.is_empty() => refusal.failure(Code::NotAllowed).about(format!("{action}, {resource}")),
        _ => failure(connection, refusal, host, &format!("{action}, {resource}")),
    }
}

/// `action`: what was asked, as IAM writes it.
fn failure(connection: &Connection, refusal: &Refusal, host: &str, action: &str) -> Failure {
    match refusal.common(host) {
        Some(failure) if matches!(failure.code, Code::NotAllowed | Code::Throttled) => failure.about(action),
        Some(failure) if failure.code == Code::ClockSkew => failure.about(connection.clock.skew()),
        // Nobody has signed in with these.
        Some(failure) if failure.code == Code::SessionExpired => Failure { code: Code::ServiceError, ..failure },
        Some(failure) => failure,
        None => refusal.failure(Code::ServiceError).about(host),
    }
}

fn broke_off(host: &str) -> Failure {
    let why = Why::new("the connection broke off in the middle of the object", "オブジェクトの途中で接続が切れました");
    Failure::new(Code::Offline).about(host).because_of(why)
}
