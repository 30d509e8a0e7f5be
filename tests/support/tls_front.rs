//! TLS before the local cloud, with a certificate authority of our own; and a CONNECT proxy that leads to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) struct TlsFront {
    pub(crate) url: String,
    /// The authority that vouches for it.
    pub(crate) ca: String,
}

impl TlsFront {
    /// Speaks TLS and passes what it hears on to this port of loopback.
    pub(crate) fn before(port: u16) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &issuer).expect("signed");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .expect("the key fits");
        let config = Arc::new(config);
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
        let url = format!("https://localhost:{}", listener.local_addr().expect("bound").port());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                // A client that does not trust us hangs up.
                thread::spawn(move || serve(client, port, config));
            }
        });
        Self { url, ca: issuer.pem() }
    }
}

/// One request and its answer.
fn serve(client: TcpStream, port: u16, config: Arc<ServerConfig>) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut client = StreamOwned::new(connection, client);
    let mut request = Vec::new();
    let mut buffer = [0; 8192];
    let (head, length) = loop {
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            break (end + 4, length.and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0));
        }
    };
    while request.len() < head + length {
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&buffer[..count]);
    }
    let mut cloud = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let close = b"\r\nconnection: close";
    request.splice(head - 4..head - 4, close.iter().copied());
    cloud.write_all(&request).ok()?;
    let mut answer = Vec::new();
    cloud.read_to_end(&mut answer).ok()?;
    client.write_all(&answer).ok()?;
    client.conn.send_close_notify();
    client.flush().ok()
}

/// A company's proxy: tunnels CONNECT, and counts.
pub(crate) struct ConnectProxy {
    pub(crate) url: String,
    pub(crate) tunnels: Arc<AtomicU32>,
    pub(crate) hosts: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
        let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("bound").port());
        let proxy = Self { url, tunnels: Arc::default(), hosts: Arc::default() };
        let (tunnels, hosts) = (Arc::clone(&proxy.tunnels), Arc::clone(&proxy.hosts));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (tunnels, hosts) = (Arc::clone(&tunnels), Arc::clone(&hosts));
                thread::spawn(move || tunnel(client, &tunnels, &hosts));
            }
        });
        proxy
    }
}

fn tunnel(client: TcpStream, tunnels: &AtomicU32, hosts: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let host = first.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 || line == "\r\n" {
            break;
        }
    }
    // Only this machine is reached through it.
    let port: u16 = host.strip_prefix("localhost:")?.parse().ok()?;
    let server = TcpStream::connect(("127.0.0.1", port)).ok()?;
    server.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    hosts.lock().ok()?.push(host);
    tunnels.fetch_add(1, Ordering::SeqCst);
    let mut client = client;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let (mut from_server, mut to_client) = (server.try_clone().ok()?, client.try_clone().ok()?);
    let back = thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
    let mut server = server;
    std::io::copy(&mut client, &mut server).ok();
    server.shutdown(std::net::Shutdown::Write).ok();
    back.join().ok()?.ok().map(drop)
}
