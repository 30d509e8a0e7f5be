//! A real broker: <https://mosquitto.org>, as packaged by the system.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::authority::Authority;
use super::closed_port;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Runs until it is dropped.
pub(crate) struct Mosquitto {
    /// TLS, with client certificates of the authority.
    pub(crate) tls: u16,
    pub(crate) plain: u16,
    process: Child,
    folder: PathBuf,
}

impl Mosquitto {
    pub(crate) async fn start(authority: &Authority) -> Self {
        Self::with(authority, "topic readwrite #\ntopic readwrite $aws/#\n").await
    }

    /// `allowed`: topics, in the form of its `acl_file`.
    pub(crate) async fn with(authority: &Authority, allowed: &str) -> Self {
        for _ in 0..5 {
            if let Some(broker) = Self::try_start(authority, allowed).await {
                return broker;
            }
        }
        panic!("mosquitto did not start: is the package `mosquitto` installed?");
    }

    /// `None` if somebody else took one of the ports in between.
    async fn try_start(authority: &Authority, allowed: &str) -> Option<Self> {
        let name = format!("fieldkey-mosquitto-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let (certificate, key) = authority.server("localhost", 2020, 2099);
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (tls, plain) = (closed_port(), closed_port());
        let settings = format!(
            "user root\nallow_anonymous true\nacl_file {}\nlog_type error\n\
             listener {plain} 127.0.0.1\n\
             listener {tls} 127.0.0.1\nrequire_certificate true\ncafile {}\ncertfile {}\nkeyfile {}\n",
            write("acl", allowed),
            write("ca.pem", &authority.pem()),
            write("server.pem", &certificate),
            write("server.key", &key),
        );
        let settings = write("mosquitto.conf", &settings);
        let program = if PathBuf::from("/usr/sbin/mosquitto").exists() { "/usr/sbin/mosquitto" } else { "mosquitto" };
        let mut command = Command::new(program);
        command.args(["-c", &settings]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("the package `mosquitto` is installed");
        let mut broker = Self { tls, plain, process, folder };
        for _ in 0..500 {
            if broker.process.try_wait().unwrap().is_some() {
                return None;
            }
            if [tls, plain].iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()) {
                return Some(broker);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
