use std::os::unix::fs::MetadataExt;
use std::pin::Pin;
use std::process::Child;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use zbus::export::futures_core::Stream;
use zbus::{MessageStream, ObjectPath, Variant};

use super::super::fixture::Fixture;
use super::*;
use crate::sandbox;

/// A bus of its own with a UDisks2 on it that answers what a test wants.
struct Bus {
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
    /// `on` does a method's work; false answers with an error.
    async fn with_udisks(on: impl Fn(&str) -> bool + Send + 'static) -> Option<Self> {
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
                    method if on(method) => service.reply(&header, &()).await,
                    _ => service.reply_error(&header, "org.freedesktop.UDisks2.Error.DeviceBusy", &"no").await,
                };
                answered.expect("answered");
            }
        });
        Some(bus)
    }

    async fn connect(&self) -> Connection {
        zbus::connection::Builder::address(self.address.as_str()).build().await.expect("bus")
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().expect("calls").clone()
    }
}

/// A stick that is mounted at a folder which really exists.
fn stick(others: &[&str]) -> (Arc<Fixture>, PathBuf, TempDir) {
    let folder = tempfile::tempdir().expect("folder");
    let point = folder.path().canonicalize().expect("folder");
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8);
    let own = format!("8:1 {} vfat /dev/sdb1", point.display());
    let mounts = ["259:2 / ext4 /dev/nvme0n1p2", &own];
    fixture.mounts(&[&mounts[..], others].concat());
    (Arc::new(fixture), point, folder)
}

/// What is left in the mount table once the stick is unmounted.
fn unmounted(fixture: &Arc<Fixture>, rest: &'static [&'static str]) -> impl Fn(&str) -> bool + Send + use<> {
    let fixture = Arc::clone(fixture);
    move |method| {
        if method == "Unmount" {
            fixture.mounts(rest);
        }
        true
    }
}

#[tokio::test]
async fn a_stick_is_unmounted_and_ejected() {
    let (fixture, point, _folder) = stick(&[]);
    let Some(bus) = Bus::with_udisks(unmounted(&fixture, &["259:2 / ext4 /dev/nvme0n1p2"])).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("released"), Release::Ejected);
    assert_eq!(bus.calls(), ["Unmount sdb1", "Get sdb1", "Eject Ultra"]);
}

#[tokio::test]
async fn a_drive_with_nothing_to_eject_is_switched_off() {
    let (fixture, point, _folder) = stick(&[]);
    let unmount = unmounted(&fixture, &[]);
    let Some(bus) = Bus::with_udisks(move |method| method != "Eject" && unmount(method)).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("released"), Release::Ejected);
    assert_eq!(bus.calls().last().map(String::as_str), Some("PowerOff Ultra"));
}

#[tokio::test]
async fn a_drive_in_use_is_flushed_and_no_failure() {
    let (fixture, point, _folder) = stick(&[]);
    let Some(bus) = Bus::with_udisks(|_| false).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("it was written and read back"), Release::Flushed);
    assert_eq!(bus.calls(), ["Unmount sdb1"], "what is mounted is not ejected");
}

#[tokio::test]
async fn a_second_volume_in_use_keeps_the_drive_from_being_safe() {
    let (fixture, point, _folder) = stick(&["8:0 /media/SECOND vfat /dev/sdb"]);
    let unmount = unmounted(&fixture, &["8:0 /media/SECOND vfat /dev/sdb"]);
    let Some(bus) = Bus::with_udisks(unmount).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("released"), Release::Flushed);
}

#[tokio::test]
async fn a_folder_is_left_alone() {
    let (fixture, point, _folder) = stick(&[]);
    let sub = point.join("device");
    std::fs::create_dir(&sub).expect("folder");
    let nobody = || async { panic!("nobody is to be asked") };
    let machine = fixture.machine();
    assert_eq!(machine.release(&sub, nobody()).await.expect("released"), Release::Flushed, "it is on a stick");
    assert_eq!(machine.release(Path::new("/srv"), nobody()).await.expect("released"), Release::Folder);
    fixture.mounts(&[&format!("8:1 {} ext4 /dev/sdb1", point.display()), "8:1 / ext4 /dev/sdb1"]);
    assert_eq!(machine.release(&point, nobody()).await.expect("released"), Release::Folder, "the system's own disk");
}

#[tokio::test]
async fn root_unmounts_where_there_is_no_udisks() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).link("proc/self/mountinfo", "/proc/self/mountinfo");
    let device = folder.metadata().expect("folder").dev();
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    fixture.link(&format!("sys/dev/block/{number}"), "../../class/block/sdb1");
    std::fs::write(folder.join("file"), "text").expect("file");

    let open = File::open(folder.join("file")).expect("file");
    let released = fixture.machine().release(&folder, async { None }).await;
    assert_eq!(released.expect("released"), Release::Flushed, "a file on it is open");
    drop(open);
    let released = fixture.machine().release(&folder, async { None }).await;
    assert_eq!(released.expect("released"), Release::Ejected);
    assert!(!folder.join("file").exists(), "it must really be unmounted");
}

#[tokio::test]
async fn a_drive_that_is_gone_is_an_error() {
    let (fixture, point, folder) = stick(&[]);
    drop(folder);
    let released = fixture.machine().release(&point, async { None }).await;
    assert_eq!(released.expect_err("gone").kind(), io::ErrorKind::NotFound);
}
