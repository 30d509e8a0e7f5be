//! A claim and the MQTT connection made with it; both anew where the claim's five minutes run out.

use std::collections::BTreeMap;

use serde_json::json;
use tokio::time::{Duration, Instant};

use crate::patience::ride_out;
use crate::ports::{New, Provisioning, Unregistered};
use crate::provision::claim_detail;
use crate::x509::KeyAndCsr;
use crate::{Code, Endpoint, Failure, RoleAlias, Step, Why};

use super::{HeldKey, Work};

/// With less than this left, a claim is not begun with any more.
const SPARE: Duration = Duration::from_secs(15);

pub(super) struct Exchange<'a> {
    work: &'a Work<'a>,
    over: Instant,
    endpoints: (Endpoint, Option<RoleAlias>),
    connection: Box<dyn Provisioning>,
}

impl<'a> Exchange<'a> {
    /// The steps `claim` and `connect`.
    pub(super) async fn open(work: &'a Work<'a>) -> Result<Self, Failure> {
        let run = work.run;
        let ask = ride_out(run, Step::Claim, || async { tokio::try_join!(work.ports.cloud.claim(), work.endpoints()) });
        let (claim, endpoints) =
            run.step(Step::Claim, ask, |(claim, (endpoint, _))| claim_detail(claim, endpoint)).await?;
        let over = Instant::now() + claim.lifetime;
        let connect = work.device_side.with_claim(&claim, &endpoints.0, work.ca_pem);
        let connection = run.step(Step::Connect, connect, |_| vec![]).await?;
        Ok(Self { work, over, endpoints, connection })
    }

    pub(super) fn endpoints(&self) -> (Endpoint, Option<RoleAlias>) {
        self.endpoints.clone()
    }

    /// The step `certificate`. `key`: ours, or AWS makes one.
    pub(super) async fn certificate(&mut self, key: Option<KeyAndCsr>) -> Result<(New, HeldKey), Failure> {
        let csr_pem = key.as_ref().map(|key| key.csr_pem.as_str());
        let ask = self.connection.certificate(csr_pem);
        let detail = |new: &New| vec![("certificateId", json!(new.certificate_id))];
        let mut new = self.work.run.step(Step::Certificate, ask, detail).await?;
        match key.map(HeldKey::of).or_else(|| new.private_key_pem.take().map(HeldKey::Here)) {
            Some(key) => Ok((new, key)),
            None => {
                let why = Why::new("the private key is missing", "秘密鍵がありません");
                Err(Failure::new(Code::ServiceError).about("AWS IoT").because_of(why).at(Step::Certificate))
            }
        }
    }

    /// RegisterThing. The certificate outlives the claim it was made with by an hour, so a fresh claim serves as well.
    pub(super) async fn register(
        &mut self,
        new: &New,
        parameters: &BTreeMap<String, String>,
    ) -> Result<String, Unregistered> {
        if Instant::now() + SPARE >= self.over {
            *self = Self::open(self.work).await.map_err(Unregistered::Refused)?;
        }
        self.connection.register_thing(&self.work.site.provisioning_template_name, new, parameters).await
    }
}
