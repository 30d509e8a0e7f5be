//! Stands for a board whose firmware has the C reference of `docs/device-protocol.md` in it: that very C, as a process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::{Chance, Device, Out};

/// A pause after which the C gives a frame up, less a little.
const PAUSE: Duration = Duration::from_millis(50);

/// How the process is made and behaves.
#[derive(Clone, Copy, Debug)]
pub struct Frames {
    /// The largest payload that it takes, in bytes.
    pub payload: usize,
    /// Storing takes 12 seconds and a key 40, in which it says that it is busy.
    pub slow: bool,
    /// Memory errors and undefined behaviour end it.
    pub sanitized: bool,
    /// It logs between frames and, rarely, in the middle of one.
    pub logs: Option<u64>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { payload: 1024, slow: false, sanitized: false, logs: None }
    }
}

type Keys = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// The process, moved on in lockstep: it does nothing but when it is asked.
pub struct Framed {
    // Asking what is stored changes nothing, but speaks with the process.
    process: RefCell<Process>,
    /// What came in and was not handed on: it needs more before it can answer.
    waiting: Vec<u8>,
    /// When the last of it came.
    heard: Duration,
    now: Duration,
    wanted: usize,
    logs: Option<Chance>,
    keys: Keys,
    /// What was stored after each cut of the power that was asked for.
    pub after_cuts: Vec<BTreeMap<String, Vec<u8>>>,
}

struct Process {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Process {
    fn put(&mut self, kind: u8, time: Duration, bytes: &[u8]) {
        let mut record = vec![kind];
        record.extend(u32::try_from(time.as_millis()).unwrap().to_be_bytes());
        record.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        record.extend(bytes);
        self.to.write_all(&record).expect("the C reference runs");
    }

    fn get(&mut self) -> (u8, u32, Vec<u8>) {
        let mut head = [0; 9];
        self.from.read_exact(&mut head).expect("the C reference answers");
        let number = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
        let mut bytes = vec![0; number(5) as usize];
        self.from.read_exact(&mut bytes).expect("the C reference answers");
        (head[0], number(1), bytes)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Framed {
    pub fn new(frames: Frames) -> Self {
        let path = if frames.sanitized {
            concat!(env!("OUT_DIR"), "/framed-sanitized")
        } else {
            concat!(env!("OUT_DIR"), "/framed")
        };
        let mut command = Command::new(path);
        command.arg(frames.payload.to_string()).args(frames.slow.then_some("slow"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the C reference starts");
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let process = RefCell::new(Process { child, to, from });
        let logs = frames.logs.map(Chance::new);
        let (waiting, heard, now) = (vec![], Duration::ZERO, Duration::ZERO);
        Self { process, waiting, heard, now, wanted: 1, logs, keys: Box::new(csr), after_cuts: vec![] }
    }

    /// Has CSRs made by this function from the subject; it returns DER, or nothing when no key can be made.
    pub fn keys_by(mut self, keys: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        self.keys = Box::new(keys);
        self
    }

    /// Cuts the power while the index is programmed: in the n-th of the moments that matter.
    pub fn cut_power_at(&mut self, moment: u32) {
        self.step(b'c', Duration::from_millis(moment.into()), &[], &mut Out::default());
    }

    /// How often these bytes stand in its flash, its receive buffer and its reply buffer, in use or not.
    pub fn times_held(&self, bytes: &[u8]) -> u32 {
        let mut process = self.process.borrow_mut();
        process.put(b'f', self.heard, bytes);
        let (kind, times, _) = process.get();
        assert_eq!((kind, process.get().0), (b'f', b'e'), "one number, then the end");
        times
    }

    /// Carries a record out to its end.
    fn step(&mut self, kind: u8, time: Duration, bytes: &[u8], out: &mut Out) {
        let mut cut = false;
        self.process.get_mut().put(kind, time, bytes);
        loop {
            match self.process.get_mut().get() {
                (b'o', delay, frame) => self.say(delay, &frame, out),
                (b'k', _, subject) => {
                    let csr = (self.keys)(&subject);
                    self.process.get_mut().put(b'k', self.heard, &csr);
                }
                (b'c', ..) => cut = true,
                (b'e', wanted, _) => {
                    self.wanted = wanted as usize;
                    break;
                }
                (other, ..) => panic!("no record begins with {other}"),
            }
        }
        if cut {
            self.after_cuts.push(self.stored());
        }
    }

    fn say(&mut self, delay: u32, frame: &[u8], out: &mut Out) {
        let Some(chance) = &mut self.logs else {
            return out.after(Duration::from_millis(delay.into()), frame);
        };
        if chance.below(2) == 0 {
            out.say(LOGS[chance.below(LOGS.len() as u64) as usize]);
        }
        let middle = (chance.below(16) == 0).then(|| chance.below(frame.len() as u64) as usize);
        let (start, end) = frame.split_at(middle.unwrap_or(frame.len()));
        out.after(Duration::from_millis(delay.into()), start);
        if middle.is_some() {
            out.say(LOGS[0]);
        }
        out.say(end);
    }

    fn hand_on(&mut self, out: &mut Out) {
        let waiting = std::mem::take(&mut self.waiting);
        self.step(b'b', self.heard, &waiting, out);
    }
}

const LOGS: [&[u8]; 4] = [
    b"[00:00:12.402,000] <inf> wifi: rssi -61\r\n",
    "\x1b[0;32mI (812) réseau: 接続中\x1b[0m\n".as_bytes(),
    // A boot ROM at another speed, with what looks like the beginning of a frame.
    b"\xf5\xff\x00\xf5\xfa\x81\x00\x10\xf5",
    b".",
];

impl Device for Framed {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        self.now = out.at();
        // What came before the pause is handed on with its own time, so that the C sees the pause.
        if !self.waiting.is_empty() && self.now - self.heard > PAUSE {
            self.hand_on(out);
        }
        self.heard = self.now;
        self.waiting.push(byte);
        if self.waiting.len() >= self.wanted {
            self.hand_on(out);
        }
    }

    fn reboot(&mut self, out: &mut Out) {
        self.waiting.clear();
        self.step(b'r', self.heard, &[], out);
        out.after(Duration::from_millis(300), b"\x00\xffets Jul 29 2019\r\nrst:0x1 (POWERON_RESET)\r\nready\r\n");
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        let mut process = self.process.borrow_mut();
        process.put(b's', self.heard, &[]);
        let (mut stored, mut name) = (BTreeMap::new(), String::new());
        loop {
            match process.get() {
                (b'n', _, bytes) => name = String::from_utf8(bytes).expect("a name"),
                (b'v', _, bytes) => drop(stored.insert(std::mem::take(&mut name), bytes)),
                (b'e', ..) => return stored,
                (other, ..) => panic!("no record begins with {other}"),
            }
        }
    }
}

/// A key of P-256 and its CSR, as DER. The subject is a row of: attribute, length, text.
fn csr(mut subject: &[u8]) -> Vec<u8> {
    let mut name = DistinguishedName::new();
    while let [attribute, length, rest @ ..] = subject {
        let (value, behind) = rest.split_at((*length).into());
        let kind = match attribute {
            1 => DnType::CommonName,
            2 => DnType::CountryName,
            3 => DnType::StateOrProvinceName,
            4 => DnType::LocalityName,
            5 => DnType::OrganizationName,
            6 => DnType::OrganizationalUnitName,
            _ => return vec![],
        };
        name.push(kind, std::str::from_utf8(value).expect("UTF-8"));
        subject = behind;
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.serialize_request(&KeyPair::generate().expect("a key")).expect("a CSR").der().to_vec()
}
