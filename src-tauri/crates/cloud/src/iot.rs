//! AWS IoT: the claim, the endpoint, and what the registry knows.

use std::collections::BTreeSet;

use fieldkey_core::{Claim, Code, Endpoint, Failure};
use time::OffsetDateTime;

use crate::connection::Connection;
use crate::refusal::{Refusal, refusal};

/// CreateProvisioningClaim. <https://docs.aws.amazon.com/iot/latest/apireference/API_CreateProvisioningClaim.html>
pub(crate) async fn claim(connection: &Connection, iot: &aws_sdk_iot::Client) -> Result<Claim, Failure> {
    let template = &connection.site.provisioning_template_name;
    let answer = match iot.create_provisioning_claim().template_name(template).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let refusal = refusal(error, &connection.iot_host())?;
            let action = format!("iot:CreateProvisioningClaim, provisioningtemplate/{template}");
            return Err(match refusal.name.as_str() {
                "ResourceNotFoundException" | "InvalidRequestException" => {
                    refusal.failure(Code::TemplateNotFound).about(template)
                }
                _ => common(connection, &refusal, &action),
            });
        }
    };
    let keys = answer.key_pair.and_then(|pair| pair.private_key);
    let expires = answer.expiration.and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok());
    let (Some(certificate_id), Some(certificate_pem), Some(private_key), Some(expires)) =
        (answer.certificate_id, answer.certificate_pem, keys, expires)
    else {
        return Err(nonsense(connection, "a part of the claim is missing"));
    };
    Ok(Claim {
        certificate_id,
        certificate_pem,
        private_key_pem: private_key.into(),
        expires,
        lifetime: (expires - connection.clock.now()).try_into().unwrap_or_default(),
    })
}

/// DescribeEndpoint for `iot:Data-ATS`.
pub(crate) async fn data_endpoint(connection: &Connection, iot: &aws_sdk_iot::Client) -> Result<Endpoint, Failure> {
    match iot.describe_endpoint().endpoint_type("iot:Data-ATS").send().await {
        Ok(answer) => {
            let host = answer.endpoint_address.ok_or_else(|| nonsense(connection, "the endpoint is missing"))?;
            Ok(Endpoint { host, port: connection.site.mqtt_port() })
        }
        Err(error) => Err(common(connection, &refusal(error, &connection.iot_host())?, "iot:DescribeEndpoint")),
    }
}

/// ListThingPrincipals: the IDs of the certificates attached to a thing, none if there is no such thing.
pub(crate) async fn certificates_of(
    connection: &Connection,
    iot: &aws_sdk_iot::Client,
    thing_name: &str,
) -> Result<BTreeSet<String>, Failure> {
    let mut ids = BTreeSet::new();
    let mut pages = iot.list_thing_principals().thing_name(thing_name).into_paginator().send();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                let certificates = page.principals().iter().filter_map(|arn| arn.split_once(":cert/"));
                ids.extend(certificates.map(|(_, id)| id.to_owned()));
            }
            Err(error) => {
                let refusal = refusal(error, &connection.iot_host())?;
                if refusal.name == "ResourceNotFoundException" {
                    return Ok(BTreeSet::new());
                }
                let action = format!("iot:ListThingPrincipals, thing/{thing_name}");
                return Err(common(connection, &refusal, &action));
            }
        }
    }
    Ok(ids)
}

/// `action`: what was asked, as IAM writes it.
fn common(connection: &Connection, refusal: &Refusal, action: &str) -> Failure {
    match refusal.common(&connection.iot_host()) {
        Some(failure) if matches!(failure.code, Code::NotAllowed | Code::Throttled) => failure.about(action),
        Some(failure) if failure.code == Code::ClockSkew => failure.about(connection.clock.skew()),
        Some(failure) => failure,
        None => refusal.failure(Code::ServiceError).about(connection.iot_host()),
    }
}

fn nonsense(connection: &Connection, why: &str) -> Failure {
    Failure::new(Code::ServiceError).about(connection.iot_host()).because(why)
}
