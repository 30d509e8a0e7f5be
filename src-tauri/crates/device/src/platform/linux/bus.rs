//! Stands for UDisks2, which needs a system bus and real drives: a bus of a test's own, with the service's name on it.

use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use zbus::export::futures_core::Stream;
use zbus::{Connection, MessageStream, ObjectPath, Variant};

/// What the service says to a call.
pub(super) enum Answer {
    Done,
    /// A volume is mounted there.
    At(String),
    No(&'static str),
}

pub(super) const BUSY: Answer = Answer::No("DeviceBusy");

/// A bus of its own with a UDisks2 on it that answers what a test wants.
pub(super) struct Bus {
    daemon: Child,
    address: String,
    calls: Arc<Mutex<Vec<String>>>,
    _folder: TempDir,
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Bus {
    /// `on` does a method's work.
    pub(super) async fn with_udisks(on: impl Fn(&str) -> Answer + Send + 'static) -> Option<Self> {
        let folder = tempfile::tempdir().expect("folder");
        let socket = folder.path().join("bus");
        let address = format!("unix:path={}", socket.display());
        let config = folder.path().join("bus.conf");
        let text = format!(
            "<busconfig><listen>{address}</listen><policy context='default'><allow send_destination='*' eavesdrop='true'/>\
             <allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
        );
        std::fs::write(&config, text).expect("config");
        let daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg(format!("--config-file={}", config.display()))
            // It complains of limits that it does not need.
            .stderr(Stdio::null())
            .spawn();
        let Ok(daemon) = daemon else {
            eprintln!("SKIPPED: there is no dbus-daemon here");
            return None;
        };
        // The socket is there a moment before somebody listens.
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let bus = Self { daemon, address, calls: Arc::default(), _folder: folder };
        let service = bus.connect().await;
        let mut stream = MessageStream::from(&service);
        service.request_name("org.freedesktop.UDisks2").await.expect("name");
        let calls = Arc::clone(&bus.calls);
        tokio::spawn(async move {
            while let Some(Ok(message)) = std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
                let header = message.header();
                let (Some(method), Some(path)) = (header.member(), header.path()) else { continue };
                if message.message_type() != zbus::message::Type::MethodCall {
                    continue;
                }
                let object = path.as_str().rsplit('/').next().unwrap_or_default();
                calls.lock().expect("calls").push(format!("{method} {object}"));
                let answered = match method.as_str() {
                    "Get" => {
                        let drive = ObjectPath::try_from("/org/freedesktop/UDisks2/drives/Ultra").expect("path");
                        service.reply(&header, &Variant::from(drive)).await
                    }
                    method => match on(method) {
                        Answer::Done => service.reply(&header, &()).await,
                        Answer::At(folder) => service.reply(&header, &folder).await,
                        Answer::No(error) => {
                            let error = format!("org.freedesktop.UDisks2.Error.{error}");
                            service.reply_error(&header, error.as_str(), &"no").await
                        }
                    },
                };
                answered.expect("answered");
            }
        });
        Some(bus)
    }

    pub(super) async fn connect(&self) -> Connection {
        zbus::connection::Builder::address(self.address.as_str()).build().await.expect("bus")
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.lock().expect("calls").clone()
    }
}
