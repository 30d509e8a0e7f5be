//! What is on the line is left as it was found, whatever comes in between. Stands in here: a cancelled run, a modem that
//! hides its functional mode, a Linux shell.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use fieldkey_core::Language;
use fieldkey_simulators::nrf91::{Nrf91 as Modem, Options};
use fieldkey_simulators::{Device, Fault, Faults, Out};

use super::tests::{driver, modem, quiet};
use super::*;
use crate::drivers::bench::{bench, contents, identity, line, slots, write};
use crate::serial::{SimulatedWire, Wire};

/// A wire to whose other end nobody listens any more after so many bytes.
struct Interrupted {
    wire: SimulatedWire<Modem>,
    left: usize,
    stopped: Arc<AtomicBool>,
}

impl Wire for Interrupted {
    fn now(&self) -> Instant {
        self.wire.now()
    }

    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<usize> {
        // What is carried on with is not counted.
        if self.left == 0 {
            return self.wire.send(bytes, until);
        }
        let taken = self.wire.send(&bytes[..bytes.len().min(self.left)], until)?;
        self.left -= taken;
        self.stopped.store(self.left == 0, Ordering::Release);
        Ok(taken)
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        self.wire.receive(buffer, until)
    }
}

#[test]
fn wherever_a_run_is_interrupted_the_modem_is_left_as_it_was_found() {
    for (old, functional) in [(false, 1), (true, 1), (false, 4), (true, 4)] {
        for after in (1..140).chain((140..1200).step_by(53)) {
            let bench = modem(Options { old, functional, ..quiet() });
            let (wire, stopped) = (SimulatedWire(Arc::clone(&bench)), Arc::<AtomicBool>::default());
            let wire = Interrupted { wire, left: after, stopped: Arc::clone(&stopped) };
            let (mut line, mut driver) = (Line::new(Box::new(wire), "serial:simulated", stopped), driver(&[]));
            let done = driver.greet(&mut line).and_then(|_| write(&mut driver, &mut line, &contents(&identity(1))));
            assert_eq!(done.map_err(|failure| failure.code), Err(Code::Interrupted), "{after} bytes");
            line.carry_on();
            driver.leave(&mut line);
            let place = format!("old {old}, after {after} bytes");
            {
                let bench = bench.lock().expect("bench");
                assert_eq!((bench.device.functional(), bench.device.numbers_errors()), (functional, false), "{place}");
            }
            if driver.link.is_found() {
                line.discard();
                line.send(b"AT\r\n", WITHIN).expect("sent");
                let answer = line.until(b"OK\r\n", WITHIN).expect("heard");
                assert!(answer.is_some(), "the next command is taken for what it is: {place}");
            }
        }
    }
}

#[test]
fn a_modem_whose_answer_to_being_switched_off_is_lost_is_switched_on_again() {
    let bench = modem(quiet());
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    let heard = "AT+CFUN?\r\n+CFUN: 1\r\nOK\r\nAT+CFUN=4\r\n".len() as u64;
    bench.lock().expect("bench").fail(&Faults(vec![(heard, Fault::Cut)]));
    let failure = write(&mut driver, &mut line, &contents(&identity(1))).expect_err("a cable with a break");
    assert_eq!(failure.code, Code::DeviceSilent);
    assert_eq!(bench.lock().expect("bench").device.functional(), 4, "it did hear that");
    bench.lock().expect("bench").mend();
    driver.leave(&mut line);
    let bench = bench.lock().expect("bench");
    assert_eq!((bench.device.functional(), bench.device.numbers_errors()), (1, false));
}

/// A modem that does not say what its functional mode is.
struct Reticent(Modem, Vec<u8>);

impl Device for Reticent {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        self.1.push(byte);
        if self.1.ends_with(b"AT+CFUN?\r") {
            out.say("OK\r\n");
            // The rest of it is an empty command.
            (0..9).for_each(|_| self.0.receive(0x7f, out));
            return;
        }
        self.0.receive(byte, out);
    }

    fn reboot(&mut self, out: &mut Out) {
        self.0.reboot(out);
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.stored()
    }
}

#[test]
fn a_modem_that_does_not_say_whether_it_is_active_is_not_switched_off() {
    let bench = bench(Reticent(Modem::new(1, quiet()), vec![]));
    let (mut line, mut driver) = (line(&bench), driver(&[]));
    driver.greet(&mut line).expect("a modem");
    let failure = write(&mut driver, &mut line, &contents(&identity(1))).expect_err("no way back");
    assert_eq!(failure.code, Code::DeviceRejected, "{failure}");
    assert!(failure.reason.contains("AT+CFUN?"), "{failure}");
    assert_eq!(bench.lock().expect("bench").device.0.functional(), 1);
}

/// A shell as on Linux, which asks for the rest of a text in quotes.
struct Linux(Vec<u8>);

impl Device for Linux {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        self.0.push(byte);
        if byte == b'\r' {
            let quoted = self.0.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            out.say(if quoted { "\r\n> " } else { "AT\r\n-sh: AT: not found\r\n~ # " });
        }
    }

    fn reboot(&mut self, _: &mut Out) {}

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::new()
    }
}

#[test]
fn a_linux_shell_is_not_left_with_an_open_quote() {
    for settings in [&[][..], &[("shell", "no")], &[("term", "cr")]] {
        let bench = bench(Linux(vec![]));
        let (mut line, mut driver) = (line(&bench), driver(settings));
        let greeted = driver.greet(&mut line).map_err(|failure| failure.code);
        assert_eq!(greeted, Err(Code::DeviceRejected), "{settings:?}");
        driver.leave(&mut line);
        assert!(!bench.lock().expect("bench").device.0.contains(&b'"'), "{settings:?}");
    }
}

#[test]
fn content_that_would_end_the_command_is_refused_before_a_byte_of_it_is_sent() {
    let shell = || Some("mosh:~$ ".to_owned());
    for (byte, shell, refused) in [('"', None, true), ('"', shell(), true), ('\'', shell(), true), ('\'', None, false)]
    {
        let bench = modem(Options { shell, checks_content: false, ..quiet() });
        let (mut line, mut driver) = (line(&bench), driver(&[]));
        driver.greet(&mut line).expect("a modem");
        let mut contents = contents(&identity(1));
        let ca = contents.iter_mut().find(|content| content.part == Part::Ca).expect("a CA");
        ca.bytes.splice(0..0, format!("# {byte}Root{byte}\n").into_bytes());
        let before = bench.lock().expect("bench").traffic();
        let written = slots(&mut driver).write(&mut line, ca);
        if refused {
            let failure = written.expect_err("a quote");
            assert_eq!(failure.code, Code::DeviceRejected, "{byte}");
            assert!(failure.reason.contains("sec_tag 42, type 0") && failure.reason.contains(byte), "{failure}");
            assert_ne!(failure.why(Language::English), failure.why(Language::Japanese));
            assert_eq!(bench.lock().expect("bench").traffic(), before, "nothing passed");
        } else {
            assert_eq!(written, Ok(()), "{byte} is a letter like any other to a host");
        }
    }
}
