//! One MQTT connection. Whoever waits drives it, and when it is lost nothing brings it back behind their back.
//!
//! rumqttc's own event loop is not used, only its packets: the loop reconnects by itself, keeps a CONNACK's reason
//! string to itself, and takes no TLS connection that is there already.

mod packets;

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use fieldkey_core::Endpoint;
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use zeroize::Zeroizing;

use self::packets::{Heard, NotMqtt, first_packet};
pub(super) use self::packets::{Message, Reason, Version};
use super::refused::Ended;
use super::ways::{Tls, Ways};

const UNSUPPORTED_VERSION: u8 = 0x84;

/// Everything that a connection takes, but for the client ID.
pub(super) struct Dial {
    pub(super) ways: Arc<Ways>,
    pub(super) endpoint: Endpoint,
    pub(super) config: ClientConfig,
    /// How long any one answer is waited for.
    pub(super) patience: Duration,
}

impl Dial {
    /// Speaks MQTT 5 where it is offered, because that explains its refusals, else 3.1.1.
    pub(super) async fn connect(&self, client_id: &str) -> Result<Session, Ended> {
        match self.speaking(Version::V5, client_id).await {
            Err(Ended::Refused(Reason { code: UNSUPPORTED_VERSION, .. }) | Ended::Silently) => {
                self.speaking(Version::V311, client_id).await
            }
            outcome => outcome,
        }
    }

    async fn speaking(&self, version: Version, client_id: &str) -> Result<Session, Ended> {
        let stream = self.ways.reach(&self.endpoint, &self.config).await?;
        Session::open(stream, version, client_id, self.patience).await
    }
}

/// A connection that the other side has let in. Dropped, it says goodbye.
pub(super) struct Session {
    stream: Tls,
    version: Version,
    /// What has come and was not heard yet.
    bytes: Zeroizing<Vec<u8>>,
    inbox: VecDeque<Message>,
    last_id: u16,
    patience: Duration,
}

impl Session {
    async fn open(stream: Tls, version: Version, client_id: &str, patience: Duration) -> Result<Self, Ended> {
        let (bytes, inbox) = Default::default();
        let mut session = Self { stream, version, bytes, inbox, last_id: 0, patience };
        let let_in = async {
            session.send(version.connect(client_id)).await?;
            match session.next().await? {
                Heard::Connected(reason) => granted(reason),
                _ => Err(NotMqtt.into()),
            }
        };
        in_time(patience, let_in).await?;
        Ok(session)
    }

    /// Subscribes to all of them at once, at QoS 1.
    pub(super) async fn subscribe(&mut self, topics: &[&str]) -> Result<(), Ended> {
        let (id, patience) = (self.next_id(), self.patience);
        let subscribed = async {
            self.send(self.version.subscribe(id, topics)).await?;
            loop {
                match self.next().await? {
                    Heard::Subscribed { id: of, reason } if of == id => return granted(reason),
                    _ => {}
                }
            }
        };
        in_time(patience, subscribed).await
    }

    /// Publishes at QoS 1 and waits until the other side has it.
    pub(super) async fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<(), Ended> {
        let (id, patience) = (self.next_id(), self.patience);
        let published = async {
            self.send(self.version.publish(id, topic, payload)).await?;
            loop {
                match self.next().await? {
                    Heard::Taken { id: of, reason } if of == id => return granted(reason),
                    _ => {}
                }
            }
        };
        in_time(patience, published).await
    }

    /// The next message on the topics subscribed to.
    pub(super) async fn message(&mut self) -> Result<Message, Ended> {
        let patience = self.patience;
        let message = async {
            loop {
                if let Some(message) = self.inbox.pop_front() {
                    return Ok(message);
                }
                self.next().await?;
            }
        };
        in_time(patience, message).await
    }

    /// A message that has come already.
    pub(super) fn message_at_hand(&mut self) -> Option<Message> {
        self.inbox.pop_front()
    }

    fn next_id(&mut self) -> u16 {
        self.last_id = self.last_id % u16::MAX + 1;
        self.last_id
    }

    async fn send(&mut self, packet: Option<Zeroizing<Vec<u8>>>) -> Result<(), Ended> {
        let Some(packet) = packet else { return Err(Ended::Broken("the packet is too large".into())) };
        let sent = match self.stream.write_all(&packet).await {
            Ok(()) => self.stream.flush().await,
            Err(error) => Err(error),
        };
        let Err(error) = sent else { return Ok(()) };
        // Whoever hangs up has often said why.
        while self.receive().await? {
            if let Some(Heard::Disconnected(reason)) = self.heard()? {
                return Err(Ended::Refused(reason));
            }
        }
        Err(ended(&error))
    }

    /// The next packet; messages go to the inbox.
    async fn next(&mut self) -> Result<Heard, Ended> {
        loop {
            match self.heard()? {
                Some(Heard::Disconnected(reason)) => return Err(Ended::Refused(reason)),
                Some(Heard::Message { message, id }) => {
                    self.inbox.push_back(message);
                    if id != 0 {
                        let acknowledgement = self.version.acknowledge(id);
                        Box::pin(self.send(acknowledgement)).await?;
                    }
                    return Ok(Heard::Other);
                }
                Some(heard) => return Ok(heard),
                None if self.receive().await? => {}
                None => return Err(Ended::Silently),
            }
        }
    }

    fn heard(&mut self) -> Result<Option<Heard>, NotMqtt> {
        let Some(length) = first_packet(&self.bytes)? else { return Ok(None) };
        let packet: Zeroizing<Vec<u8>> = Zeroizing::new(self.bytes.drain(..length).collect());
        Ok(Some(self.version.hear(&packet)))
    }

    /// False at the end.
    async fn receive(&mut self) -> Result<bool, Ended> {
        self.bytes.reserve(4_096);
        let count = self.stream.read_buf(&mut *self.bytes).await;
        count.map(|count| count > 0).map_err(|error| ended(&error))
    }
}

impl Drop for Session {
    /// Without waiting: a packet as small as DISCONNECT finds room, or the connection is lost anyway. The next one
    /// of the same client ID must not look like an intruder.
    fn drop(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        if let Some(goodbye) = self.version.disconnect() {
            let _ = Pin::new(&mut self.stream).poll_write(&mut context, &goodbye);
        }
        let _ = Pin::new(&mut self.stream).poll_shutdown(&mut context);
    }
}

async fn in_time<T>(patience: Duration, work: impl Future<Output = Result<T, Ended>>) -> Result<T, Ended> {
    timeout(patience, work).await.unwrap_or(Err(Ended::OutOfTime))
}

fn granted(reason: Reason) -> Result<(), Ended> {
    if reason.is_refusal() { Err(Ended::Refused(reason)) } else { Ok(()) }
}

fn ended(error: &io::Error) -> Ended {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
    match (tls, error.kind()) {
        (Some(rustls::Error::AlertReceived(alert)), _) => Ended::Alert(*alert),
        (_, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => Ended::Silently,
        (_, io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => Ended::Silently,
        _ => Ended::Broken(error.to_string()),
    }
}

impl From<NotMqtt> for Ended {
    fn from(NotMqtt: NotMqtt) -> Self {
        Self::NotMqtt
    }
}
