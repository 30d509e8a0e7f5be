//! TLS before a broker. It reads what the client sends, and does with it what a test wants.

use std::sync::{Arc, Mutex};

use rumqttc::tokio_rustls::TlsAcceptor;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) const ALPN: &[u8] = b"x-amzn-mqtt-ca";

pub(crate) const CONNECT: u8 = 1;
pub(crate) const PUBLISH: u8 = 3;
pub(crate) const SUBSCRIBE: u8 = 8;

/// What is done with a packet.
pub(crate) enum Act {
    Pass,
    Answer(Vec<u8>),
    /// Answers, and hangs up.
    Last(Vec<u8>),
    Cut,
}

/// What a client did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    pub(crate) server_name: Option<String>,
    pub(crate) packets: Vec<Vec<u8>>,
}

type Decide = dyn Fn(&[u8]) -> Act + Send + Sync;

/// Stands until it is dropped.
pub(crate) struct Front {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Front {
    pub(crate) async fn before(broker: u16, config: ServerConfig) -> Self {
        Self::deciding(broker, config, |_| Act::Pass).await
    }

    /// Serves only those who ask for MQTT by ALPN.
    pub(crate) async fn by_alpn(broker: u16, mut config: ServerConfig) -> Self {
        config.alpn_protocols = vec![ALPN.to_vec()];
        Self::before(broker, config).await
    }

    pub(crate) async fn deciding(
        broker: u16,
        config: ServerConfig,
        decide: impl Fn(&[u8]) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, decide): (_, Arc<Decide>) = (Arc::new(Mutex::new(Seen::default())), Arc::new(decide));
        let notes = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut clients = JoinSet::new();
            let config = Arc::new(config);
            while let Ok((client, _)) = listener.accept().await {
                notes.lock().unwrap().connections += 1;
                let served = serve(client, broker, Arc::clone(&config), Arc::clone(&decide), Arc::clone(&notes));
                clients.spawn(served);
            }
        });
        Self { port, seen, task }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    client: TcpStream,
    broker: u16,
    config: Arc<ServerConfig>,
    decide: Arc<Decide>,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    let wanted = config.alpn_protocols.first().cloned();
    let mut client = TlsAcceptor::from(config).accept(client).await.ok()?;
    let asked = client.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    seen.lock().unwrap().server_name = client.get_ref().1.server_name().map(str::to_owned);
    if asked != wanted {
        return None;
    }
    let mut broker = TcpStream::connect(("127.0.0.1", broker)).await.ok()?;
    let (mut bytes, mut answer) = (vec![], vec![0; 8_192]);
    loop {
        tokio::select! {
            count = broker.read(&mut answer) => {
                let count = count.ok().filter(|count| *count > 0)?;
                client.write_all(&answer[..count]).await.ok()?;
                client.flush().await.ok()?;
            }
            count = client.read_buf(&mut bytes) => {
                count.ok().filter(|count| *count > 0)?;
                while let Some(packet) = first_packet(&mut bytes) {
                    seen.lock().unwrap().packets.push(packet.clone());
                    match decide(&packet) {
                        Act::Pass => broker.write_all(&packet).await.ok()?,
                        Act::Answer(answer) => send(&mut client, &answer).await?,
                        Act::Last(answer) => {
                            send(&mut client, &answer).await?;
                            return client.shutdown().await.ok();
                        }
                        Act::Cut => return None,
                    }
                }
            }
        }
    }
}

async fn send(client: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) -> Option<()> {
    client.write_all(bytes).await.ok()?;
    client.flush().await.ok()
}

fn first_packet(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let header = rumqttc::check(bytes.iter(), 1 << 20).ok()?;
    Some(bytes.drain(..header.frame_length()).collect())
}

pub(crate) fn kind(packet: &[u8]) -> u8 {
    packet[0] >> 4
}

/// The version in a CONNECT: 5, or 4 for 3.1.1.
pub(crate) fn version(connect: &[u8]) -> u8 {
    let name = connect.windows(4).position(|four| four == b"MQTT").expect("a CONNECT");
    connect[name + 4]
}

/// The packet ID of a SUBSCRIBE.
pub(crate) fn id_of_subscribe(packet: &[u8]) -> [u8; 2] {
    let start = 1 + packet[1..].iter().position(|byte| byte & 0x80 == 0).expect("a length") + 1;
    [packet[start], packet[start + 1]]
}

pub(crate) fn mentions(packet: &[u8], text: &str) -> bool {
    packet.windows(text.len()).any(|window| window == text.as_bytes())
}
