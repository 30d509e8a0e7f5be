//! The single calls that change the registry.

use aws_sdk_iot::config::retry::RetryConfig;
use aws_sdk_iot::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{Code, Failure, Why};
use std::time::Duration;

use super::refusal;
use crate::iot::Iot;
use crate::refusal::Refusal;

/// AWS answers that it has detached a thing before it has.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

pub(super) const NOT_FOUND: &str = "ResourceNotFoundException";
pub(super) const EXISTS: &str = "ResourceAlreadyExistsException";

/// A certificate that was just made or registered.
pub(super) struct Made {
    pub(super) id: String,
    pub(super) arn: String,
    /// Empty where it was there before.
    pub(super) pem: String,
}

/// For calls that make something else when they are done twice.
fn once() -> aws_sdk_iot::config::Builder {
    aws_sdk_iot::config::Builder::new().retry_config(RetryConfig::disabled())
}

impl Iot {
    async fn done<T, E>(
        &self,
        api: &'static str,
        resource: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<(), Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let refused = |refusal: Refusal| self.refused(&refusal, &format!("iot:{api}, {resource}"));
        self.call(api, call).await?.map(drop).map_err(refused)
    }

    /// The same where what is gone already is as good as done.
    async fn undone<T, E>(
        &self,
        api: &'static str,
        resource: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<(), Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match self.call(api, call).await? {
            Err(refusal) if refusal.name != NOT_FOUND => Err(self.refused(&refusal, &format!("iot:{api}, {resource}"))),
            _ => Ok(()),
        }
    }

    /// CreateCertificateFromCsr, inactive.
    pub(super) async fn create_certificate(&self, csr_pem: &str) -> Result<Made, Failure> {
        let call = self.client.create_certificate_from_csr().certificate_signing_request(csr_pem).set_as_active(false);
        let call = call.customize().config_override(once()).send();
        let answer = self.call("CreateCertificateFromCsr", call).await?;
        let answer = answer.map_err(|refusal| match refusal.name.as_str() {
            "InvalidRequestException" => refusal.failure(Code::CertificateUnsupported).about("CSR"),
            _ => self.refused(&refusal, "iot:CreateCertificateFromCsr"),
        })?;
        match (answer.certificate_id, answer.certificate_arn, answer.certificate_pem) {
            (Some(id), Some(arn), Some(pem)) => Ok(Made { id, arn, pem }),
            _ => Err(self.nonsense("a part of the certificate is missing")),
        }
    }

    /// RegisterCertificateWithoutCA, inactive. `None` if it is registered already.
    pub(super) async fn register_certificate(&self, pem: &str, id: &str) -> Result<Option<Made>, Failure> {
        let call = self.client.register_certificate_without_ca().certificate_pem(pem);
        let call = call.status(aws_sdk_iot::types::CertificateStatus::Inactive);
        let call = call.customize().config_override(once()).send();
        match self.call("RegisterCertificateWithoutCA", call).await? {
            Ok(answer) => match (answer.certificate_id, answer.certificate_arn) {
                (Some(id), Some(arn)) => Ok(Some(Made { id, arn, pem: pem.to_owned() })),
                _ => Err(self.nonsense("a part of the certificate is missing")),
            },
            Err(refusal) => match refusal.name.as_str() {
                EXISTS => Ok(None),
                "CertificateValidationException" | "InvalidRequestException" => {
                    Err(refusal.failure(Code::CertificateUnsupported).about(id))
                }
                _ => Err(self.refused(&refusal, "iot:RegisterCertificateWithoutCA")),
            },
        }
    }

    pub(super) async fn attach_policy(&self, policy: &str, arn: &str) -> Result<(), Failure> {
        let call = self.client.attach_policy().policy_name(policy).target(arn).send();
        self.call("AttachPolicy", call).await?.map(drop).map_err(|refusal| match refusal.name.as_str() {
            NOT_FOUND => {
                let why = Why::new("there is no such AWS IoT policy", "その AWS IoT ポリシーはありません");
                refusal::policy(policy).because_of(why)
            }
            _ => self.refused(&refusal, &format!("iot:AttachPolicy, policy/{policy}")),
        })
    }

    pub(super) async fn detach_policy(&self, policy: &str, arn: &str) -> Result<(), Failure> {
        let call = self.client.detach_policy().policy_name(policy).target(arn).send();
        self.undone("DetachPolicy", &format!("policy/{policy}"), call).await
    }

    pub(super) async fn has_thing(&self, name: &str) -> Result<bool, Failure> {
        let call = self.client.describe_thing().thing_name(name).send();
        match self.call("DescribeThing", call).await? {
            Ok(_) => Ok(true),
            Err(refusal) if refusal.name == NOT_FOUND => Ok(false),
            Err(refusal) => Err(self.refused(&refusal, &format!("iot:DescribeThing, thing/{name}"))),
        }
    }

    /// CreateThing. False if somebody else was quicker.
    pub(super) async fn create_thing(&self, name: &str) -> Result<bool, Failure> {
        let call = self.client.create_thing().thing_name(name).send();
        match self.call("CreateThing", call).await? {
            Ok(_) => Ok(true),
            Err(refusal) if refusal.name == EXISTS => Ok(false),
            Err(refusal) => Err(self.refused(&refusal, &format!("iot:CreateThing, thing/{name}"))),
        }
    }

    pub(super) async fn delete_thing(&self, name: &str) -> Result<(), Failure> {
        let call = || self.client.delete_thing().thing_name(name).send();
        self.when_detached("DeleteThing", &format!("thing/{name}"), call).await
    }

    pub(super) async fn attach_thing(&self, name: &str, arn: &str) -> Result<(), Failure> {
        let call = self.client.attach_thing_principal().thing_name(name).principal(arn).send();
        self.done("AttachThingPrincipal", &format!("thing/{name}"), call).await
    }

    pub(super) async fn detach_thing(&self, name: &str, arn: &str) -> Result<(), Failure> {
        let call = self.client.detach_thing_principal().thing_name(name).principal(arn).send();
        self.undone("DetachThingPrincipal", &format!("thing/{name}"), call).await
    }

    pub(super) async fn update_certificate(&self, id: &str, status: CertificateStatus) -> Result<(), Failure> {
        use aws_sdk_iot::types::CertificateStatus as Wire;
        let wire = match status {
            CertificateStatus::Active => Wire::Active,
            CertificateStatus::Inactive => Wire::Inactive,
            CertificateStatus::Revoked
            | CertificateStatus::PendingTransfer
            | CertificateStatus::RegisterInactive
            | CertificateStatus::PendingActivation => {
                let why = Why::new("a certificate is made ACTIVE or INACTIVE", "ACTIVE か INACTIVE を指定してください");
                return Err(Failure::new(Code::Usage).about("status").because_of(why));
            }
        };
        let call = self.client.update_certificate().certificate_id(id).new_status(wire).send();
        self.done("UpdateCertificate", &format!("cert/{id}"), call).await
    }

    /// DeleteCertificate, with whatever policies are still attached.
    pub(super) async fn delete_certificate(&self, id: &str) -> Result<(), Failure> {
        let call = || self.client.delete_certificate().certificate_id(id).force_delete(true).send();
        self.when_detached("DeleteCertificate", &format!("cert/{id}"), call).await
    }

    async fn when_detached<T, E, F>(
        &self,
        api: &'static str,
        resource: &str,
        call: impl Fn() -> F,
    ) -> Result<(), Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.call(api, call()).await? {
                Ok(_) => return Ok(()),
                Err(refusal) if refusal.name == NOT_FOUND => return Ok(()),
                Err(refusal)
                    if pause <= LONGEST_PAUSE
                        && matches!(refusal.name.as_str(), "DeleteConflictException" | "InvalidRequestException") => {}
                Err(refusal) => return Err(self.refused(&refusal, &format!("iot:{api}, {resource}"))),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}
