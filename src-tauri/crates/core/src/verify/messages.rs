//! MQTT: connect, subscribe, and three messages that come back.

use serde_json::json;

use crate::ports::Connected;
use crate::prove::{check_of_site, own_topic};
use crate::run::Run;
use crate::{Check, Code, DeviceSide, Failure, Identity, Site, Step, Verdict, Why};

use super::{check, skip};

pub(super) const STEPS: [Step; 3] = [Step::Connect, Step::Subscribe, Step::Echo];

const MESSAGES: u32 = 3;

/// So many messages that are not ours are listened to.
const OTHERS: u32 = 50;

pub(super) async fn exchange(
    run: &Run<'_>,
    site: &Site,
    identity: &Identity,
    device_side: &dyn DeviceSide,
) -> Vec<Check> {
    let topic = own_topic(&identity.thing_name);
    let mut connection = None;
    let connect = async {
        check_of_site(identity, site)?;
        connection = Some(device_side.connect(identity).await?);
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
            let message = json!({ "counter": counter, "message": "verify", "run": run.id() }).to_string();
            connected.publish(&topic, message.as_bytes()).await?;
            hear(connected.as_mut(), &topic, message.as_bytes()).await?;
        }
        Ok(format!("{MESSAGES}/{MESSAGES}"))
    };
    checks.push(check(run, Step::Echo, echo).await);
    checks
}

/// Waits for a message. Others may come before it: AWS delivers some twice, and the device itself may speak there.
async fn hear(connected: &mut dyn Connected, topic: &str, message: &[u8]) -> Result<(), Failure> {
    for _ in 0..OTHERS {
        if connected.receive().await.map_err(|failure| failure.about(topic))? == message {
            return Ok(());
        }
    }
    let why = Why::new("only other messages came", "別のメッセージだけを受信しました");
    Err(Failure::new(Code::EchoMissing).about(topic).because_of(why))
}
