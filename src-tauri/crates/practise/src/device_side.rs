//! AWS as a device meets it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use fieldkey_core::ports::{Caller, Connected, Provisioning, TemporaryCredentials};
use fieldkey_core::{Claim, Code, DeviceSide, Endpoint, Failure, Identity, Why, x509};
use secrecy::ExposeSecret;
use time::{Duration, OffsetDateTime};

use crate::exchange::Exchange;
use crate::{Practise, World, held};

/// Of AWS's documentation; nobody's.
const ACCOUNT: &str = "111122223333";

/// The one bucket that there is, and what is in it.
const BUCKET: &str = "practise";
const OBJECT: (&str, u64) = ("welcome.txt", 1_024);

#[async_trait]
impl DeviceSide for Practise {
    async fn with_claim(
        &self,
        claim: &Claim,
        endpoint: &Endpoint,
        ca_pem: &str,
    ) -> Result<Box<dyn Provisioning>, Failure> {
        self.0.clock.takes(400).await;
        self.0.reach(endpoint, ca_pem)?;
        let over = held(&self.0.claims).check(claim, &endpoint.host)?;
        Ok(Box::new(Exchange::new(Arc::clone(&self.0), over)))
    }

    async fn connect(&self, identity: &Identity) -> Result<Box<dyn Connected>, Failure> {
        self.0.clock.takes(400).await;
        self.0.reach(&identity.endpoint, &identity.ca_pem)?;
        self.0.admit(identity)?;
        let (world, identity) = (Arc::clone(&self.0), identity.clone());
        Ok(Box::new(Line { world, identity, topics: BTreeSet::new(), heard: VecDeque::new() }))
    }

    async fn temporary_credentials(
        &self,
        identity: &Identity,
        host: &str,
        role_alias: &str,
    ) -> Result<TemporaryCredentials, Failure> {
        self.0.clock.takes(500).await;
        if self.0.site.credentials_endpoint.as_deref() != Some(host) {
            return Err(Failure::new(Code::WrongEndpoint).about(host));
        }
        if self.0.site.role_alias.as_deref() != Some(role_alias) {
            let why = Why::new("there is no such role alias", "ロールエイリアスが見つかりません");
            return Err(Failure::new(Code::RoleAliasRefused).about(role_alias).because_of(why));
        }
        self.0.admit(identity).map_err(|refused| Failure {
            code: Code::RoleAliasRefused,
            about: role_alias.to_owned(),
            ..refused
        })?;
        Ok(TemporaryCredentials {
            access_key_id: "ASIAPRACTISEPRACTISE".into(),
            secret_access_key: "practise".into(),
            // What it says is all that is ever asked of it.
            session_token: identity.certificate_id.clone().into(),
            expires: OffsetDateTime::now_utc() + Duration::HOUR,
        })
    }

    async fn caller(&self, credentials: &TemporaryCredentials) -> Result<Caller, Failure> {
        self.0.clock.takes(300).await;
        let session = credentials.session_token.expose_secret();
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/practise-device/{session}");
        Ok(Caller { arn, account: ACCOUNT.into() })
    }

    async fn first_object(&self, _: &TemporaryCredentials, bucket: &str) -> Result<Option<String>, Failure> {
        self.0.clock.takes(300).await;
        open(bucket).map(|()| Some(OBJECT.0.to_owned()))
    }

    async fn read_object(&self, _: &TemporaryCredentials, bucket: &str, key: &str) -> Result<u64, Failure> {
        self.0.clock.takes(300).await;
        open(bucket)?;
        if key == OBJECT.0 { Ok(OBJECT.1) } else { Err(Failure::new(Code::NotAllowed).about("s3:GetObject")) }
    }
}

fn open(bucket: &str) -> Result<(), Failure> {
    if bucket == BUCKET {
        return Ok(());
    }
    let why = Why::new(format!("the bucket is called `{BUCKET}`"), format!("バケット名は `{BUCKET}` です"));
    Err(Failure::new(Code::Usage).about(bucket).because_of(why))
}

impl World {
    /// Would a device get through to the endpoint, and trust it?
    fn reach(&self, endpoint: &Endpoint, ca_pem: &str) -> Result<(), Failure> {
        let Endpoint { host, port } = endpoint;
        if self.site.data_endpoint.as_ref() != Some(host) || self.site.mqtt_port() != *port {
            return Err(Failure::new(Code::WrongEndpoint).about(format!("{host}:{port}")));
        }
        let trusts = ca_pem.trim() == self.authority.pem().trim();
        if trusts { Ok(()) } else { Err(Failure::new(Code::TlsUntrusted).about(host)) }
    }

    fn admit(&self, identity: &Identity) -> Result<(), Failure> {
        let host = &identity.endpoint.host;
        if !x509::key_matches(&identity.certificate_pem, identity.private_key()?)? {
            return Err(Failure::new(Code::IdentityRefused).about(host));
        }
        let shown = x509::preview(&identity.certificate_pem)?.certificate_id;
        self.registry().admit(&shown, &identity.thing_name, host)
    }
}

/// A connection as a thing. It hears itself.
struct Line {
    world: Arc<World>,
    identity: Identity,
    topics: BTreeSet<String>,
    heard: VecDeque<Vec<u8>>,
}

#[async_trait]
impl Connected for Line {
    async fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), Failure> {
        self.world.clock.takes(80).await;
        // A certificate that is switched off loses its connection.
        self.world.admit(&self.identity)?;
        if self.topics.contains(topic) {
            self.heard.push_back(payload.to_vec());
        }
        Ok(())
    }

    async fn subscribe(&mut self, topic: &str) -> Result<(), Failure> {
        self.world.clock.takes(120).await;
        self.world.admit(&self.identity)?;
        self.topics.insert(topic.to_owned());
        Ok(())
    }

    async fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        self.world.clock.takes(80).await;
        self.heard.pop_front().ok_or_else(|| Failure::new(Code::EchoMissing))
    }
}
