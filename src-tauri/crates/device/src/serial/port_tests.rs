use std::path::PathBuf;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;
use crate::sandbox;

const PLAIN: Setup = Setup { baud: 115_200, rts_cts: false };

/// The device's end of a terminal, and the name of ours.
pub(crate) struct Device {
    pub(crate) port: SerialPort,
    pub(crate) path: PathBuf,
}

impl Device {
    pub(crate) fn new() -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("pty");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("pty");
        let path = ptsname(&master, vec![]).expect("name").into_string().expect("utf-8").into();
        Self { port: SerialPort::from(master), path }
    }

    fn open(&self) -> Result<Port, Failure> {
        Port::open(&self.path, "serial:x", PLAIN)
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

fn code(opened: Result<Port, Failure>) -> Code {
    opened.err().expect("refused").code
}

#[test]
fn bytes_of_every_value_go_both_ways_as_they_are() {
    let device = Device::new();
    let mut port = device.open().expect("open");
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(port.send(&bytes, soon()).expect("sent"), bytes.len());
    let mut seen = [0; 256];
    device.port.read_exact(&mut seen).expect("received");
    assert_eq!(seen[..], bytes, "no line end, no control character is anything but a byte");
    device.port.write_all(&bytes).expect("sent");
    let mut received = vec![];
    while received.len() < bytes.len() {
        let mut buffer = [0; 100];
        let read = port.receive(&mut buffer, soon()).expect("received");
        assert!(read > 0, "the rest never came");
        received.extend_from_slice(&buffer[..read]);
    }
    assert_eq!(received, bytes);
}

#[test]
fn waiting_for_bytes_ends_when_the_time_is_over() {
    let device = Device::new();
    let mut port = device.open().expect("open");
    let start = Instant::now();
    let read = port.receive(&mut [0; 8], start + Duration::from_micros(80_500)).expect("nothing");
    let waited = start.elapsed();
    assert_eq!(read, 0);
    assert!((80..500).contains(&waited.as_millis()), "{waited:?}");
}

#[test]
fn sending_to_a_device_that_takes_nothing_ends_when_the_time_is_over_and_so_does_closing() {
    let device = Device::new();
    let mut port = device.open().expect("open");
    let start = Instant::now();
    let mut taken = 0;
    let end = start + Duration::from_millis(200);
    while Instant::now() < end {
        taken += port.send(&[b'x'; 4096], end).expect("sent");
    }
    assert!(taken < 1 << 20, "what nobody reads must not be taken without end: {taken}");
    drop(port);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let read = device.port.read(&mut [0; 1]);
    assert!(read.is_ok(), "the device was there all the time: {read:?}");
}

#[test]
fn a_device_that_goes_away_is_not_connected() {
    let device = Device::new();
    let mut port = device.open().expect("open");
    drop(device);
    let error = port.receive(&mut [0; 8], soon()).expect_err("gone");
    assert_eq!((error.kind(), fault::code(&error)), (ErrorKind::NotConnected, Code::TargetGone));
    let error = port.send(b"x", soon()).expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::NotConnected, "{error}");
}

#[test]
fn a_terminal_without_control_lines_takes_them_for_set() {
    let device = Device::new();
    let mut port = device.open().expect("open");
    port.raise_lines().expect("nothing to do");
    port.rts_cts = true;
    port.raise_lines().expect("nothing to do");
}

#[test]
fn a_port_in_use_is_busy_and_free_again_once_it_is_closed() {
    // Root's right to open what others have for themselves would hide half of this.
    if !sandbox::without_rights(&|| ()) {
        return;
    }
    let device = Device::new();
    let mut port = device.open().expect("open");
    assert_eq!(code(device.open()), Code::PortBusy, "by us");
    let other = std::fs::File::open(&device.path).expect_err("by programs that know of no locks");
    assert!(platform::is_busy(&other), "{other}");
    port.send(b"x", soon()).expect("sent");
    drop(port);
    device.open().expect("it is free again");
}

#[test]
fn root_does_not_get_into_a_port_in_use_either() {
    let device = Device::new();
    let _port = device.open().expect("open");
    assert_eq!(code(device.open()), Code::PortBusy);
}

#[test]
fn a_port_that_may_not_be_opened_says_what_to_do() {
    if !sandbox::without_rights(&|| ()) {
        return;
    }
    use std::os::unix::fs::{PermissionsExt, chown};
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("ttyACM0");
    std::fs::write(&path, "").expect("file");
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode");
    mode(0);
    let failure = Port::open(&path, "serial:x", PLAIN).err().expect("refused");
    assert_eq!((failure.code, failure.about.as_str()), (Code::PortPermission, "serial:x"));
    assert_eq!(failure.reason, "only root may open it");
    // Its owner has fewer rights than its group: that is who we are here.
    mode(0o060);
    if rustix::process::geteuid().is_root() && chown(&path, None, Some(20)).is_ok() {
        let failure = Port::open(&path, "serial:x", PLAIN).err().expect("refused");
        assert!(failure.reason.contains("`dialout`"), "the group of that number, by its name: {}", failure.reason);
    }
}

#[test]
fn what_is_no_port_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("file");
    let open = |path: &Path| code(Port::open(path, "serial:x", PLAIN));
    assert_eq!(open(&file), Code::TargetRefused);
    assert_eq!(open(&folder.path().join("nothing")), Code::TargetGone);
}
