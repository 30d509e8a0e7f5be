//! Fleet provisioning: two requests over MQTT, whose answers come on topics of their own.
//! <https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html>

use std::collections::BTreeMap;

use async_trait::async_trait;
use fieldkey_core::ports::{New, Provisioning, Unregistered};
use fieldkey_core::{Code, Failure, Why};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::mqtt::{Dial, Session};
use super::party::Party;
use super::refused::{Ended, Moment, both, named};
use super::rejected::Rejected;

/// A connection with a claim.
pub(super) struct WithClaim {
    dial: Dial,
    session: Session,
    party: Party,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FromCsr<'a> {
    certificate_signing_request: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    certificate_id: String,
    certificate_pem: String,
    private_key: Option<SecretString>,
    certificate_ownership_token: SecretString,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegisterThing<'a> {
    certificate_ownership_token: &'a str,
    parameters: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    thing_name: String,
}

/// Why there is no answer to use.
enum Unanswered {
    Ended(Ended, When),
    Rejected(Rejected),
    /// An answer that cannot be read.
    Nonsense,
    /// The request arrived, the answer did not.
    Never,
}

#[derive(Clone, Copy)]
enum When {
    Subscribing,
    Publishing,
    Waiting,
}

impl WithClaim {
    pub(super) async fn connect(dial: Dial, party: Party) -> Result<Self, Failure> {
        let session = dial.connect(&party.client_id()?).await.map_err(|ended| party.not_let_in(ended))?;
        Ok(Self { dial, session, party })
    }

    /// Asks on a new connection if this one got lost while it idled: nothing was asked on it yet.
    async fn ask<A: DeserializeOwned>(&mut self, topic: &str, request: &[u8]) -> Result<A, Unanswered> {
        match self.ask_here(topic, request).await {
            Err(Unanswered::Ended(Ended::Silently | Ended::Broken(_), When::Subscribing)) if !self.party.is_over() => {
                let again = match self.party.client_id() {
                    Ok(client_id) => self.dial.connect(&client_id).await,
                    Err(failure) => Err(Ended::Known(failure)),
                };
                self.session = again.map_err(|ended| Unanswered::Ended(ended, When::Subscribing))?;
                self.ask_here(topic, request).await
            }
            outcome => outcome,
        }
    }

    /// Listens for both answers, then asks.
    async fn ask_here<A: DeserializeOwned>(&mut self, topic: &str, request: &[u8]) -> Result<A, Unanswered> {
        let (accepted, rejected) = (format!("{topic}/accepted"), format!("{topic}/rejected"));
        let subscribed = self.session.subscribe(&[&accepted, &rejected]).await;
        subscribed.map_err(|ended| Unanswered::Ended(ended, When::Subscribing))?;
        // What came too late for an earlier request is not the answer to this one.
        while self.session.message_at_hand().is_some() {}
        let published = self.session.publish(topic, request).await;
        loop {
            let message = match (&published, self.session.message_at_hand()) {
                (_, Some(message)) => message,
                (Ok(()), None) => match self.session.message().await {
                    Ok(message) => message,
                    Err(Ended::OutOfTime) => return Err(Unanswered::Never),
                    Err(ended) => return Err(Unanswered::Ended(ended, When::Waiting)),
                },
                (Err(_), None) => break,
            };
            if message.topic == accepted {
                return serde_json::from_slice(&message.payload).map_err(|_| Unanswered::Nonsense);
            }
            if message.topic == rejected {
                return Err(Unanswered::Rejected(Rejected::read(&message.payload)));
            }
        }
        match published {
            Err(ended) => Err(Unanswered::Ended(ended, When::Publishing)),
            Ok(()) => Err(Unanswered::Never),
        }
    }

    fn failure(&self, unanswered: Unanswered, topic: &str) -> Failure {
        let service = Failure::new(Code::ServiceError).about(&self.party.host);
        match unanswered {
            Unanswered::Ended(ended, when) => {
                let moment = match when {
                    When::Subscribing => Moment::Subscribing(topic),
                    When::Publishing => Moment::Publishing(topic),
                    When::Waiting => Moment::Waiting(topic),
                };
                self.party.cut_off(ended, moment)
            }
            Unanswered::Rejected(rejected) => rejected.failure(&self.party.host),
            Unanswered::Nonsense => service.because_of(Why::new(
                format!("what came on {topic}/accepted cannot be read"),
                format!("{topic}/accepted の内容を読み取れません"),
            )),
            Unanswered::Never if self.party.is_over() => Failure::new(Code::ClaimExpired),
            Unanswered::Never => service.because_of(Why::new(
                format!("it took the request, and no answer came on {topic}/accepted or /rejected"),
                format!("リクエストは届きましたが、{topic}/accepted と /rejected のどちらにも応答がありません"),
            )),
        }
    }
}

#[async_trait]
impl Provisioning for WithClaim {
    async fn certificate(&mut self, csr_pem: Option<&str>) -> Result<New, Failure> {
        let (topic, request) = match csr_pem {
            Some(csr) => {
                let request = json(&FromCsr { certificate_signing_request: csr })?;
                ("$aws/certificates/create-from-csr/json", request)
            }
            None => ("$aws/certificates/create/json", Zeroizing::new(b"{}".to_vec())),
        };
        let created: Created = self.ask(topic, &request).await.map_err(|why| self.failure(why, topic))?;
        if csr_pem.is_none() && created.private_key.is_none() {
            return Err(self.failure(Unanswered::Nonsense, topic));
        }
        Ok(New {
            certificate_id: created.certificate_id,
            certificate_pem: created.certificate_pem,
            private_key_pem: created.private_key.filter(|_| csr_pem.is_none()),
            ownership_token: created.certificate_ownership_token,
        })
    }

    async fn register_thing(
        &mut self,
        template: &str,
        new: &New,
        parameters: &BTreeMap<String, String>,
    ) -> Result<String, Unregistered> {
        let topic = format!("$aws/provisioning-templates/{template}/provision/json");
        let token = new.ownership_token.expose_secret();
        let request = json(&RegisterThing { certificate_ownership_token: token, parameters });
        let request = request.map_err(Unregistered::Refused)?;
        let serial_number = parameters.get("SerialNumber").map_or(template, String::as_str);
        let answer: Result<Registered, _> = self.ask(&topic, &request).await;
        let why = match answer {
            Ok(registered) => return Ok(registered.thing_name),
            Err(why) => why,
        };
        let asked = !matches!(why, Unanswered::Ended(_, When::Subscribing));
        let over = self.party.is_over();
        match why {
            Unanswered::Rejected(rejected) => {
                let failure = rejected.of_registration(&self.party.host, template, serial_number, token);
                Err(if rejected.is_doubtful() { Unregistered::Lost(failure) } else { Unregistered::Refused(failure) })
            }
            // Once AWS has the request, being sent away says nothing about what became of it.
            Unanswered::Ended(Ended::Refused(reason), When::Subscribing | When::Publishing)
                if !over && reason.is_about_topics(asked) =>
            {
                let why = Why::new("the claim is of another template", "クレームは別のテンプレートのものです");
                let failure = Failure::new(Code::TemplateNotFound).about(template);
                Err(Unregistered::Refused(failure.because_of(both(&named(&reason), &why))))
            }
            Unanswered::Ended(Ended::Silently, when) if !over => {
                let failure = self.failure(Unanswered::Ended(Ended::Silently, when), &topic);
                let failure = Failure { code: Code::RegistrationRefused, about: serial_number.to_owned(), ..failure };
                Err(if asked { Unregistered::Lost(failure) } else { Unregistered::Refused(failure) })
            }
            why => {
                let failure = self.failure(why, &topic);
                Err(if asked { Unregistered::Lost(failure) } else { Unregistered::Refused(failure) })
            }
        }
    }
}

fn json(request: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let text = serde_json::to_vec(request);
    text.map(Zeroizing::new).map_err(|error| Failure::new(Code::ServiceError).because(error.to_string()))
}
