use super::*;

fn port(path: &str, serial_number: Option<&str>, socket: &str) -> SerialPort {
    let usb = Usb {
        vendor: 0x1209,
        product: 1,
        serial_number: serial_number.map(str::to_owned),
        interface: Some(0),
        several: false,
        socket: Some(socket.into()),
    };
    SerialPort { path: path.into(), usb: Some(usb), ..SerialPort::default() }
}

fn code_of<T: std::fmt::Debug>(found: Result<T, Failure>) -> (Code, String) {
    let failure = found.expect_err("refused");
    (failure.code, failure.reason)
}

/// The identity that it is known by, if it is by that.
fn device(found: &Pinned) -> Option<&str> {
    match &found.pin {
        Pin::Identity(identity) => Some(identity),
        Pin::Socket { .. } | Pin::Path => None,
    }
}

const OURS: &str = "1209:0001:SN-0042";

#[test]
fn a_device_is_found_by_its_port_and_by_itself() {
    let ports = [port("/dev/ttyACM0", Some("SN-0041"), "1-1"), port("/dev/ttyACM1", Some("SN-0042"), "1-2")];
    for given in ["/dev/ttyACM1", OURS] {
        let found = Pinned::among(given, &ports).expect(given);
        assert_eq!((found.path(), device(&found)), (Path::new("/dev/ttyACM1"), Some(OURS)), "{given}");
        assert_eq!(found.about(), format!("serial:{given}"), "it is called as it was named");
    }
    assert_eq!(code_of(Pinned::among("1209:0001:SN-0043", &ports)).0, Code::TargetGone);
    // A port that Windows does not list may be there all the same: opening it shows.
    if !cfg!(windows) {
        assert_eq!(code_of(Pinned::among("/dev/ttyACM7", &ports)).0, Code::TargetGone);
    }
}

#[test]
fn a_device_plugged_in_elsewhere_is_the_same_device() {
    let found = Pinned::among("/dev/ttyACM0", &[port("/dev/ttyACM0", Some("SN-0042"), "1-1")]).expect("found");
    let again = found.again_among(&[port("/dev/ttyACM3", Some("SN-0042"), "2-4.1")]).expect("the same");
    assert_eq!(again.path(), Path::new("/dev/ttyACM3"));
    assert_eq!(code_of(found.again_among(&[])), (Code::TargetGone, "the device is not plugged in".into()));
}

#[test]
fn a_different_device_on_the_same_port_is_not_taken() {
    let found = Pinned::among("/dev/ttyACM0", &[port("/dev/ttyACM0", Some("SN-0042"), "1-1")]).expect("found");
    let other = [port("/dev/ttyACM0", Some("SN-0043"), "1-1")];
    let refused = (Code::TargetGone, "another device is on that port now".to_owned());
    assert_eq!(code_of(found.again_among(&other)), refused);
    let nameless = [port("/dev/ttyACM0", None, "1-1")];
    assert_eq!(code_of(found.again_among(&nameless)), refused, "one that does not say who it is");
    let chip = [SerialPort { path: "/dev/ttyACM0".into(), ..SerialPort::default() }];
    assert_eq!(code_of(found.again_among(&chip)), refused);
    let found = Pinned::among("/dev/ttyACM0", &chip).expect("found");
    assert_eq!(code_of(found.again_among(&other)), refused, "nor the other way round");
}

#[test]
fn two_devices_at_once_keep_their_names_apart_when_these_are_exchanged() {
    let (a, b) = (port("/dev/ttyACM0", Some("A"), "1-1"), port("/dev/ttyACM1", Some("B"), "1-2"));
    let ports = [a.clone(), b.clone()];
    let first = Pinned::among("/dev/ttyACM0", &ports).expect("A");
    let second = Pinned::among("/dev/ttyACM1", &ports).expect("B");
    let exchanged =
        [SerialPort { path: b.path.clone(), ..a.clone() }, SerialPort { path: a.path.clone(), ..b.clone() }];
    assert_eq!(first.again_among(&exchanged).expect("A").path(), Path::new("/dev/ttyACM1"));
    assert_eq!(second.again_among(&exchanged).expect("B").path(), Path::new("/dev/ttyACM0"));
}

#[test]
fn twins_are_known_by_their_sockets() {
    for serial_number in [None, Some("0001")] {
        let ports = [port("/dev/ttyUSB0", serial_number, "1-1"), port("/dev/ttyUSB1", serial_number, "1-2")];
        let found = Pinned::among("/dev/ttyUSB1", &ports).expect("found");
        assert_eq!(device(&found), None, "the other one has the same identity");
        let renamed = [port("/dev/ttyUSB0", serial_number, "1-2"), port("/dev/ttyUSB1", serial_number, "1-1")];
        assert_eq!(found.again_among(&renamed).expect("found").path(), Path::new("/dev/ttyUSB0"));
        let elsewhere = [port("/dev/ttyUSB1", serial_number, "1-3")];
        assert_eq!(code_of(found.again_among(&elsewhere)).0, Code::TargetGone, "it may be the twin");
    }
    let alike = [port("/dev/ttyUSB0", Some("0001"), "1-1"), port("/dev/ttyUSB1", Some("0001"), "1-2")];
    let (code, why) = code_of(Pinned::among("1209:0001:0001", &alike));
    assert_eq!(code, Code::TargetRefused);
    assert!(why.contains("/dev/ttyUSB0, /dev/ttyUSB1"), "the operator is told how to name one: {why}");
}

#[test]
fn a_twin_that_comes_later_does_not_take_the_place() {
    let ours = port("/dev/ttyUSB0", Some("0001"), "1-1");
    let found = Pinned::among("/dev/ttyUSB0", std::slice::from_ref(&ours)).expect("found");
    let twin = port("/dev/ttyUSB1", Some("0001"), "1-2");
    let again = found.again_among(&[twin.clone(), ours]).expect("it has not moved");
    assert_eq!(again.path(), Path::new("/dev/ttyUSB0"));
    let moved = port("/dev/ttyUSB2", Some("0001"), "1-3");
    assert_eq!(code_of(found.again_among(&[twin, moved])).0, Code::TargetGone, "nobody can say which it is");
}

#[test]
fn one_of_a_device_s_ports_is_not_taken_for_the_other() {
    let of = |path: &str, interface| {
        let mut port = port(path, Some("SN"), "1-1");
        port.usb = port.usb.map(|usb| Usb { interface: Some(interface), several: true, ..usb });
        port
    };
    let found = Pinned::among("/dev/ttyACM1", &[of("/dev/ttyACM0", 0), of("/dev/ttyACM1", 2)]).expect("found");
    assert_eq!(device(&found), Some("1209:0001:SN:02"));
    let exchanged = [of("/dev/ttyACM1", 0), of("/dev/ttyACM0", 2)];
    assert_eq!(found.again_among(&exchanged).expect("found").path(), Path::new("/dev/ttyACM0"));
}
