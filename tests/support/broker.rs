//! AWS IoT's MQTT endpoint with fleet provisioning from a CSR (`broker.py`), and what can go wrong there.

use serde_json::{Value, json};

use super::cloud::cloud;
use super::command::Desk;
use super::double::Double;

/// What happens to a request instead of its answer; `broker.py` says it in full.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The connection is closed without a word.
    Cut,
    /// The registry does it, then the connection is gone.
    Lose,
    /// The certificate in question is inactive before the answer comes.
    Deactivate,
    /// This on `…/rejected`.
    Reject(Value),
}

pub(crate) struct Broker(Double);

impl Broker {
    pub(crate) fn start() -> Self {
        let site = cloud().site();
        let template = site["provisioningTemplateName"].as_str().expect("a name");
        Self(Double::start("broker.py", &["--template", template]))
    }

    /// AWS's 8883.
    pub(crate) fn port(&self) -> u16 {
        self.0.port("port")
    }

    /// AWS's 443: it only serves who asks for MQTT by ALPN.
    pub(crate) fn alpn_port(&self) -> u16 {
        self.0.port("alpnPort")
    }

    pub(crate) fn ca(&self) -> String {
        self.0.ca()
    }

    /// A desk whose site has its MQTT here.
    pub(crate) fn desk(&self) -> Desk {
        let mut site = cloud().site();
        site["endpoints"]["mqttPort"] = json!(self.port());
        site["endpoints"]["mqttAlpnPort"] = json!(self.alpn_port());
        let desk = Desk::with_site(&site);
        std::fs::write(desk.path("ca.pem"), cloud().ca() + &self.ca()).expect("writable");
        desk
    }

    /// The next request to a topic that contains this, or the next `connect`, meets the fault.
    pub(crate) fn fault(&self, on: &str, fault: Fault) {
        self.faults(on, fault, 1);
    }

    pub(crate) fn faults(&self, on: &str, fault: Fault, times: u32) {
        let mut command = match fault {
            Fault::Cut => json!({"do": "cut"}),
            Fault::Lose => json!({"do": "lose"}),
            Fault::Deactivate => json!({"do": "deactivate"}),
            Fault::Reject(payload) => json!({"do": "reject", "payload": payload}),
        };
        command["on"] = json!(on);
        command["times"] = json!(times);
        self.0.tell(&command);
    }

    /// Port 8883 refuses connections, as a closed port does.
    pub(crate) fn block(&self) {
        self.0.tell(&json!({"do": "block", "how": "refuse"}));
    }

    /// Port 8883 takes connections and then says nothing, as some firewalls do.
    pub(crate) fn hang(&self) {
        self.0.tell(&json!({"do": "block", "how": "hang"}));
    }

    /// A broker older than MQTT 5.
    pub(crate) fn refuse_mqtt5(&self) {
        self.0.tell(&json!({"do": "mqtt5", "speaks": false}));
    }

    pub(crate) fn seen(&self) -> Vec<Value> {
        self.0.seen()
    }
}
