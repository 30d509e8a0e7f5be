//! The two ways to an endpoint: MQTT's own port, and where that is blocked, the web's.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fieldkey_core::{Code, Endpoint, Failure, Why};
use rumqttc::tokio_rustls::TlsConnector;
use rumqttc::tokio_rustls::client::TlsStream;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::refused::Ended;
use super::tls::server_name;
use crate::refusal::{causes, unreachable_host};

pub(super) type Tls = TlsStream<TcpStream>;

/// By this name AWS IoT knows that MQTT with a client certificate is wanted on a port that the web uses.
const ALPN: &[u8] = b"x-amzn-mqtt-ca";

/// Name, TCP and TLS together.
const REACHED_WITHIN: Duration = Duration::from_secs(10);

/// A firewall that swallows everything looks like a slow network: after so long the other way is tried, too.
const HEAD_START: Duration = Duration::from_millis(1_500);

/// One address of several, such as an IPv6 address where IPv6 leads nowhere.
const EACH_ADDRESS: Duration = Duration::from_millis(1_500);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    /// The endpoint's own port.
    Own,
    Alpn,
}

#[derive(Debug)]
pub(super) struct Ways {
    alpn_port: u16,
    /// The way that led there before.
    known: Mutex<HashMap<(String, u16), Way>>,
}

/// What every attempt needs.
struct Goal {
    name: ServerName<'static>,
    addresses: Vec<SocketAddr>,
    own_port: u16,
    alpn_port: u16,
    config: ClientConfig,
}

impl Ways {
    pub(super) fn new(alpn_port: u16) -> Self {
        Self { alpn_port, known: Mutex::default() }
    }

    /// A connection after TLS, before MQTT: two of them never race as the same client.
    pub(super) async fn reach(&self, endpoint: &Endpoint, config: &ClientConfig) -> Result<Tls, Ended> {
        let Endpoint { host, port } = endpoint;
        let name = server_name(host)?;
        let addresses = resolve(host, *port).await?;
        let (own_port, alpn_port) = (*port, self.alpn_port);
        let goal = Goal { name, addresses, own_port, alpn_port, config: config.clone() };
        if own_port == alpn_port {
            return goal.attempt(Way::Alpn).await.map_err(|error| goal.why(host, &[(Way::Alpn, error)]));
        }
        let key = (host.clone(), own_port);
        let first = self.known().get(&key).copied().unwrap_or(Way::Own);
        let second = if first == Way::Own { Way::Alpn } else { Way::Own };
        let (way, stream) = goal.race(first, second).await.map_err(|errors| goal.why(host, &errors))?;
        self.known().insert(key, way);
        Ok(stream)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(String, u16), Way>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Failed = Vec<(Way, io::Error)>;

impl Goal {
    /// The second way is tried once the first seems blocked, and both count until one of them leads there.
    async fn race(&self, first: Way, second: Way) -> Result<(Way, Tls), Failed> {
        let mut one = pin!(self.attempt(first));
        let mut errors = match timeout(HEAD_START, &mut one).await {
            Ok(Ok(stream)) => return Ok((first, stream)),
            Ok(Err(error)) if verdict(&error).is_some() => return Err(vec![(first, error)]),
            Ok(Err(error)) => vec![(first, error)],
            Err(_) => vec![],
        };
        let mut other = pin!(self.attempt(second));
        if errors.is_empty() {
            tokio::select! {
                outcome = &mut one => match outcome {
                    Ok(stream) => return Ok((first, stream)),
                    Err(error) => errors.push((first, error)),
                },
                outcome = &mut other => match outcome {
                    Ok(stream) => return Ok((second, stream)),
                    Err(error) => {
                        let late = one.await.map(|stream| (first, stream));
                        return late.map_err(|slow| vec![(first, slow), (second, error)]);
                    }
                },
            }
        }
        match other.await {
            Ok(stream) => Ok((second, stream)),
            Err(error) => {
                errors.push((second, error));
                Err(errors)
            }
        }
    }

    async fn attempt(&self, way: Way) -> io::Result<Tls> {
        let attempt = async {
            let stream = connect(&self.addresses, self.port(way)).await?;
            stream.set_nodelay(true)?;
            let mut config = self.config.clone();
            if way == Way::Alpn {
                config.alpn_protocols = vec![ALPN.to_vec()];
            }
            let stream = TlsConnector::from(Arc::new(config)).connect(self.name.clone(), stream).await?;
            match way == Way::Alpn && stream.get_ref().1.alpn_protocol() != Some(ALPN) {
                true => Err(io::Error::other("no MQTT is spoken there")),
                false => Ok(stream),
            }
        };
        timeout(REACHED_WITHIN, attempt).await.unwrap_or_else(|_| Err(silence()))
    }

    fn port(&self, way: Way) -> u16 {
        if way == Way::Own { self.own_port } else { self.alpn_port }
    }

    /// What TLS said of either side's certificate tells more than that a port is closed.
    fn why(&self, host: &str, errors: &[(Way, io::Error)]) -> Ended {
        for (way, error) in errors {
            match verdict(error) {
                Some(&rustls::Error::AlertReceived(alert)) => return Ended::Alert(alert),
                Some(_) => {
                    let host = format!("{host}:{}", self.port(*way));
                    let failure = unreachable_host(error, &host);
                    return Ended::Known(if failure.about.is_empty() { failure.about(host) } else { failure });
                }
                None => {}
            }
        }
        let each = |lead: &str, between: &str| {
            let each = errors.iter().map(|(way, error)| format!("{lead} {}: {error}", self.port(*way)));
            each.collect::<Vec<_>>().join(between)
        };
        let why = Why::new(each("port", "; "), each("ポート", "、"));
        Ended::Known(Failure::new(Code::Offline).about(host).because_of(why))
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let offline = |error: io::Error| Failure::new(Code::Offline).about(host).because(error.to_string());
    let found = timeout(REACHED_WITHIN, tokio::net::lookup_host((host, port))).await.unwrap_or_else(|_| Err(silence()));
    Ok(found.map_err(offline)?.collect())
}

async fn connect(addresses: &[SocketAddr], port: u16) -> io::Result<TcpStream> {
    let mut failed = silence();
    for (index, address) in addresses.iter().enumerate() {
        let attempt = TcpStream::connect(SocketAddr::new(address.ip(), port));
        let last = index + 1 == addresses.len();
        let limit = if last { REACHED_WITHIN } else { EACH_ADDRESS };
        match timeout(limit, attempt).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failed = error,
            Err(_) => {}
        }
    }
    Err(failed)
}

/// TLS's own word on a certificate; anything else may be a firewall's doing.
fn verdict(error: &io::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref()).filter(|error| match error {
        rustls::Error::AlertReceived(alert) => *alert != AlertDescription::NoApplicationProtocol,
        rustls::Error::InvalidCertificate(_) => true,
        _ => false,
    })
}

fn silence() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}
