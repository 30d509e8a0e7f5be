//! Plays AWS IoT's part in fleet provisioning on a real broker, with a client of its own.

use std::sync::{Arc, Mutex};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::mosquitto::Mosquitto;
use super::{CERTIFICATE_ID, THING};

/// As long as AWS's, and as little to be seen anywhere.
pub(crate) const TOKEN: &str = "eyJ2ZXJzaW9uIjoiMjAxOTEwMjMiLCJjaXBoZXIiOiJzZWNyZXQtb3duZXJzaGlwLXRva2VuIn0";

/// The answer: the last level of its topic, and what is in it. `None` for silence.
pub(crate) type Answer = Option<(&'static str, Value)>;

/// Answers until it is dropped.
pub(crate) struct FleetProvisioning {
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    task: JoinHandle<()>,
}

impl FleetProvisioning {
    pub(crate) async fn on(broker: &Mosquitto, answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let options = MqttOptions::new("AWS", "127.0.0.1", broker.plain);
        let (client, mut events) = AsyncClient::new(options, 10);
        for topic in ["$aws/certificates/+/json", "$aws/provisioning-templates/+/provision/json"] {
            client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
        }
        let mut subscribed = 0;
        while subscribed < 2 {
            subscribed += usize::from(matches!(events.poll().await.unwrap(), Event::Incoming(Packet::SubAck(_))));
        }
        let asked = Arc::new(Mutex::new(vec![]));
        let notes = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                let Event::Incoming(Packet::Publish(request)) = event else { continue };
                let payload = serde_json::from_slice(&request.payload).unwrap_or(Value::Null);
                notes.lock().unwrap().push((request.topic.clone(), payload));
                if let Some((level, payload)) = answer(&request.topic) {
                    let topic = format!("{}/{level}", request.topic);
                    client.publish(topic, QoS::AtLeastOnce, false, payload.to_string()).await.unwrap();
                }
            }
        });
        Self { asked, task }
    }

    /// Topic and payload of every request.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for FleetProvisioning {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// As AWS answers when all is well. `create` gives this key.
pub(crate) fn accepted(topic: &str, certificate_pem: &str, private_key: &str) -> Answer {
    let mut created = json!({
        "certificateId": CERTIFICATE_ID,
        "certificatePem": certificate_pem,
        "certificateOwnershipToken": TOKEN,
    });
    let answer = match topic {
        "$aws/certificates/create-from-csr/json" => created,
        "$aws/certificates/create/json" => {
            created["privateKey"] = private_key.into();
            created
        }
        _ => json!({ "deviceConfiguration": {}, "thingName": THING }),
    };
    Some(("accepted", answer))
}

pub(crate) fn rejected(status: u16, code: &str, message: &str) -> Answer {
    Some(("rejected", json!({ "statusCode": status, "errorCode": code, "errorMessage": message })))
}
