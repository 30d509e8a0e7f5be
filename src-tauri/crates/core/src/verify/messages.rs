//! MQTT: connect, subscribe, and three messages that come back.

use serde_json::json;

use crate::prove::{at_site, own_topic};
use crate::run::Run;
use crate::{Check, Code, DeviceSide, Failure, Identity, Site, Step, Verdict, Why};

use super::{check, skip};

pub(super) const STEPS: [Step; 3] = [Step::Connect, Step::Subscribe, Step::Echo];

const MESSAGES: u32 = 3;

pub(super) async fn exchange(
    run: &Run<'_>,
    site: &Site,
    identity: &Identity,
    device_side: &dyn DeviceSide,
) -> Vec<Check> {
    let topic = own_topic(&identity.thing_name);
    let mut connection = None;
    let connect = async {
        let identity = at_site(identity.clone(), site)?;
        connection = Some(device_side.connect(&identity).await?);
        Ok(format!("{}:{}", identity.endpoint.host, identity.endpoint.port))
    };
    let mut checks = vec![check(run, Step::Connect, connect).await];
    let Some(mut connected) = connection else {
        checks.extend(skip(run, &STEPS[1..], Why::new("there is no connection", "接続できていません")).await);
        return checks;
    };
    let subscribe = async { connected.subscribe(&topic).await.map(|()| topic.clone()) };
    let subscribed = check(run, Step::Subscribe, subscribe).await;
    let listening = subscribed.verdict == Verdict::Passed;
    checks.push(subscribed);
    if !listening {
        checks.extend(skip(run, &STEPS[2..], Why::new("nobody listens", "サブスクライブできていません")).await);
        return checks;
    }
    let echo = async {
        for counter in 0..MESSAGES {
            let message = json!({ "counter": counter, "message": "verify" }).to_string();
            connected.publish(&topic, message.as_bytes()).await?;
            let heard = connected.receive().await.map_err(|failure| failure.about(&topic))?;
            if heard != message.as_bytes() {
                let why = Why::new("another message came", "別のメッセージを受信しました");
                return Err(Failure::new(Code::EchoMissing).about(&topic).because_of(why));
            }
        }
        Ok(format!("{MESSAGES}/{MESSAGES}"))
    };
    checks.push(check(run, Step::Echo, echo).await);
    checks
}
