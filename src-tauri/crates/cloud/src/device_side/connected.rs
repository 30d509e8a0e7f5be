//! A connection as a thing.

use async_trait::async_trait;
use fieldkey_core::ports::Connected;
use fieldkey_core::{Code, Failure};

use super::mqtt::{Dial, Session};
use super::party::Party;
use super::refused::{Ended, Moment};

pub(super) struct AsThing {
    session: Session,
    party: Party,
    /// What was subscribed to last.
    topic: String,
}

impl AsThing {
    pub(super) async fn connect(dial: &Dial, party: Party) -> Result<Self, Failure> {
        let session = dial.connect(&party.client_id()?).await.map_err(|ended| party.not_let_in(ended))?;
        Ok(Self { session, party, topic: String::new() })
    }
}

#[async_trait]
impl Connected for AsThing {
    async fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), Failure> {
        let published = self.session.publish(topic, payload).await;
        published.map_err(|ended| self.party.cut_off(ended, Moment::Publishing(topic)))
    }

    async fn subscribe(&mut self, topic: &str) -> Result<(), Failure> {
        topic.clone_into(&mut self.topic);
        let subscribed = self.session.subscribe(&[topic]).await;
        subscribed.map_err(|ended| self.party.cut_off(ended, Moment::Subscribing(topic)))
    }

    async fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        match self.session.message().await {
            Ok(message) => Ok(message.payload.to_vec()),
            Err(Ended::OutOfTime) => Err(Failure::new(Code::EchoMissing).about(&self.topic)),
            Err(ended) => Err(self.party.cut_off(ended, Moment::Waiting(&self.topic))),
        }
    }
}
