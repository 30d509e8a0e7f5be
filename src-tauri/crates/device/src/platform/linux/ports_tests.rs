use super::super::fixture::Fixture;
use super::*;
use crate::sandbox;

fn paths(fixture: &Fixture) -> Vec<String> {
    let mut paths: Vec<String> = fixture.machine().ports().into_iter().map(|port| port.path).collect();
    paths.sort();
    paths
}

fn only(fixture: &Fixture) -> SerialPort {
    let mut ports = fixture.machine().ports();
    assert_eq!(ports.len(), 1, "{ports:?}");
    ports.remove(0)
}

fn identity(fixture: &Fixture, path: &str) -> Option<String> {
    let ports = fixture.machine().ports();
    ports.into_iter().find(|port| port.path == path).and_then(|port| port.usb?.identity())
}

#[test]
fn a_usb_port_is_listed_with_all_that_tells_it_from_another() {
    let fixture = Fixture::new();
    fixture.usb_device("1-1.4", "1209", "0001", Some("SN-0042")).acm("1-1.4", 0, "ttyACM0");
    let port = only(&fixture);
    assert_eq!((port.path.as_str(), port.label.as_deref()), ("/dev/ttyACM0", Some("Board")));
    let usb = port.usb.expect("USB");
    assert_eq!(usb.identity().as_deref(), Some("1209:0001:SN-0042"));
    assert_eq!((usb.socket.as_deref(), usb.interface), (Some("1-1.4"), Some(0)));
    assert_eq!(port.refused, None);
}

#[test]
fn a_bridge_chip_s_port_hangs_one_folder_deeper() {
    let fixture = Fixture::new();
    fixture.usb_device("1-2", "10c4", "ea60", Some("0001")).bridge("1-2", 0, "ttyUSB0");
    assert_eq!(identity(&fixture, "/dev/ttyUSB0").as_deref(), Some("10c4:ea60:0001"));
}

#[test]
fn two_ports_of_one_device_are_told_apart_by_their_interfaces() {
    let fixture = Fixture::new();
    fixture.usb_device("1-1", "1366", "1055", Some("000960012345"));
    fixture.acm("1-1", 0, "ttyACM0").interface("1-1", 2, "02", "02");
    let first = identity(&fixture, "/dev/ttyACM0");
    assert_eq!(first.as_deref(), Some("1366:1055:000960012345:00"), "its second port is only coming up");
    fixture.acm("1-1", 2, "ttyACM1");
    assert_eq!(identity(&fixture, "/dev/ttyACM1").as_deref(), Some("1366:1055:000960012345:02"));
    fixture.usb_device("1-3", "2c7c", "0125", Some("M1")).bridge("1-3", 2, "ttyUSB2").bridge("1-3", 3, "ttyUSB3");
    assert_eq!(identity(&fixture, "/dev/ttyUSB3").as_deref(), Some("2c7c:0125:M1:03"), "bridges as well");
}

#[test]
fn an_interface_for_data_is_no_second_port() {
    let fixture = Fixture::new();
    fixture.usb_device("1-1", "303a", "1001", Some("34:85:18:AC:2B:10"));
    fixture.acm("1-1", 0, "ttyACM0").interface("1-1", 1, "0a", "02").interface("1-1", 2, "ff", "ff");
    assert_eq!(identity(&fixture, "/dev/ttyACM0").as_deref(), Some("303a:1001:34:85:18:AC:2B:10"));
}

#[test]
fn terminals_without_hardware_are_no_ports() {
    let fixture = Fixture::new();
    fixture.file("sys/class/tty/console/active", "tty0 ttyS1\n");
    for name in ["tty", "tty0", "ptmx", "console"] {
        fixture.file(&format!("sys/class/tty/{name}/uevent"), "").file(&format!("dev/{name}"), "");
    }
    fixture.chip("ttyS0", "4").chip("ttyS1", "4").chip("ttyS2", "0").chip("ttyAMA0", "32");
    assert_eq!(paths(&fixture), ["/dev/ttyAMA0", "/dev/ttyS0"], "neither a console nor a chip that is not there");
    assert_eq!(fixture.machine().ports()[0].usb, None);
}

#[test]
fn a_port_whose_node_is_not_there_yet_is_not_listed() {
    let fixture = Fixture::new();
    fixture.usb_device("1-1", "1209", "0001", None).acm("1-1", 0, "ttyACM0").remove("dev/ttyACM0");
    assert_eq!(paths(&fixture), Vec::<String>::new());
}

#[test]
fn a_port_that_somebody_has_locked_is_busy() {
    let fixture = Fixture::new();
    fixture.usb_device("1-1", "1209", "0001", None).acm("1-1", 0, "ttyACM0");
    let refused = || only(&fixture).refused;
    let lock = "var/lock/LCK..ttyACM0";
    fixture.file("proc/4242/comm", "minicom\n").file(lock, "      4242\n");
    assert_eq!(refused(), Some(Code::PortBusy));
    fixture.file(lock, "      4243\n");
    assert_eq!(refused(), None, "that program is gone, and forgot its lock");
    fixture.bytes(lock, &4242_u32.to_ne_bytes());
    assert_eq!(refused(), Some(Code::PortBusy), "some programs write the number as it is in memory");
    fixture.file(&format!("proc/{}/comm", std::process::id()), "fieldkey\n");
    fixture.file(lock, &std::process::id().to_string());
    assert_eq!(refused(), None, "the lock is our own");
    fixture.file(lock, "nobody\n");
    assert_eq!(refused(), None, "a lock that says nothing");
}

#[test]
fn a_port_that_may_not_be_opened_is_refused() {
    if !sandbox::without_rights(&|| ()) {
        return;
    }
    let fixture = Fixture::new();
    fixture.usb_device("1-1", "1209", "0001", None).acm("1-1", 0, "ttyACM0");
    assert_eq!(only(&fixture).refused, None);
    fixture.mode("dev/ttyACM0", 0);
    assert_eq!(only(&fixture).refused, Some(Code::PortPermission));
    fixture.mode("dev/ttyACM0", 0o400);
    assert_eq!(only(&fixture).refused, Some(Code::PortPermission), "to read is not enough");
}
