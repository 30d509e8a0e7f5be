//! The jobs' view of AWS.

use std::collections::BTreeSet;

use async_trait::async_trait;
use fieldkey_core::{Claim, Cloud, Code, Endpoint, Failure};

use crate::{Aws, iot};

#[async_trait]
impl Cloud for Aws {
    async fn sign_in(&self) -> Result<String, Failure> {
        let who = self.who().await;
        who.map(|who| who.name).ok_or_else(|| Failure::new(Code::SignInRequired))
    }

    async fn credentials(&self) -> Result<(), Failure> {
        self.operator.credentials().await.map(drop)
    }

    async fn claim(&self) -> Result<Claim, Failure> {
        self.credentials().await?;
        self.trusted(iot::claim(&self.connection, &self.iot).await)
    }

    async fn endpoint(&self) -> Result<Endpoint, Failure> {
        let known = || async {
            match &self.connection.site.data_endpoint {
                Some(host) => Ok(Endpoint { host: host.clone(), port: self.connection.site.mqtt_port() }),
                None => {
                    self.credentials().await?;
                    self.trusted(iot::data_endpoint(&self.connection, &self.iot).await)
                }
            }
        };
        self.endpoint.get_or_try_init(known).await.cloned()
    }

    async fn certificates_of(&self, thing_name: &str) -> Result<BTreeSet<String>, Failure> {
        self.credentials().await?;
        self.trusted(iot::certificates_of(&self.connection, &self.iot, thing_name).await)
    }
}
