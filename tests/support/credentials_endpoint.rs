//! AWS IoT's credentials endpoint (`credentials_endpoint.py`).

use serde_json::{Value, json};

use super::double::Double;

pub(crate) struct CredentialsEndpoint(Double);

impl CredentialsEndpoint {
    /// Knows the role aliases of the deployed stacks.
    pub(crate) fn start() -> Self {
        Self(Double::start("credentials_endpoint.py", &[]))
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port("port")
    }

    /// `https://localhost:PORT`
    pub(crate) fn url(&self) -> String {
        self.0.ready["url"].as_str().expect("an address").to_owned()
    }

    pub(crate) fn ca(&self) -> String {
        self.0.ca()
    }

    /// The next request is answered so.
    pub(crate) fn answer(&self, status: u16, body: &Value) {
        self.0.tell(&json!({"do": "answer", "status": status, "body": body}));
    }

    /// The next request is not answered: the connection closes.
    pub(crate) fn cut(&self) {
        self.0.tell(&json!({"do": "cut"}));
    }

    /// Is the account's data endpoint from now on, which some people enter by mistake.
    pub(crate) fn be_the_data_endpoint(&self) {
        self.0.tell(&json!({"do": "as", "endpoint": "data"}));
    }

    pub(crate) fn seen(&self) -> Vec<Value> {
        self.0.seen()
    }
}
