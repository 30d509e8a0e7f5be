//! AWS IoT's control side with somebody's credentials: the claim and the endpoints.

use std::sync::Arc;

use aws_sdk_iot::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use fieldkey_core::{Claim, Code, Endpoint, Failure};
use time::OffsetDateTime;
use tokio::sync::OnceCell;

use crate::connection::Connection;
use crate::rate;
use crate::refusal::{Refusal, refusal};

/// An operator's AWS IoT, or an engineer's.
pub(crate) struct Iot {
    pub(crate) connection: Arc<Connection>,
    pub(crate) client: aws_sdk_iot::Client,
    endpoint: OnceCell<Endpoint>,
    credentials_endpoint: OnceCell<String>,
}

impl Iot {
    pub(crate) fn new(connection: Arc<Connection>, client: aws_sdk_iot::Client) -> Arc<Self> {
        let (endpoint, credentials_endpoint) = Default::default();
        Arc::new(Self { connection, client, endpoint, credentials_endpoint })
    }

    /// Waits for the API's turn, then calls it. What AWS refused is for the caller to tell apart.
    ///
    /// # Errors
    /// No answer came.
    pub(crate) async fn call<T, E>(
        &self,
        api: &'static str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Result<T, Refusal>, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let host = self.connection.iot_host();
        rate::turn(&host, api).await;
        match call.await {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => refusal(error, &host).map(Err),
        }
    }

    /// CreateProvisioningClaim.
    /// <https://docs.aws.amazon.com/iot/latest/apireference/API_CreateProvisioningClaim.html>
    pub(crate) async fn claim(&self) -> Result<Claim, Failure> {
        let template = &self.connection.site.provisioning_template_name;
        let call = self.client.create_provisioning_claim().template_name(template).send();
        let answer =
            self.call("CreateProvisioningClaim", call).await?.map_err(|refusal| match refusal.name.as_str() {
                "ResourceNotFoundException" | "InvalidRequestException" => {
                    refusal.failure(Code::TemplateNotFound).about(template)
                }
                _ => self.refused(&refusal, &format!("iot:CreateProvisioningClaim, provisioningtemplate/{template}")),
            })?;
        let keys = answer.key_pair.and_then(|pair| pair.private_key);
        let expires = answer.expiration.and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok());
        let (Some(certificate_id), Some(certificate_pem), Some(private_key), Some(expires)) =
            (answer.certificate_id, answer.certificate_pem, keys, expires)
        else {
            return Err(self.nonsense("a part of the claim is missing"));
        };
        Ok(Claim {
            certificate_id,
            certificate_pem,
            private_key_pem: private_key.into(),
            expires,
            lifetime: (expires - self.connection.clock.now()).try_into().unwrap_or_default(),
        })
    }

    /// Where devices connect: from the site file, else DescribeEndpoint for `iot:Data-ATS`, once.
    pub(crate) async fn endpoint(&self) -> Result<Endpoint, Failure> {
        let site = &self.connection.site;
        let host = || async {
            let host = self.described_unless(site.data_endpoint.as_ref(), "iot:Data-ATS").await?;
            Ok(Endpoint { host, port: site.mqtt_port() })
        };
        self.endpoint.get_or_try_init(host).await.cloned()
    }

    /// Where devices fetch temporary credentials: from the site file, else DescribeEndpoint for
    /// `iot:CredentialProvider`, once.
    pub(crate) async fn credentials_endpoint(&self) -> Result<String, Failure> {
        let told = self.connection.site.credentials_endpoint.as_ref();
        let host = || self.described_unless(told, "iot:CredentialProvider");
        self.credentials_endpoint.get_or_try_init(host).await.cloned()
    }

    async fn described_unless(&self, told: Option<&String>, endpoint_type: &str) -> Result<String, Failure> {
        if let Some(host) = told {
            return Ok(host.clone());
        }
        let call = self.client.describe_endpoint().endpoint_type(endpoint_type).send();
        let answer = self.call("DescribeEndpoint", call).await?;
        let answer = answer.map_err(|refusal| self.refused(&refusal, "iot:DescribeEndpoint"))?;
        answer.endpoint_address.ok_or_else(|| self.nonsense("the endpoint is missing"))
    }

    /// `action`: what was asked, as IAM writes it.
    pub(crate) fn refused(&self, refusal: &Refusal, action: &str) -> Failure {
        let host = self.connection.iot_host();
        match refusal.common(&host) {
            Some(failure) if matches!(failure.code, Code::NotAllowed | Code::Throttled) => failure.about(action),
            Some(failure) if failure.code == Code::ClockSkew => failure.about(self.connection.clock.skew()),
            Some(failure) => failure,
            None => refusal.failure(Code::ServiceError).about(host),
        }
    }

    pub(crate) fn nonsense(&self, why: &str) -> Failure {
        Failure::new(Code::ServiceError).about(self.connection.iot_host()).because(why)
    }
}
