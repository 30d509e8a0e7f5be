//! `enroll --via claim`: fleet provisioning over MQTT, played in the device's place.
//!
//! The identity is on the target before it is registered. So whenever the run is cut off, the registry holds no
//! active certificate whose key nobody has: one that is not registered yet is PENDING_ACTIVATION, and AWS deletes
//! it by itself.

use serde_json::json;

use crate::ports::Unregistered;
use crate::{Enrolled, Failure, Step, Why, parameters};

use super::exchange::Exchange;
use super::{KeySource, Work};

pub(super) async fn enroll(work: &Work<'_>) -> Result<Enrolled, Failure> {
    let run = work.run;
    let parameters = parameters::of_template(&work.request.parameters, work.serial)?;
    let key = match work.request.key {
        KeySource::Aws => None,
        KeySource::Host | KeySource::Device => Some(work.key_and_csr().await?),
    };
    run.step(Step::Credentials, work.ports.cloud.credentials(), |()| vec![]).await?;
    let mut exchange = Exchange::open(work).await?;
    let (new, key) = exchange.certificate(key).await?;
    run.certificate(&new.certificate_id);
    let made = (new.certificate_pem.clone(), key);
    let (mut identity, preview) = work.identity(made, exchange.endpoints())?;
    let mut written = work.write(&identity, || ()).await?;

    let mut lost = None;
    let register = async {
        match exchange.register(&new, &parameters).await {
            Ok(name) => Ok(name),
            Err(Unregistered::Refused(refused)) => Err(refused),
            // The answer is missing; the proof will tell whether AWS heard the question.
            Err(Unregistered::Lost(failure)) => {
                lost = Some(failure.at(Step::Register));
                Ok(identity.thing_name.clone())
            }
        }
    };
    let detail = |name: &String| vec![("thingName", json!(name)), ("certificateId", json!(new.certificate_id))];
    match run.step(Step::Register, register, detail).await {
        Ok(name) if name == identity.thing_name => {}
        Ok(name) => {
            // The template, or its hook, names things in another way than the site file says.
            identity.thing_name = name;
            written.keep().await;
            written = work.write(&identity, || ()).await?;
        }
        Err(refused) => {
            written.withdraw().await;
            return Err(refused);
        }
    }
    drop(exchange);
    match (work.prove(&identity).await, lost) {
        (Ok(()), _) => Ok(work.enrolled(&identity, &preview, work.settle(written).await)),
        // Its key may be an active certificate's by now, so it stays where it is; the next run tries it.
        (Err(_), Some(lost)) => Err(lost.and(&Why::new(
            "the identity is on the device, and may be registered or not: run it once more",
            "証明書はデバイスにありますが、登録されたかどうか不明です。もう一度実行してください",
        ))),
        (Err(failure), None) => Err(failure),
    }
}
